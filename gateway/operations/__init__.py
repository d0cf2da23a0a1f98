"""The desk: one verb per file. What they all work with is `Backends`, built in `wiring.py`."""

from asyncio import Lock
from collections import OrderedDict
from dataclasses import dataclass, field
from random import Random

from gateway.storage.cache import Cache
from gateway.storage.database import Database, InDoubt, Unreachable
from gateway.storage.kept import Kept, Turns
from gateway.storage.shelf import Shelf
from gateway.storage.wakeups import Waker
from gateway.upstream.panels import Panels

__all__ = ["Answers", "Backends", "InDoubt", "Unreachable"]

ANSWERS_MAX = 64


class Answers:
    """Large answers, ready as bytes, the least recently used given up first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, ...], bytes] = OrderedDict()

    def get(self, key: tuple[str, ...]) -> bytes | None:
        """The bytes under a key, if they are still kept."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: tuple[str, ...], answer: bytes) -> None:
        """Keep bytes under a key."""
        self._kept[key] = answer
        while len(self._kept) > ANSWERS_MAX:
            self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Backends:
    """Everything that an operation may reach. `secret` is the pepper of the customers' keys.

    `proving`: held while a door has the whole ledger proved, which is more than enough once.
    """

    database: Database
    cache: Cache
    shelf: Shelf
    panels: Panels
    waker: Waker
    secret: str
    chance: Random
    answers: Answers = field(default_factory=Answers)
    kept: Kept = field(default_factory=Kept)
    turns: Turns = field(default_factory=Turns)
    proving: Lock = field(default_factory=Lock)
