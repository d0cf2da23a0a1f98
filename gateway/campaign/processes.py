"""Processes of the gateway, begun as an operator begins them, and killed as nobody should."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from gateway.campaign.ground import Stuck
from gateway.wiring import Addresses

READY_SECONDS = 60
LOOK_SECONDS = 0.05
TAIL_CHARACTERS = 2_000


class Process:
    """One process; what it says goes to its log."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path, began_at: int) -> None:
        self._process = process
        self._log = log
        self._began_at = began_at

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._process.returncode is not None

    async def ready(self, word: str) -> str:
        """What follows the word, once a line begins with it. Raises `Stuck`."""
        for _ in range(int(READY_SECONDS / LOOK_SECONDS)):
            for line in self.said().splitlines():
                if line.startswith(word):
                    return line.removeprefix(word)
            if self.ended:
                break
            await asyncio.sleep(LOOK_SECONDS)
        raise Stuck(f"a process did not start: {self.said()[-TAIL_CHARACTERS:]}")

    def said(self) -> str:
        """All that it has said."""
        with self._log.open("rb") as log:
            log.seek(self._began_at)
            return log.read().decode(errors="replace")

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        if not self.ended:
            self._process.kill()
        await self._process.wait()

    async def ended_by_itself(self) -> None:
        """Return when it is gone."""
        await self._process.wait()


async def begin(
    arguments: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Process:
    """`python -m ARGUMENTS`; nothing of our own settings leaks in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    with log.open("ab") as output:
        began_at = output.tell()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**kept, **(environment or {})},
        )
    return Process(process, log, began_at)


def environment_of(addresses: Addresses) -> dict[str, str]:
    """How a process finds the servers."""
    spill = {"GATEWAY_SPILL_DIR": str(addresses.spill)} if addresses.spill else {}
    return {
        "GATEWAY_DATABASE_URL": addresses.database_url,
        "GATEWAY_REDIS_URL": addresses.redis_url,
        "GATEWAY_SECRET_KEY": addresses.secret,
        **spill,
    }
