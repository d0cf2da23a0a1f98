"""One discrepancy: what is odd, and closing it, by a note or by an entry that is shown before."""

from collections.abc import Sequence

from starlette.responses import Response

from gateway.admin import answers
from gateway.admin.grids import Column, Grid
from gateway.admin.overview_grids import named
from gateway.admin.reconciliation import PATH
from gateway.admin.rendering import page
from gateway.admin.typed import reason_of
from gateway.admin.visits import Page, Stop, Visit, missing
from gateway.domain.operators import Right
from gateway.domain.searching import ID_MAX
from gateway.domain.spelling import in_words
from gateway.domain.targets import Class
from gateway.operations.close_discrepancy import close_discrepancy
from gateway.operations.show_discrepancy import Into, Moved, Shown, Way, show_discrepancy

NOTE = "note"
WORDS = {
    NOTE: "Close by a note",
    Into.SUSPENSE: "Set aside",
    Into.LOSS: "Book as loss",
    Into.ADJUSTMENT: "Book as adjustment",
}


async def show(visit: Visit) -> Response:
    """What it is, and what the way that is looked at would post."""
    number = _number(visit)
    shown = await show_discrepancy(visit.backends, number)
    if shown is None:
        raise missing(f"discrepancy {number}")
    way = _looked_at(shown, visit.query.one("by"))
    moves = way.moves if way else ()
    return page(
        visit,
        "discrepancy.html",
        shown=shown,
        line=shown.line,
        kind=named(Class(shown.line.kind)),
        words=WORDS,
        way=way,
        name_of=_name_of,
        named=_moves(visit, "Transfers of the entry that names it", shown.named),
        foreseen=_moves(visit, "Transfers that would be posted", moves),
        in_words="; ".join(in_words(each.amount, each.currency) for each in moves),
    )


async def close(visit: Visit) -> Response:
    """Close it, or set its amount aside: once, and as it was shown."""
    number, by = _number(visit), visit.form.one("by")
    back = f"{PATH}/{number}"
    if by != NOTE and by not in list(Into):
        raise Stop("There is no such way to close it. Nothing was changed.", back=back)
    into = None if by == NOTE else Into(by)
    mark = visit.form.one("mark")
    if not mark:
        raise Stop("This form is not whole. Nothing was changed.", then="Open it again.", back=back)
    refused = await close_discrepancy(
        visit.backends,
        number,
        actor=visit.actor,
        note=reason_of(visit, f"{back}?by={by}"),
        into=into,
        mark=mark,
    )
    if refused:
        raise Stop(f"{refused[:1].upper()}{refused[1:]}. Nothing was changed.", back=back)
    done = "is set aside; it stays open" if into is Into.SUSPENSE else "is closed"
    return answers.done(visit, back, f"Discrepancy {number} {done}.")


def _number(visit: Visit) -> int:
    number = visit.number("number")
    if number >= ID_MAX:
        raise missing("such discrepancy")
    return number


def _looked_at(shown: Shown, asked: str) -> Way | None:
    """The way that is asked for, else the first that may be; None of a closed one."""
    for way in shown.ways:
        if _name_of(way) == asked:
            return way
    possible = [way for way in shown.ways if not way.why_not]
    return possible[0] if possible else next(iter(shown.ways), None)


def _name_of(way: Way) -> str:
    return way.into or NOTE


def _moves(visit: Visit, name: str, moves: Sequence[Moved]) -> Grid:
    columns = (
        Column("debit"),
        Column("credit"),
        Column("amount", right=True),
        Column("currency"),
    )
    rows = [(each.debit, each.credit, each.amount, each.currency) for each in moves]
    return Grid(name, columns, rows, visit.query, PATH, empty="No transfers.", exports=False)


PAGES = (
    Page("GET", f"{PATH}/{{number:int}}", Right.LOOK, show),
    Page("POST", f"{PATH}/{{number:int}}/close", Right.MONEY, close, proven=True),
)
