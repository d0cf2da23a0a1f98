"""Replies on disk before they are settled, one sync for all that wait (money.md 2, evidence E0).

The journal makes an order's fate safer and never stops one: whatever is wrong with the disk is
said in the log, and the reply goes on to be settled without it.
"""

import asyncio
from collections.abc import Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from gateway.storage.spill_file import FILE_BYTES_MAX, JournalFile, line

log = structlog.get_logger()

SYNC_SECONDS = 5
RETRY_SECONDS = 30
WAITING_MAX = 10_000
BATCH_MAX = 128
RECORD_BYTES_MAX = 64_000  # a whole batch of them fits into one file


@dataclass(frozen=True, slots=True)
class _Waiting:
    line: bytes
    kept: asyncio.Future[bool]

    def tell(self, *, kept: bool) -> None:
        if not self.kept.done():
            self.kept.set_result(kept)


class Spill:
    """The journal of this process. `installation`: whose database its records are for.

    A file that has reached its limit is left to be read back like that of a dead process, and a
    new one is begun; settling twice does nothing. `syncs` counts those that went well.
    """

    def __init__(self, folder: Path, installation: str) -> None:
        self.folder = folder
        self.installation = installation
        self.syncs = 0
        self._file: JournalFile | None = None
        self._waiting: dict[Hashable, _Waiting] = {}
        self._writing: set[Hashable] = set()
        self._written: set[Hashable] = set()
        self._flushing: asyncio.Task[None] | None = None
        self._off: asyncio.TimerHandle | None = None
        self._closed = False
        # of its own: a disk that hangs must not take the threads that resolve names
        self._thread = ThreadPoolExecutor(1, "spill")

    async def keep(self, key: Hashable, record: bytes) -> bool:
        """Whether the record is on disk now; it is not when the disk does not take it in time.

        `key` stands for it until it is forgotten. A record holds no LF.
        """
        if self._closed or self._off or len(self._waiting) >= WAITING_MAX:
            return False
        if len(record) > RECORD_BYTES_MAX:
            log.warning("a reply is too long to be kept on disk", octets=len(record))
            return False
        waiting = _Waiting(line(record), asyncio.get_running_loop().create_future())
        self._waiting[key] = waiting
        self._flush_soon()
        try:
            return await asyncio.wait_for(waiting.kept, SYNC_SECONDS)
        except TimeoutError:
            self._turn_off("the disk does not answer")
            return False

    def forget(self, keys: Iterable[Hashable]) -> None:
        """What these records say is settled."""
        for key in keys:
            if waiting := self._waiting.pop(key, None):
                waiting.tell(kept=False)
            self._writing.discard(key)
            self._written.discard(key)
        if self._is_stale():
            self._flush_soon()

    async def close(self) -> None:
        """Remove the file, or leave it to be read back when something in it is not settled."""
        self._closed = True
        if self._flushing is not None:
            await asyncio.wait([self._flushing], timeout=SYNC_SECONDS)
        if self._flushing is None:
            self._leave(remove=not self._written)
        if self._off is not None:
            self._off.cancel()
        self._thread.shutdown(wait=False)

    def _flush_soon(self) -> None:
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        """Write what waits, sync it, and let those go on who waited; again while some do."""
        try:
            while self._waiting or self._is_stale():
                keys = list(self._waiting)[:BATCH_MAX]
                await self._flush_batch({key: self._waiting.pop(key) for key in keys})
        except OSError as error:
            self._turn_off(str(error))
        finally:
            self._flushing = None
            waiting, self._waiting = self._waiting, {}
            for each in waiting.values():
                each.tell(kept=False)

    async def _flush_batch(self, batch: dict[Hashable, _Waiting]) -> None:
        lines = b"".join(each.line for each in batch.values())
        if self._written and self._file and self._file.size + len(lines) > FILE_BYTES_MAX:
            self._leave(remove=False)
        kept, self._writing = False, set(batch)
        work = (self._file, self.folder, lines, not self._written)
        try:
            loop = asyncio.get_running_loop()
            self._file = await loop.run_in_executor(self._thread, _put, *work)
            kept = True
            self.syncs += bool(lines)
            self._written |= self._writing
        except OSError:
            self._file, self._written = None, set()
            raise
        finally:
            self._writing = set()
            for each in batch.values():
                each.tell(kept=kept)

    def _leave(self, *, remove: bool) -> None:
        file, self._file = self._file, None
        self._written = set()
        if file is not None:
            with suppress(OSError):
                file.close(remove=remove)

    def _is_stale(self) -> bool:
        """All that the file holds is settled."""
        return bool(self._file and self._file.size and not self._written and not self._writing)

    def _turn_off(self, reason: str) -> None:
        if self._off is None:
            log.warning("replies are not kept on disk", folder=str(self.folder), reason=reason)
            self._off = asyncio.get_running_loop().call_later(RETRY_SECONDS, self._turn_on)

    def _turn_on(self) -> None:
        self._off = None


def _put(file: JournalFile | None, folder: Path, lines: bytes, fresh: bool) -> JournalFile:  # noqa: FBT001  an executor hands on no names
    """In the thread: the lines are on disk, in this file or a new one. Raises OSError."""
    file = file or JournalFile.make(folder)
    try:
        if fresh:
            file.empty()
        if lines:
            file.write(lines)
            file.sync()
    except OSError:
        # after a failed sync nobody knows what is on disk: never written to again
        with suppress(OSError):
            file.close(remove=False)
        raise
    return file
