"""Our own Valkey: a cache on a unix socket; whatever it forgets is made again."""

import signal
from pathlib import Path

from gateway.embedded import process
from gateway.embedded.account import Account
from gateway.embedded.binaries import Program
from gateway.embedded.folder import DataFolder

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "save": "",
    "maxmemory": "128mb",
    # all of it can be lost, so a full cache forgets the oldest instead of refusing to write
    "maxmemory-policy": "allkeys-lru",
    "appendfsync": "everysec",
}


def socket_path(sockets: Path) -> Path:
    """Where it listens."""
    return sockets / "valkey.sock"


def url(sockets: Path) -> str:
    """What redis-py takes."""
    return f"unix://{socket_path(sockets)}"


def hint(data: DataFolder) -> str:
    """What helps when it does not start."""
    return f"it is a cache: {data.valkey} may be removed, and it starts empty"


def begin(
    data: DataFolder, program: Program, account: Account, sockets: Path, *, durable: bool
) -> process.Child:
    """Starts the server; it is not ready yet."""
    if not data.valkey.exists():
        account.make_folder(data.valkey)
    home = process.Home.of(data.valkey, account)
    settings = SETTINGS | {
        "appendonly": "yes" if durable else "no",
        "unixsocket": str(socket_path(sockets)),
        "dir": home.name,
    }
    options = [word for name, value in settings.items() for word in (f"--{name}", value)]
    log = data.log("valkey")
    with log.file:
        started = process.spawn([program.file, *options], account, home, log, signal.SIGTERM)
    return process.Child("Valkey", started, log, (process.Ending(signal.SIGTERM, 10),))
