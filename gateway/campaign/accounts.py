"""Our orders held against what the providers really took and what customers were told."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.campaign.asking import Wish
from gateway.campaign.ground import BREAKS_SHOWN_MAX
from gateway.campaign.verdict import DOUBTFUL, TAKEN
from gateway.domain.orders import State
from gateway.operations import Backends
from gateway.operations.list_orders import list_orders
from gateway.operations.verify import verify
from gateway.storage.orders import Listed


@dataclass(frozen=True, slots=True)
class Booked:
    """An order that a provider took."""

    provider: str
    number: str
    link: str


@dataclass(frozen=True, slots=True)
class Account:
    """Counts of everything, and what must not be. `lost`: told to a customer and not here."""

    states: Mapping[str, int]
    booked: int
    doubled: int
    lost: int
    breaks: Sequence[str]

    def count(self, *states: State) -> int:
        """Orders here in these states."""
        return sum(self.states.get(each, 0) for each in states)


async def account(backends: Backends, booked: Sequence[Booked], wishes: Sequence[Wish]) -> Account:
    """The whole comparison, with the proof of the books."""
    ours = [each async for each in list_orders(backends)]
    known = {each.standing.id: each.link for each in ours}
    times = Counter(each.link for each in booked)
    doubled = [link for link, count in times.items() if count > 1]
    lost = [each for each in wishes if each.order is not None and each.order not in known]
    found = [
        *(f"{link} was sent {times[link]} times" for link in doubled),
        *(f"order {each.order} was answered and is lost" for each in lost),
        *_falsely_answered(wishes, ours),
        *_unaccounted(ours, booked),
        *_astray(ours, booked),
        *(f"{name}: {rows} rows" for name, rows in (await verify(backends)).items() if rows),
    ]
    return Account(
        states=dict(Counter(each.standing.state.value for each in ours)),
        booked=len(booked),
        doubled=len(doubled),
        lost=len(lost),
        breaks=found[:BREAKS_SHOWN_MAX],
    )


def _falsely_answered(wishes: Iterable[Wish], ours: Sequence[Listed]) -> list[str]:
    by_link = Counter(each.link for each in ours)
    links = {each.standing.id: each.link for each in ours}
    found: list[str] = []
    for wish in wishes:
        found += wish.odd
        if by_link[wish.link] > 1:
            found.append(f"{wish.link} became {by_link[wish.link]} orders here")
        if wish.refused and by_link[wish.link]:
            found.append(f"{wish.link} was refused ({wish.refused}), and taken all the same")
        if wish.order is not None and links.get(wish.order, wish.link) != wish.link:
            found.append(f"order {wish.order} is not {wish.link}'s")
    return found


def _unaccounted(ours: Sequence[Listed], booked: Sequence[Booked]) -> list[str]:
    """Booked there, but neither confirmed nor in doubt here."""
    by_link = {each.link: each for each in ours}
    found: list[str] = []
    for each in booked:
        order = by_link.get(each.link)
        there = f"{each.number} at {each.provider}"
        if order is None:
            found.append(f"{there} is {each.link}, which nobody ordered")
        elif order.standing.state not in TAKEN | DOUBTFUL:
            found.append(f"order {order.standing.id} is {order.standing.state}, and {there}")
        elif order.standing.state in TAKEN and (order.provider, order.provider_order) != (
            each.provider,
            each.number,
        ):
            found.append(f"order {order.standing.id} is {order.provider_order}, and {there}")
    return found


def _astray(ours: Sequence[Listed], booked: Sequence[Booked]) -> list[str]:
    """Confirmed here but not there; or sending, though everything has settled."""
    there = {(each.provider, each.number): each.link for each in booked}
    found: list[str] = []
    for order in ours:
        state, number = order.standing.state, order.standing.id
        if state in TAKEN and there.get((order.provider, order.provider_order or "")) != order.link:
            found.append(f"order {number} is {state}, but nothing was booked there for it")
        elif state is State.SENDING:
            found.append(f"order {number} is still {state}")
    return found
