"""What an operator saw of an order when he was shown a form, so that a stale one does nothing."""

import re
from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.money import plain, read_amount
from gateway.domain.orders import State

_SPELLED = re.compile(r"([a-z]{1,20})-([0-9]{1,9})-([0-9.]{1,40})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Glimpse:
    """An order at one moment. `attempt`: the number of its last one, 0 = none.

    `kept`: what the house keeps of its charge, in house currency.
    """

    state: State
    attempt: int
    kept: Decimal

    def spelled(self) -> str:
        """As a form carries it; `read_glimpse` reads it back."""
        return f"{self.state}-{self.attempt}-{plain(self.kept)}"


def read_glimpse(spelled: str) -> Glimpse | None:
    """What a form carried; None when it is none of ours."""
    found = _SPELLED.fullmatch(spelled)
    kept = read_amount(found[3]) if found else None
    if found is None or kept is None or found[1] not in set(State):
        return None
    return Glimpse(State(found[1]), int(found[2]), kept)


def moved_on(order: int, seen: Glimpse | None, now: Glimpse) -> str:
    """What happened to an order since it was shown, in words; empty: nothing, or nobody looked."""
    if seen is None or seen == now:
        return ""
    if seen.state is not now.state:
        return f"order {order} was {seen.state} and is {now.state} by now"
    if seen.attempt != now.attempt:
        return f"order {order} was tried again since: attempt {now.attempt}"
    return f"of order {order} {plain(seen.kept)} was kept, by now {plain(now.kept)}"
