"""How a plan of the catalog is shown."""

from collections.abc import Sequence

from gateway.cli.output import CONSOLE, print_table, say
from gateway.domain.plans import Change, Plan

ROWS_MAX = 50
COLUMNS_NEW = (">rate", ">margin %")
COLUMNS_BOTH = (">rate old", ">rate new", ">margin % old", ">margin % new")


def show(plan: Plan) -> None:
    """Losses first, then what is added, changed and gone, each at most `ROWS_MAX` lines."""
    _changes("Would lose money", plan.losses, "red")
    _changes("Added", plan.added)
    _changes("Changed", plan.changed)
    _changes("Gone", plan.gone)
    if plan.nothing_live:
        rows = [
            (each.id, each.name, "; ".join(f"{ref} {why}" for ref, why in each.reasons))
            for each in plan.nothing_live[:ROWS_MAX]
        ]
        print_table("Nothing live behind them", [">id", "name", "why"], rows)
    for word, names in (
        ("added", plan.providers.added),
        ("gone", plan.providers.gone),
        ("changed", plan.providers.changed),
    ):
        if names:
            say(f"Providers {word}: {', '.join(names)}")
    say(
        f"{len(plan.added)} added, {len(plan.gone)} gone, {len(plan.changed)} changed,"
        f" {plan.unchanged} as before, {len(plan.losses)} losses,"
        f" {len(plan.nothing_live)} with nothing live"
    )
    if plan.customers:
        shown = ", ".join(plan.customers[:ROWS_MAX])
        CONSOLE.print(f"Customers whose rates change: {shown}", markup=False)


def _changes(title: str, changes: Sequence[Change], style: str = "") -> None:
    if not changes:
        return
    new = all(change.before is None for change in changes)
    more = f" (the first {ROWS_MAX} of {len(changes)})" if len(changes) > ROWS_MAX else ""
    columns = [">id", "name", ">rule", ">cost", *(COLUMNS_NEW if new else COLUMNS_BOTH), ""]
    rows = [_row(change, new=new) for change in changes[:ROWS_MAX]]
    if style:
        title = f"[{style}]{title}[/{style}]"
    print_table(title + more, columns, rows)


def _row(change: Change, *, new: bool) -> Sequence[object]:
    now = change.after or change.before
    pairs = [
        (each.rate, each.margin_percent) if each else (None, None)
        for each in ((change.after,) if new else (change.before, change.after))
    ]
    return (
        change.id,
        change.name,
        now.rule if now else None,
        now.cost_rate if now else None,
        *(rate for rate, _ in pairs),
        *(margin for _, margin in pairs),
        "LOSS" if change.loss else ", ".join(change.what),
    )
