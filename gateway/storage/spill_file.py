"""One journal of replies on disk: its lines, its lock, and what a torn end leaves of it.

A line is the CRC-32 of a record in hex, a space, the record, LF. A file belongs to whoever holds
its lock (flock), which the system takes back from a process that dies.
"""

import errno
import fcntl
import os
import secrets
import socket
import stat
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Self

from gateway.failpoints import across

SUFFIX = ".journal"
ASIDE = ".unreadable"
FILE_BYTES_MAX = 8 * 1024 * 1024
FILES_MAX = 64
NAMES_MAX = 3


class JournalFile:
    """A new journal of this process. Every method may raise OSError and may wait for the disk."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self.size = 0
        self._handle = handle

    @classmethod
    def make(cls, folder: Path) -> Self:
        """Makes a file of its own in the folder, and the folder when it is missing.

        Refused while `FILES_MAX` journals wait to be read back: the folder must not fill the disk.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if len(journals(folder)) >= FILES_MAX:
            raise OSError(errno.EDQUOT, f"{FILES_MAX} journals wait to be read back", str(folder))
        for _ in range(NAMES_MAX):
            name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(8)}{SUFFIX}"
            path = folder / name
            with across("file.make"):
                handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            try:
                if _lock(handle):
                    _sync_folder(folder)
                    return cls(path, handle)
            except BaseException:
                os.close(handle)
                raise
            os.close(handle)  # somebody who reads back was faster than our lock
        raise OSError(errno.EAGAIN, "no journal could be locked", str(folder))

    def write(self, lines: bytes) -> None:
        """Append whole lines, as `line` makes them; they survive this process, not yet the host."""
        rest = memoryview(lines)
        while rest:
            with across("file.write"):
                written = os.write(self._handle, rest)
            self.size += written
            rest = rest[written:]

    def sync(self) -> None:
        """What was written survives the host, too."""
        with across("file.sync"):
            os.fsync(self._handle)

    def empty(self) -> None:
        """Forget everything. Not synced: to read back what was settled does no harm."""
        with across("file.empty"):
            os.ftruncate(self._handle, 0)
        self.size = 0

    def close(self, *, remove: bool) -> None:
        """Give the file up: what it still holds is anybody's to read back."""
        try:
            if remove:
                with across("file.remove"):
                    self.path.unlink(missing_ok=True)
        finally:
            os.close(self._handle)


class LeftFile:
    """A journal whose process is gone, locked so that nobody else reads it back meanwhile.

    `records`: those that are whole. `damaged`: how many are not, save for a torn end, which was
    never synced and so never promised.
    """

    def __init__(self, path: Path, handle: int, content: bytes) -> None:
        self.path = path
        self.records, self.damaged = parse(content)
        self.damaged += len(content) > FILE_BYTES_MAX
        self._handle = handle

    @classmethod
    def take(cls, path: Path) -> Self | None:
        """None while its process lives, while another one reads it back, or when it is gone."""
        try:
            handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        try:
            if stat.S_ISREG(os.fstat(handle).st_mode) and _lock(handle):
                with across("file.read"), os.fdopen(os.dup(handle), "rb") as file:
                    return cls(path, handle, file.read(FILE_BYTES_MAX + 1))
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
        return None

    def remove(self) -> None:
        """All of it is settled."""
        with across("file.remove"):
            self.path.unlink(missing_ok=True)

    def set_aside(self) -> Path:
        """Keep it for a person, under a name that nobody reads back; that name."""
        with across("file.rename"):
            return self.path.rename(self.path.with_suffix(ASIDE))

    def release(self) -> None:
        """Give up the lock."""
        os.close(self._handle)


def journals(folder: Path) -> list[Path]:
    """The journals of a folder, whoever they belong to; none when there is no folder."""
    with suppress(FileNotFoundError):
        return sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
    return []


def line(record: bytes) -> bytes:
    """A record, which holds no LF, as a line."""
    if b"\n" in record:
        raise ValueError("a record is one line")
    return b"%08x %s\n" % (zlib.crc32(record), record)


def parse(content: bytes) -> tuple[tuple[bytes, ...], int]:
    """The whole records of a journal, and how many others there are before its last whole line."""
    *lines, _ = content.split(b"\n")
    while lines and not _whole(lines[-1]):
        lines.pop()
    whole = tuple(each[9:] for each in lines if _whole(each))
    return whole, len(lines) - len(whole)


def _whole(text: bytes) -> bool:
    return text[:9] == b"%08x " % zlib.crc32(text[9:])


def _lock(handle: int) -> bool:
    """Whether the file is now ours, and still has its name: its last owner may have removed it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(handle).st_nlink > 0


def _sync_folder(folder: Path) -> None:
    """The name of a new file must survive the host as its lines do."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
