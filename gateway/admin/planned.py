"""What changes for services, from -> to, the worst first: a table for whatever asks for it."""

from gateway.admin.grids import Cell, Column, Grid, Row
from gateway.admin.visits import Visit
from gateway.domain.plans import Change, Figures, Plan

SHOWN_MAX = 100


def changes_grid(visit: Visit, plan: Plan) -> Grid:
    """At most so many services; how many more there are is said."""
    house = visit.backends.shelf.stock.catalog.markup.currency
    columns = (
        Column("service", right=True),
        Column("name"),
        Column("what changes"),
        Column("cost", right=True, unit=house),
        Column("cost then", right=True, unit=house),
        Column("rate", right=True, unit=house),
        Column("rate then", right=True, unit=house),
        Column("margin", right=True),
        Column("margin then", right=True),
    )
    changes = plan.by_risk
    left = len(changes) - SHOWN_MAX
    unlive = {
        each.id: "; ".join(f"{ref} {why}" for ref, why in each.reasons)
        for each in plan.nothing_live
    }
    added, gone = ({each.id for each in part} for part in (plan.added, plan.gone))
    rows: list[Row] = []
    for each in changes[:SHOWN_MAX]:
        what = "new" if each.id in added else "gone" if each.id in gone else ", ".join(each.what)
        href = "" if each.id in added else f"/services/{each.id}"
        told = _told(each, what, unlive.get(each.id, ""))
        rows.append((Cell(each.id, href=href), each.name, told, *_figures(each)))
    return Grid(
        "What changes",
        columns,
        rows,
        visit.query,
        visit.request.url.path,
        empty="No service has another rate, name or state by it.",
        note=f"The worst {SHOWN_MAX} are shown; {left:,} more change." if left > 0 else "",
        exports=False,
    )


def _told(change: Change, what: str, why_not: str) -> Cell:
    if change.loss:
        return Cell(what, tone="loss", mark="loss")
    if why_not:
        return Cell(f"{what}: {why_not}", tone="doubt", mark="nothing live")
    return Cell(what)


def _figures(change: Change) -> Row:
    before, after = change.before, change.after
    shares = _pair("margin_percent", before, after)
    return (
        *_pair("cost_rate", before, after),
        *_pair("rate", before, after),
        *(Cell(each, share=True) for each in shares),
    )


def _pair(name: str, before: Figures | None, after: Figures | None) -> tuple[object, object]:
    return getattr(before, name, None), getattr(after, name, None)
