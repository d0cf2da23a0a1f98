"""Replies that a process had received and not settled when it died are settled by another one."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path

import msgspec
import structlog

from gateway.operations import Backends, InDoubt, Unreachable
from gateway.operations.dispatch import Returned, settle
from gateway.operations.recognise import recognise
from gateway.storage.attempts import Sent
from gateway.storage.claims import AttemptKey, Departure
from gateway.storage.passing import passes
from gateway.storage.settling import RAW_BYTES_MAX
from gateway.storage.spill import Spill
from gateway.storage.spill_file import FILES_MAX, LeftFile, journals

log = structlog.get_logger()

READ_SECONDS = 5
SETTLE_BATCH = 64
RETRY_SECONDS = (1, 2, 5)
REASON_CHARACTERS_MAX = 2_000
ERROR_CHARACTERS_MAX = 300
FAULTS = (Unreachable, InDoubt)


@dataclass(frozen=True, slots=True)
class Reply:
    """One record of the journal: what returned, for which link, and whose database knows of it."""

    installation: str
    link: str
    returned: Returned

    @property
    def sent(self) -> Sent:
        """What it is the reply to."""
        return Sent(self.returned.ended.key, self.returned.ref, self.link)


class Fate(Enum):
    """What became of settling. Busy is what hinders it now and will pass."""

    SETTLED = auto()
    BUSY = auto()
    REFUSED = auto()


class Recovery:
    """Without a `spill` nothing is kept: a reply then lives only in this process until settled."""

    def __init__(self, backends: Backends, spill: Spill | None = None) -> None:
        self._backends = backends
        self._spill = spill
        self._foreign: set[str] = set()

    async def keep(self, departure: Departure, returned: Returned) -> None:
        """Returns when the reply is on disk, or when it is sure that it will not be in time."""
        if self._spill is not None:
            reply = Reply(self._spill.installation, departure.placement.link, returned)
            await self._spill.keep(departure.key, encode(reply))

    def forget(self, returned: Sequence[Returned]) -> None:
        """These are settled."""
        if self._spill is not None:
            self._spill.forget(each.ended.key for each in returned)

    async def run(self) -> None:
        """Look at once, and every few seconds, for what dead processes have left; without end."""
        if self._spill is None:
            log.warning("replies are not kept on disk: set GATEWAY_SPILL_DIR to a folder")
            return
        while True:
            await self.read_back()
            await asyncio.sleep(READ_SECONDS)

    async def read_back(self) -> None:
        """Settle what the journals of dead processes hold, and remove them.

        Raises `Unreachable` and `InDoubt`: then the journals wait for the next time.
        """
        if self._spill is None:
            return
        folder, installation = self._spill.folder, self._spill.installation
        for path in await asyncio.to_thread(_found, folder):
            try:
                await self._read_back(path, installation)
            except OSError as error:
                log.warning("a journal cannot be read back", file=path.name, error=str(error))

    async def close(self) -> None:
        """Whatever is not settled by now is left for others."""
        if self._spill is not None:
            await self._spill.close()

    async def _read_back(self, path: Path, installation: str) -> None:
        left = await asyncio.to_thread(LeftFile.take, path)
        if left is None:
            return
        try:
            replies = [reply for each in left.records if (reply := decode(each))]
            if any(each.installation != installation for each in replies):
                self._leave_to_others(path)
                return
            strange = len(left.records) - len(replies) + left.damaged
            refused, busy = await self._settle(replies)
            if busy:
                return
            if strange or refused:
                aside = await asyncio.to_thread(left.set_aside)
                keys = [f"{each.order}/{each.number}" for each in refused]
                log.error("replies kept aside", file=str(aside), strange=strange, attempts=keys)
            else:
                await asyncio.to_thread(left.remove)
            if replies:
                log.info("replies read back", file=path.name, settled=len(replies) - len(refused))
        finally:
            left.release()

    async def _settle(self, replies: Sequence[Reply]) -> tuple[list[AttemptKey], bool]:
        """Those that the database does not know or always refuses; whether others must wait."""
        refused: list[AttemptKey] = []
        busy = False
        for start in range(0, len(replies), SETTLE_BATCH):
            batch = replies[start : start + SETTLE_BATCH]
            known = await recognise(self._backends, [each.sent for each in batch])
            refused += [each.sent.key for each in batch if each.sent.key not in known]
            mine = [each.returned for each in batch if each.sent.key in known]
            if not mine or await self._try(mine) is Fate.SETTLED:
                continue
            for each in mine:  # one that is refused must take no other with it
                fate = await self._insist(each)
                busy = busy or fate is Fate.BUSY
                refused += [each.ended.key] if fate is Fate.REFUSED else []
        return refused, busy

    async def _insist(self, returned: Returned) -> Fate:
        for pause in RETRY_SECONDS:
            fate = await self._try([returned])
            if fate is not Fate.REFUSED:
                return fate
            await asyncio.sleep(pause)
        return await self._try([returned])

    async def _try(self, batch: Sequence[Returned]) -> Fate:
        try:
            await settle(self._backends, batch)
        except FAULTS:
            raise
        except Exception as error:  # noqa: BLE001  whatever the database has against it
            why = repr(error)[:ERROR_CHARACTERS_MAX]
            log.warning("replies read back are not settled yet", attempts=len(batch), error=why)
            return Fate.BUSY if passes(error) else Fate.REFUSED
        return Fate.SETTLED

    def _leave_to_others(self, path: Path) -> None:
        if path.name not in self._foreign and len(self._foreign) < FILES_MAX:
            self._foreign.add(path.name)
            log.warning("a journal is of another installation", file=path.name)


def encode(reply: Reply) -> bytes:
    """A reply as one line of ASCII; no more of its texts than settling writes down."""
    returned, ended = reply.returned, reply.returned.ended
    if len(ended.raw) > RAW_BYTES_MAX or len(ended.reason) > REASON_CHARACTERS_MAX:
        raw, reason = ended.raw[:RAW_BYTES_MAX], ended.reason[:REASON_CHARACTERS_MAX]
        returned = replace(returned, ended=replace(ended, raw=raw, reason=reason))
    return json.dumps(msgspec.to_builtins(replace(reply, returned=returned))).encode("ascii")


def decode(record: bytes) -> Reply | None:
    """The reply, or None when it is none: of a later version, or somebody else's."""
    try:
        return msgspec.convert(json.loads(record), Reply)
    except (ValueError, RecursionError):  # msgspec's own errors are ValueErrors
        return None


def _found(folder: Path) -> list[Path]:
    try:
        return journals(folder)[:FILES_MAX]
    except OSError as error:
        log.warning("no journal can be read back", folder=str(folder), error=str(error))
        return []
