"""Pretend providers that tell of every id: by it alone they know whether its order flaps."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from gateway.cli import bench_books
from gateway.cli.bench_timing import NANOSECONDS
from gateway.dialects.json_text import write
from gateway.dialects.messages import AskStatus, Fields
from gateway.dialects.standard import STANDARD
from gateway.domain.catalog import Listing
from gateway.domain.money import per_thousand
from gateway.domain.observations import Observation, Word
from gateway.sandbox.answers import Answer
from gateway.sandbox.panel import Heard, Panel

MINUTE = 60 * NANOSECONDS
_OFFER = "101"
_MILLION = 1_000_000
_WORDS = (Word.IN_PROGRESS, Word.PARTIAL, Word.COMPLETED, Word.CANCELED)


@dataclass(frozen=True, slots=True)
class Whims:
    """Which orders flap, by their ids, and where each stands at its n-th look."""

    seed: str
    share: Decimal

    def flaps(self, order: str) -> bool:
        """Whether it stands elsewhere at each look."""
        return self._drawn(order) % _MILLION < self.share * _MILLION

    def seen(self, order: str, looks: int, listing: Listing) -> Observation:
        """What is told of it after so many looks. One that does not flap stays as it is."""
        quantity = bench_books.placement(1).quantity
        word, left = Word.IN_PROGRESS, quantity
        if self.flaps(order):
            # each begins elsewhere, so that every move is seen in every round
            step = self._drawn(order) // _MILLION + looks
            word = _WORDS[step % len(_WORDS)]
            part = quantity * (1 + step % 9) // 10
            left = {Word.COMPLETED: 0, Word.PARTIAL: part}.get(word, quantity)
        done = 0 if word is Word.CANCELED else quantity
        paid = quantity - left if word is Word.PARTIAL else done
        return Observation(word, per_thousand(listing.rate, paid), 0, left, "USD")

    def _drawn(self, order: str) -> int:
        return int.from_bytes(sha256(f"{self.seed}:{order}".encode()).digest()[:8])


class Whimsical(Panel):
    """A pretend provider that tells of every order, taken or not, and notes when he is called."""

    def __init__(self, whims: Whims) -> None:
        super().__init__()
        self.calls: list[int] = []
        self._whims = whims
        self._looks: Counter[str] = Counter()

    def hear(self, fields: Fields) -> Heard:
        """Understand a request, and note the moment."""
        self.calls.append(time.monotonic_ns())
        return super().hear(fields)

    def answer(self, heard: Heard) -> Answer:
        """Tell where orders stand; all else as any panel."""
        ask, listing = heard.ask, self.offered(_OFFER)
        if listing is None or not isinstance(ask, AskStatus):
            return super().answer(heard)
        told = {order: self._whims.seen(order, self._looks[order], listing) for order in ask.orders}
        # a Counter that is only read keeps nothing: there are many that never flap
        self._looks.update(order for order in ask.orders if self._whims.flaps(order))
        return Answer(write(STANDARD.answer_status(told, many=ask.many)))


def busiest(calls: Sequence[int], span: int = MINUTE) -> int:
    """The most calls within any span that begins with one of them; moments in nanoseconds."""
    most, first = 0, 0
    for last, moment in enumerate(calls):
        while calls[first] <= moment - span:
            first += 1
        most = max(most, last - first + 1)
    return most
