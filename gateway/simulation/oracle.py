"""Holds what the books and the orders say against what really happened at the panels (money.md 8).

Every break is a sentence; none of them is the run's aim.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.money import EXACT, ZERO, net_charge
from gateway.domain.orders import HELD, State
from gateway.domain.outcomes import Outcome
from gateway.sandbox.orders import Order
from gateway.simulation.lateness import Losses
from gateway.simulation.lies import Scales, Unknown, Weighing
from gateway.simulation.panels import ScriptedPanel
from gateway.storage.witness import Placed, Records, Tried

COST_TOLERANCE = Decimal("0.000000001")
BREAKS_SHOWN_MAX = 20
DOUBTFUL = (State.UNCONFIRMED, State.REVIEW)
DOUBTED = (Outcome.UNCERTAIN, Outcome.DISPROVED)
WORKER_LOST = "worker_lost"
RESOLVER = "resolver"
POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Truth:
    """What really happened. `broken`: rows found by the name of each invariant.

    `weighings`: how the balances were read, in the order of time.
    """

    panels: Mapping[str, ScriptedPanel]
    broken: Mapping[str, int]
    weighings: Sequence[Weighing] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the comparison found; `breaks` is empty when every promise was kept."""

    states: Mapping[str, int]
    uncertain: int
    accepted_alone: int
    refuted_alone: int
    review: int
    doubled: int
    lost: int
    wrong_ids: int
    wrong_refunds: int
    late_losses: int
    late_asked: int
    policy_refunds: int
    lies: int
    lies_found: int
    findings: Mapping[str, int]
    breaks: Sequence[str]


