"""What is left after a campaign: whatever could be lost, doubled or forgotten."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.campaign.stage import Stage
from gateway.domain.orders import POLLED, State
from gateway.operations.investigate import POLICY
from gateway.operations.show_order import show_order
from gateway.operations.verify import verify
from gateway.storage.orders import Listed

BREAKS_SHOWN_MAX = 20
TAKEN = POLLED | {State.CLOSED}
DOUBTFUL = frozenset({State.UNCONFIRMED, State.REVIEW})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. `breaks` in words, the first of them; sound when there is none.

    `refunded`: booked there, but nothing could be proven here in a day (T12).
    """

    orders: int
    booked: int
    states: Mapping[str, int]
    invariants: Mapping[str, int]
    breaks: Sequence[str]
    refunded: int = 0


async def judge(stage: Stage) -> Verdict:
    """Hold our orders against those that the provider really took, and prove the books."""
    ours = await stage.orders()
    theirs = [(str(each.id), each.taking.placement.link) for each in stage.panel.orders]
    invariants = await verify(stage.backends)
    ended = await _ended(stage, ours, theirs)
    refunded = {link for link, (actor, _) in ended.items() if actor == POLICY}
    found = [
        *_doubled(theirs),
        *_astray(ours, dict(theirs)),
        *_unaccounted(ours, [each for each in theirs if each[1] not in refunded], ended),
        *(f"order {each} was answered and is lost" for each in _lost(stage, ours)),
        *(f"{name}: {rows} rows" for name, rows in invariants.items() if rows),
    ]
    return Verdict(
        orders=len(ours),
        booked=len(theirs),
        states=dict(Counter(each.standing.state.value for each in ours)),
        invariants=invariants,
        breaks=found[:BREAKS_SHOWN_MAX],
        refunded=len(refunded),
    )


async def _ended(
    stage: Stage, ours: Sequence[Listed], theirs: Sequence[tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """Who gave back what had been taken there, and why, by link."""
    links = {link for _, link in theirs}
    failed = [each for each in ours if each.standing.state is State.FAILED and each.link in links]
    ended: dict[str, tuple[str, str]] = {}
    for each in failed:
        story = await show_order(stage.backends, each.standing.id)
        for event in story.events if story else ():
            if event["to_state"] == State.FAILED:
                ended[each.link] = (event["actor"], event["reason"])
    return ended


def _doubled(theirs: Sequence[tuple[str, str]]) -> list[str]:
    times = Counter(link for _, link in theirs)
    return [f"{link} was sent {count} times" for link, count in times.items() if count > 1]


def _unaccounted(
    ours: Sequence[Listed],
    theirs: Sequence[tuple[str, str]],
    ended: Mapping[str, tuple[str, str]],
) -> list[str]:
    """Booked there, but neither confirmed nor in doubt here."""
    by_link = {each.link: each for each in ours}
    found: list[str] = []
    for number, link in theirs:
        order = by_link.get(link)
        if order is None:
            found.append(f"{number} was booked there for {link}, which nobody ordered")
        elif order.standing.state not in TAKEN | DOUBTFUL:
            who, why = ended.get(link, ("", ""))
            by = f" ({who}: {why})" if who else ""
            found.append(
                f"order {order.standing.id} is {order.standing.state}{by}, and {number} there"
            )
        elif order.standing.state in TAKEN and order.provider_order != number:
            found.append(f"order {order.standing.id} is {order.provider_order}, and {number} there")
    return found


def _astray(ours: Sequence[Listed], theirs: Mapping[str, str]) -> list[str]:
    """Confirmed here but not there; or still on its way, though everything has settled."""
    found: list[str] = []
    for order in ours:
        state, number = order.standing.state, order.standing.id
        if state in TAKEN and theirs.get(order.provider_order or "") != order.link:
            found.append(f"order {number} is {state}, but nothing was booked there for it")
        elif state in (State.QUEUED, State.SENDING):
            found.append(f"order {number} is still {state}")
    return found


def _lost(stage: Stage, ours: Sequence[Listed]) -> list[int]:
    return sorted(stage.answered - {each.standing.id for each in ours})
