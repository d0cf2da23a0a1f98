"""Our own PostgreSQL killed and begun again on the same folder, for campaigns that need that.

Like `supervisor.start` for the main thread only: the server's life is tied to it.
"""

import os
import signal
from pathlib import Path

from gateway.embedded import binaries, copies, postgres, process
from gateway.embedded.account import account_for
from gateway.embedded.errors import EmbeddedError
from gateway.embedded.folder import DataFolder


def kill_database(folder: Path) -> None:
    """SIGKILL to the postmaster that runs on a data folder. Raises EmbeddedError without one."""
    data = DataFolder(folder.resolve())
    try:
        number = int((data.postgres / "postmaster.pid").read_text().partition("\n")[0])
    except (OSError, ValueError) as error:
        raise EmbeddedError(f"no PostgreSQL runs on {folder}: {error}") from error
    if postgres.cluster_name(data).encode() not in process.command_line(number):
        raise EmbeddedError(f"process {number} is no PostgreSQL of {folder}")
    os.kill(number, signal.SIGKILL)


def left(folder: Path) -> list[int]:
    """Processes of the database that still live: after a kill they end by themselves."""
    data = DataFolder(folder.resolve())
    account = account_for(data.postgres, data.path)
    servers = process.orphans(data.key, account)
    return [pid for pid in servers if b"postgres" in process.command_line(pid)]


def begin_database(folder: Path, sockets: Path, *, durable: bool) -> process.Child:
    """Begins it again, once nothing of it is `left`; it is not ready before it `answers`."""
    data = DataFolder(folder.resolve())
    account = account_for(data.postgres, data.path)
    program = binaries.postgres("wheel", postgres.pinned_major(data))
    within = copies.within_reach(program, account, data.path)
    return postgres.begin(data, within, account, sockets, durable=durable)