class Oracle:
    """Knows both sides, and decides nothing for either."""

    def __init__(self, records: Records, truth: Truth) -> None:
        self.records = records
        self.truth = truth
        self._panels = truth.panels
        self._losses = Losses(records.orders, records.decisions, truth.panels)
        self._taken: dict[str, list[tuple[str, Order]]] = {}
        self._lies: Counter[str] = Counter()
        self._late: set[str] = set()
        for name, panel in truth.panels.items():
            self._lies += panel.lies
            self._late |= panel.late
            for link, taken in panel.taken().items():
                self._taken.setdefault(link, []).extend((name, each) for each in taken)

    def of(self, records: Records) -> "Oracle":
        """The same truth beside other records."""
        return Oracle(records, self.truth)

    def judge(self) -> Verdict:
        """The whole comparison."""
        orders = self.records.orders
        decided = [each for each in self.records.decisions if each.actor == RESOLVER]
        wrong = [each for each in orders if self._why_wrong(each)]
        late = [each for link in self._late for each in self._taken.get(link, ())]
        found = [scales.found(each) for scales, denied in self._weighed() for each in denied]
        return Verdict(
            states=dict(sorted(Counter(each.word.value for each in orders).items())),
            uncertain=sum(each.to is State.UNCONFIRMED for each in self.records.decisions),
            accepted_alone=sum(each.to is State.ACTIVE for each in decided),
            refuted_alone=sum(each.to is State.FAILED for each in decided),
            review=sum(each.state is State.REVIEW for each in orders),
            doubled=sum(self._times_doubled(link) for link in self._taken),
            lost=len(list(self._lost())),
            wrong_ids=len(list(self._wrong_ids())),
            wrong_refunds=len(wrong),
            late_losses=sum(self._losses.booked_at(*each) is not None for each in late),
            late_asked=sum(self._losses.is_asked_about(order) for _, order in late),
            policy_refunds=sum(each.failed_by == POLICY for each in orders),
            lies=sum(self._lies.values()),
            lies_found=found.count(True),
            findings=dict(self.records.findings),
            breaks=list(self._breaks())[:BREAKS_SHOWN_MAX],
        )

    def _breaks(self) -> Iterator[str]:
        yield from self._lost()
        yield from self._wrong_ids()
        yield from self._doubled_by_us()
        yield from self._wrongly_refunded()
        yield from self._losses.unfounded()
        yield from self._not_found()
        yield from self._count()
        yield from self._money()
        yield from self._costs()
        yield from self._without_evidence()
        for name, rows in sorted(self.truth.broken.items()):
            if rows:
                yield f"invariant {name!r} is broken by {rows} rows"

    def _lost(self) -> Iterator[str]:
        links = {each.link for each in self.records.orders}
        for link in sorted(self._taken.keys() - links):
            yield f"{link} was taken, but there is no such order"
        for each in self.records.orders:
            if each.state in (State.QUEUED, State.SENDING):
                yield f"order {each.id} is still {each.state} at the end"

    def _wrong_ids(self) -> Iterator[str]:
        for each in self.records.orders:
            if each.provider_order is None or each.state in HELD or each.state is State.FAILED:
                continue
            found = self._at_panel(each)
            if found is None or found.taking.placement.link != each.link:
                yield f"order {each.id} has the id {each.provider_order}, which is not its own"

    def _times_doubled(self, link: str) -> int:
        return len(self._taken[link]) - 1

    def _doubled_by_us(self) -> Iterator[str]:
        """What a panel took and denied cannot be told from what it refused (F14)."""
        for link, taken in self._taken.items():
            if len(taken) - self._lies[link] > 1:
                yield f"{link} was ordered {len(taken)} times, {self._lies[link]} denied"

    def _why_wrong(self, order: Placed) -> str:
        """What speaks against a refund; empty when nothing does.

        What is executed later than any order can be expected to be cannot be known when the money
        is given back: it is to be found, and booked as a loss or shown to a person, within a day
        (F15).
        """
        if order.state is not State.FAILED or order.failed_by == POLICY:
            return ""
        taken = self._taken.get(order.link, ())
        if len(taken) <= self._lies[order.link]:
            return ""
        if order.link not in self._late:
            return f"{order.provider} had accepted it"
        why = [told for each in taken if (told := self._losses.why_not(*each))]
        if len(why) <= self._lies[order.link]:
            return ""
        return f"{order.provider} executed it late, which {why[-1]}"

    def _wrongly_refunded(self) -> Iterator[str]:
        for each in self.records.orders:
            if why := self._why_wrong(each):
                yield f"order {each.id} was refunded, but {why}"

    def _not_found(self) -> Iterator[str]:
        """Each order that was denied is seen in the balance (F14)."""
        for scales, denied in self._weighed():
            for each in denied:
                if scales.found(each) is False:
                    link = each.order.taking.placement.link
                    yield f"{link} was denied as {each.order.id}, which is not found"
            yield from scales.at_the_end()

    def _weighed(self) -> Iterator[tuple[Scales, Sequence[Unknown]]]:
        """What the balance of each provider who lies showed, and the orders that he denied."""
        believed = {
            (each.provider, each.provider_order)
            for each in self.records.orders
            if each.state not in HELD and each.state is not State.FAILED
        }
        for name, panel in self._panels.items():
            if not panel.denied:
                continue
            unknown = [
                Unknown(each, self._losses.booked_at(name, each))
                for each in panel.panel.orders
                if (name, str(each.id)) not in believed
            ]
            weighings = [each for each in self.truth.weighings if each.provider == name]
            raised = [each for each in self.records.raised if each.provider == name]
            denied = [each for each in unknown if each.order in panel.denied]
            yield Scales(unknown, weighings, raised), denied

    def _count(self) -> Iterator[str]:
        """Each order at a panel is believed, in doubt, refunded by policy, denied, or a loss."""
        upstream = sum(len(taken) for taken in self._taken.values())
        explained = sum(self._lies.values())
        for each in self.records.orders:
            taken = len(self._taken.get(each.link, ())) - self._lies[each.link]
            if each.state in HELD or each.state is State.FAILED:
                explained += taken
            else:
                explained += 1
        if upstream != explained:
            yield f"{upstream} orders at the panels, {explained} of them explained"

    def _money(self) -> Iterator[str]:
        """Each customer has what he paid in, less what his orders cost and hold, to the digit."""
        for purse in self.records.purses:
            mine = [each for each in self.records.orders if each.customer == purse.customer]
            held = _sum(each.charge for each in mine if each.state in HELD)
            net = _sum(
                net_charge(each.charge, each.quantity, each.charged_quantity)
                for each in mine
                if each.state not in HELD and each.state is not State.FAILED
            )
            if purse.held != held:
                yield f"customer {purse.customer}: {purse.held} held, the orders hold {held}"
            left = EXACT.subtract(EXACT.subtract(purse.paid_in, net), held)
            if purse.available != left:
                yield f"customer {purse.customer} has {purse.available}, he should have {left}"

    def _costs(self) -> Iterator[str]:
        """What is booked as cost is what the panel says that it charges."""
        for each in self.records.orders:
            found = (
                None if each.state in HELD or each.state is State.FAILED else (self._at_panel(each))
            )
            if found is None:
                continue
            told = found.stand(self._panels[each.provider].panel.clock()).charge
            if abs(told - each.cost_booked) > COST_TOLERANCE:
                yield f"order {each.id} cost {told}, booked are {each.cost_booked}"

    def _without_evidence(self) -> Iterator[str]:
        """Whatever was in doubt says why, and what had left when it was."""
        doubted = {each.order for each in self.records.decisions if each.to in DOUBTFUL}
        for each in self.records.decisions:
            if each.to in DOUBTFUL and not each.reason:
                yield f"order {each.order} went to {each.to} without a reason"
        for each in self.records.orders:
            if each.state in DOUBTFUL and each.id not in doubted:
                yield f"order {each.id} is {each.state}, and no event says since when"
        for each in self.records.attempts:
            where = f"attempt {each.number} of order {each.order}"
            if each.outcome in DOUBTED and not each.reason:
                yield f"{where} has no reason"
            # what a lost worker knew of the wire is lost with it
            elif each.outcome is Outcome.UNCERTAIN and not _traced(each):
                yield f"{where} has no trace"

    def _at_panel(self, order: Placed) -> Order | None:
        panel = self._panels.get(order.provider)
        return panel.panel.orders.find(order.provider_order or "") if panel else None


def _traced(attempt: Tried) -> bool:
    return attempt.traced or attempt.reason == WORKER_LOST


def _sum(amounts: Iterator[Decimal]) -> Decimal:
    total = ZERO
    for each in amounts:
        total = EXACT.add(total, each)
    return total
