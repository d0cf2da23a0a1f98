"""The data folder: its lock, what it says about its servers, and its logs."""

import fcntl
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Self

from gateway.embedded.errors import EmbeddedError

LOG_BYTES_MAX = 8 * 1024 * 1024
SERVERS_BYTES_MAX = 10_000


@dataclass(frozen=True)
class Servers:
    """Where the servers answer, as SQLAlchemy (asyncpg) and redis take it."""

    database_url: str
    redis_url: str


@dataclass(frozen=True, slots=True)
class DataFolder:
    """One gateway's data at rest; everything in it but the servers' own folders is ours."""

    path: Path

    @classmethod
    def make(cls, path: Path) -> Self:
        """Makes the folder when it is missing; for root, others may pass it but not list it."""
        path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        return cls(path.resolve())

    @property
    def key(self) -> str:
        """Stands for this folder in short names and in the servers' command lines."""
        return hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]

    @property
    def postgres(self) -> Path:
        """PostgreSQL's own folder."""
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's own folder."""
        return self.path / "valkey"

    def lock(self) -> BinaryIO | None:
        """The lock, held until it is closed; None while somebody else holds it."""
        handle = self._open("lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        file = os.fdopen(handle, "r+b")
        file.truncate()
        file.write(b"%d\n" % os.getpid())
        file.flush()
        return file

    def holder(self) -> int | None:
        """The process that holds the lock; None when it is free. Never waits, never writes."""
        try:
            handle = os.open(self.path / "lock", os.O_RDONLY | os.O_NOFOLLOW)
        except (FileNotFoundError, NotADirectoryError):
            return None
        with os.fdopen(handle, "rb") as file:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                number = file.read(20).strip()
                return int(number) if number.isdigit() else 0
        return None

    def servers(self) -> Servers | None:
        """What the holder of the lock wrote last; None when it has not, or unreadably so."""
        try:
            handle = os.open(self.path / "servers.json", os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(handle, "rb") as file:
                written = json.loads(file.read(SERVERS_BYTES_MAX))
            return Servers(str(written["database_url"]), str(written["redis_url"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def announce(self, servers: Servers) -> None:
        """Writes servers.json as a whole or not at all."""
        (self.path / "servers.new").unlink(missing_ok=True)
        with os.fdopen(self._open("servers.new", os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w") as new:
            json.dump(asdict(servers), new)
        (self.path / "servers.new").rename(self.path / "servers.json")

    def withdraw(self) -> None:
        """Removes servers.json."""
        (self.path / "servers.json").unlink(missing_ok=True)

    def log(self, name: str) -> "Log":
        """A server's log, open for appending; one that has grown too long is put aside once."""
        path = self.path / f"{name}.log"
        if path.is_file() and path.stat().st_size > LOG_BYTES_MAX:
            path.rename(self.path / f"{name}.log.old")
        handle = self._open(f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        return Log(path, os.fdopen(handle, "ab"), path.stat().st_size)

    def _open(self, name: str, flags: int) -> int:
        """Opens one of our files; never through a link, which another owner might have laid."""
        handle = os.open(self.path / name, flags | os.O_NOFOLLOW, 0o600)
        if os.geteuid() == 0:
            # so that the folder's owner can go on without root
            owner = self.path.stat()
            os.fchown(handle, owner.st_uid, owner.st_gid)
        return handle


@dataclass(frozen=True, slots=True)
class Log:
    """A server's log from where this start began."""

    path: Path
    file: BinaryIO
    began_at: int

    def tail(self, characters: int = 1500) -> str:
        """The end of what was written since this start."""
        with self.path.open("rb") as file:
            file.seek(max(self.began_at, self.path.stat().st_size - characters))
            return file.read(characters).decode(errors="replace").strip()


def find(folder: Path) -> Servers | None:
    """The servers of a data folder that some process runs now; never starts anything.

    Raises EmbeddedError when this account may not look.
    """
    data = DataFolder(folder.resolve())
    try:
        return data.servers() if data.holder() is not None else None
    except PermissionError as error:
        raise EmbeddedError(
            f"{folder} belongs to another account: run this as the account that runs the gateway"
        ) from error
