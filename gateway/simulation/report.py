"""What a run tells: the same figures for us and for the naive gateway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.orders import HELD, State
from gateway.simulation.naive import NaiveStory
from gateway.simulation.run import Ran
from gateway.simulation.setting import Setting

_BELIEVED = (State.ACTIVE, State.COMPLETED, State.PARTIAL, State.CANCELED, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: what it counts, ours, and the naive gateway's; None where it has none."""

    what: str
    ours: str
    naive: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A run and its comparison."""

    setting: Setting
    ran: Ran
    naive: NaiveStory

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return not self.ran.verdict.breaks


def lines(told: Told) -> Sequence[Line]:
    """All figures of a run that the same seed gives again, to the byte."""
    ran, verdict, other = told.ran, told.ran.verdict, told.naive
    states = verdict.states
    believed = sum(states.get(each, 0) for each in _BELIEVED)
    waiting = sum(states.get(each, 0) for each in HELD)
    return (
        Line("orders", str(ran.orders), str(other.orders)),
        Line("accepted", str(believed), str(other.active)),
        Line("given back", str(states.get(State.FAILED, 0)), str(other.refunded)),
        Line("in doubt at the end", str(waiting), "0"),
        Line("states", _spelled(states)),
        Line("uncertain attempts", str(verdict.uncertain)),
        Line("resolved alone: accepted", str(verdict.accepted_alone)),
        Line("resolved alone: not accepted", str(verdict.refuted_alone)),
        Line("in review at the end", str(verdict.review)),
        Line("refunded by policy", str(verdict.policy_refunds)),
        Line("doubled upstream", str(verdict.doubled), str(other.doubled)),
        Line("lost", str(verdict.lost), "0"),
        Line("wrong ids", str(verdict.wrong_ids)),
        Line("wrong refunds", str(verdict.wrong_refunds), str(other.wrong_refunds)),
        *_of_the_setting(told),
        Line("lies of the panel", str(verdict.lies)),
        Line("faults that struck", str(sum(ran.struck.values()))),
        Line("asked the panels", _spelled(ran.asked)),
        Line("discrepancies found", _spelled(verdict.findings)),
        Line("virtual days", f"{ran.virtual.total_seconds() / 86_400:.1f}"),
    )


def summary(told: Told) -> dict[str, object]:
    """The same for programs, with what it took, which no seed gives again."""
    ran = told.ran
    return {
        "seed": ran.seed,
        "kept": told.kept,
        "breaks": list(ran.verdict.breaks),
        "took_milliseconds": ran.took_milliseconds,
        "figures": {each.what: {"ours": each.ours, "naive": each.naive} for each in lines(told)},
        "struck": ran.struck,
    }


def _spelled(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "-"


def _of_the_setting(told: Told) -> Sequence[Line]:
    """What only a panel that executes late, or lies, can bring about."""
    verdict = told.ran.verdict
    late = [
        Line("executed after the refund, a loss", str(verdict.late_losses)),
        Line("executed late, a person is asked", str(verdict.late_asked)),
    ]
    found = Line("lies found in time", str(verdict.lies_found))
    return (
        *(late if told.setting.later_than_seconds else []),
        *([found] if told.setting.lying else []),
    )
