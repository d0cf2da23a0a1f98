"""Lanes: orders of one cost at one provider, which nothing but time tells apart (money.md 4).

While one of them is in doubt its likes wait, so that an unknown id of that cost can be only its
own. They wait for a bounded time: then they pass, and a person may have to tell them apart.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

DOUBTFUL_AT_ONCE = 4
SENT_AT_ONCE = timedelta(seconds=5)
GRACE = timedelta(minutes=10)
LOOK_AGAIN = timedelta(seconds=10)
STRICT_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Under:
    """An attempt under way, or in doubt; its cost in the provider's currency, and since when."""

    cost: Decimal
    since: timedelta
    in_doubt: bool


@dataclass(frozen=True, slots=True)
class Lanes:
    """One provider's lanes while orders are being claimed for it.

    `doubtful`: whether any order there is in doubt, so that few are sent at once. `strict`: whether
    any was lately, so that of each cost only one is.
    """

    doubtful: bool = False
    strict: bool = False
    under_way: int = 0
    taken: frozenset[Decimal] = frozenset()

    def room(self, limit: int) -> int:
        """How many may begin, of at most `limit`: few at a time while any is in doubt."""
        if not self.doubtful:
            return limit
        return max(0, min(limit, DOUBTFUL_AT_ONCE - self.under_way))

    def are_free(self, cost: Decimal, entered: Collection[Decimal]) -> bool:
        """Whether an order of that cost may begin, after those that have entered just now."""
        return cost not in self.taken and not (self.strict and cost in entered)


def lanes(attempts: Iterable[Under], late: timedelta, *, doubted_lately: bool) -> Lanes:
    """The lanes of a provider, by what is under way there and in doubt, or was within the hour."""
    known = tuple(attempts)
    doubtful = any(each.in_doubt for each in known)
    strict = doubtful or doubted_lately
    taken = {
        each.cost
        for each in known
        if (each.since <= late + GRACE if each.in_doubt else strict or each.since > SENT_AT_ONCE)
    }
    under_way = sum(not each.in_doubt for each in known)
    return Lanes(doubtful, strict, under_way, frozenset(taken))
