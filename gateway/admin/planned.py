"""A plan as pages draw it: in figures, service by service, and with what is to be agreed to."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.admin.grids import ROWS, Cell, Column, Grid, Row
from gateway.admin.visits import Form
from gateway.domain.plans import Change, Plan
from gateway.operations.preview import Preview

_HERE = Form()


@dataclass(frozen=True, slots=True)
class Planned:
    """What a change of the catalog would do; `changes` as they are `ranked`.

    `currency`: the house's by it. `ordered` and `left_without`: as a `Preview` has them, None where
    nobody asked. `agreed`: which losses the operator ticked.
    """

    plan: Plan
    changes: Sequence[Change]
    currency: str
    ordered: int | None = None
    left_without: int | None = None
    agreed: str = ""

    @property
    def new_losses(self) -> tuple[Change, ...]:
        """Services that would lose money by it."""
        return self.plan.new_losses

    @property
    def losses_token(self) -> str:
        """Stands for exactly these losses: who agrees to them agrees to no others."""
        told = [f"{change.id} {change.after}" for change in self.new_losses]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]

    @property
    def losses_agreed(self) -> bool:
        """Whether the operator ticked these losses."""
        return bool(self.new_losses) and self.agreed == self.losses_token

    @property
    def grid(self) -> Grid:
        """The first of them; how many more there are is said."""
        unlive = {
            each.id: "; ".join(f"{ref} {why}" for ref, why in each.reasons)
            for each in self.plan.nothing_live
        }
        news = {each.id: "new" for each in self.plan.added}
        news |= {each.id: "gone" for each in self.plan.gone}
        rows = [
            _row(each, news.get(each.id, ""), unlive.get(each.id, ""))
            for each in self.changes[:ROWS]
        ]
        left = len(self.changes) - ROWS
        note = f"The worst {ROWS} are shown; {left:,} more change." if left > 0 else ""
        empty = "No service has another rate, name or state by it."
        columns = _columns(self.currency)
        return Grid(
            "What changes", columns, rows, _HERE, "/markup", empty=empty, note=note, exports=False
        )


def planned(found: Preview, agreed: str = "") -> Planned:
    """A preview's plan."""
    changes = ranked(found.plan, found.changes)
    return Planned(found.plan, changes, found.currency, found.ordered, found.left_without, agreed)


def ranked(plan: Plan, by_risk: Sequence[Change]) -> Sequence[Change]:
    """New losses first, also of services whose rate stays; then the others by their risk."""
    first = {change.id for change in plan.new_losses}
    if not first:
        return by_risk
    return (*plan.new_losses, *(each for each in by_risk if each.id not in first))


def _columns(currency: str) -> Sequence[Column]:
    return (
        Column("id", right=True),
        Column("service"),
        Column("what changes"),
        Column("cost now", right=True, unit=currency),
        Column("cost then", right=True, unit=currency),
        Column("rate now", right=True, unit=currency),
        Column("rate then", right=True, unit=currency),
        Column("margin now", right=True),
        Column("margin then", right=True),
    )


def _row(change: Change, news: str, why_not: str) -> Row:
    was, will = change.before, change.after
    # a service that is only being made has no page yet
    href = "" if news == "new" else f"/services/{change.id}"
    return (
        Cell(change.id, href=href),
        change.name,
        _told(change, news, why_not),
        was.cost_rate if was else None,
        will.cost_rate if will else None,
        was.rate if was else None,
        will.rate if will else None,
        Cell(was.margin_percent if was else None, share=True),
        Cell(will.margin_percent if will else None, share=True, tone="loss" if change.loss else ""),
    )


def _told(change: Change, news: str, why_not: str) -> Cell:
    # rates that stay stand here for a minimum margin that they no longer reach
    what = news or ", ".join(change.what) or "minimum margin"
    if change.loss:
        return Cell(what, tone="loss", mark="LOSS")
    if why_not:
        return Cell(f"{what}: {why_not}", tone="doubt", mark="nothing live")
    return Cell(what)
