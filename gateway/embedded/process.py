"""Server processes: begun under another account, tied to our life, ended within a bound."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from gateway.embedded import launch
from gateway.embedded.account import Account
from gateway.embedded.errors import EmbeddedError
from gateway.embedded.folder import Log

POLL_SECONDS = 0.01
READY_SECONDS = 30
ORPHAN_SECONDS = 15
KILL_SECONDS = 5
# nothing of ours leaks in: no PG*, no LC_*, no TZ, no library path
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Home:
    """A server's own folder, and the name by which the server itself can reach it.

    Where the account cannot pass the parents (below /root, say), the server gets the folder as an
    open handle: data stay in place and no permission that we did not set is changed.
    """

    path: Path
    closed: bool

    @classmethod
    def of(cls, path: Path, account: Account) -> Self:
        """The home at `path`, which exists."""
        closed = not account.reaches(path)
        if closed and not Path("/proc/self/fd").exists():
            raise EmbeddedError(
                f"the servers' account (uid {account.uid}) cannot reach {path}: choose a data "
                "folder whose parents are open, or run the gateway as an ordinary account"
            )
        return cls(path, closed)

    @property
    def name(self) -> str:
        """The folder's path as the server must spell it."""
        return f"/proc/self/fd/{launch.FOLDER_HANDLE}" if self.closed else str(self.path)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a server is asked to end, and how long it may take until it is told more firmly."""

    signal: signal.Signals
    seconds: int


@dataclass(frozen=True, slots=True)
class Child:
    """A server that we started."""

    name: str
    process: subprocess.Popen[bytes]
    log: Log
    endings: tuple[Ending, ...]

    def wait_ready(self, answers: Callable[[], bool], hint: str = "") -> None:
        """Waits until the server answers; EmbeddedError with the end of its log if it does not."""
        deadline = time.monotonic() + READY_SECONDS
        while not answers():
            ended = self.process.poll() is not None
            if ended or time.monotonic() > deadline:
                what = "ended" if ended else f"did not answer within {READY_SECONDS} seconds"
                raise EmbeddedError(f"{self.name} {what}: {self.log.tail()}\n{hint}".rstrip())
            time.sleep(POLL_SECONDS)


def spawn(
    command: Sequence[str | Path], account: Account, home: Home, log: Log, on_parent_death: int
) -> subprocess.Popen[bytes]:
    """Begins `command` as `account`; it gets `on_parent_death` when we end, however we end.

    The kernel ties that to the thread that began it, hence the main thread alone may.
    """
    if threading.current_thread() is not threading.main_thread():
        raise EmbeddedError("the embedded servers can be started from the main thread only")
    identity = (account.uid, account.gid) if account.switched else (-1, -1)
    words = [*identity, int(on_parent_death), os.getpid(), home.path if home.closed else ""]
    launcher = [sys.executable, "-I", "-S", launch.__file__, *(str(word) for word in words)]
    return subprocess.Popen(  # noqa: S603  fixed programs, without a shell
        [*launcher, *command],
        stdin=subprocess.DEVNULL,
        stdout=log.file,
        stderr=log.file,
        env=ENVIRONMENT,
        cwd="/",
        # a Ctrl-C at the terminal is for the gateway, which ends them when it is done
        start_new_session=True,
    )


def stop(children: Sequence[Child]) -> None:
    """Ends all of them side by side, politely first; returns when none is left."""
    for stage in range(max((len(child.endings) for child in children), default=0)):
        asked = [child for child in children if stage < len(child.endings)]
        for child in asked:
            child.process.send_signal(child.endings[stage].signal)
        for child in asked:
            try:
                child.process.wait(child.endings[stage].seconds)
            except subprocess.TimeoutExpired:
                continue
    for child in children:
        if child.process.poll() is None:
            child.process.kill()
            child.process.wait(KILL_SECONDS)


def orphans(key: str, account: Account) -> list[int]:
    """Servers with `key` in their command line: those of a data folder, whoever began them."""
    return [
        int(place.name)
        for place in Path("/proc").glob("[0-9]*")
        if key.encode() in (words := command_line(int(place.name)))
        and any(name in words for name in (b"postgres", b"valkey", b"redis"))
        and _owner(place) == account.uid
    ]


def command_line(pid: int) -> bytes:
    """What a process was started with; empty when there is none (any more)."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def outlive_orphans(key: str, account: Account) -> None:
    """Waits for the servers of a killed gateway, which are shutting down, and then kills them."""
    deadline = time.monotonic() + ORPHAN_SECONDS
    while orphans(key, account) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    for pid in orphans(key, account):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + KILL_SECONDS
    while left := orphans(key, account):
        if time.monotonic() > deadline:
            raise EmbeddedError(f"servers of an earlier gateway do not end: processes {left}")
        time.sleep(POLL_SECONDS)


def _owner(place: Path) -> int:
    try:
        return place.stat().st_uid
    except OSError:
        return -1
