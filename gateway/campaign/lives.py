"""Victims as the campaign sees them: one after another, what each said, and how it ended."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gateway.campaign.victim import Life
from gateway.wiring import Addresses

READY_SECONDS = 60
ENDING_SECONDS = 120
LINE_BYTES_MAX = 1_024 * 1_024


class Lost(Exception):  # noqa: N818  told to whoever runs the campaign
    """The template has ended, or says nothing any more; its log says why."""


@dataclass(slots=True)
class Ended:
    """How a life ended, its exit code, below 0 the signal, and what was said before."""

    code: int | None = None
    answered: list[int] = field(default_factory=list[int])
    passed: set[str] = field(default_factory=set[str])
    counted: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def killed(self) -> bool:
        """Whether it died by SIGKILL."""
        return self.code == -signal.SIGKILL


class Lives:
    """One life at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def live(self, life: Life) -> Ended:
        """One life to its end. Raises `Lost`."""
        if self._process.stdin is None:
            raise Lost("the template has no input")
        self._process.stdin.write(json.dumps(asdict(life)).encode() + b"\n")
        ended = Ended()
        try:
            async with asyncio.timeout(life.seconds + ENDING_SECONDS):
                while ended.code is None:
                    _note(ended, await self.heard())
        except TimeoutError:
            raise Lost("a victim hangs") from None
        return ended

    async def heard(self) -> tuple[str, Any]:
        """The next thing that is said. Raises `Lost`."""
        line = await self._process.stdout.readline() if self._process.stdout else b""
        if not line:
            raise Lost("the template that victims are forked from has ended")
        what, it = json.loads(line)
        return what, it


@contextlib.asynccontextmanager
async def lives(
    addresses: Addresses, folder: Path, keys: Mapping[str, str]
) -> AsyncGenerator[Lives]:
    """A template while the block runs; its log is `victims.log` in the folder.

    `keys`: environment variables with the providers' keys.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    with (folder / "victims.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gateway.campaign.template"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            limit=LINE_BYTES_MAX,
            env={
                **kept,
                **keys,
                "GATEWAY_DATABASE_URL": addresses.database_url,
                "GATEWAY_REDIS_URL": addresses.redis_url,
                "GATEWAY_SECRET_KEY": addresses.secret,
                "GATEWAY_SPILL_DIR": str(folder / "spill"),
            },
        )
    made = Lives(process)
    try:
        await asyncio.wait_for(made.heard(), READY_SECONDS)
        yield made
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


def _note(ended: Ended, said: tuple[str, Any]) -> None:
    match said:
        case "ended", code:
            ended.code = int(code)
        case "answered", orders:
            ended.answered += orders
        case "passed", name:
            ended.passed.add(name)
        case "counted", passages:
            ended.counted = passages
        case _:
            raise Lost(f"a victim said {said[0]!r}")
