"""Adjustments: those of one customer, and those that wait for a second operator."""

from collections.abc import Sequence
from urllib.parse import quote

from starlette.responses import Response

from gateway.admin import answers
from gateway.admin.customers import path_of
from gateway.admin.grids import Cell, Column, Grid, Row
from gateway.admin.rendering import page
from gateway.admin.typed import reason_of
from gateway.admin.visits import Form, Page, Stop, Visit
from gateway.domain.money import EXACT, plain
from gateway.domain.operators import Right
from gateway.domain.spelling import in_words
from gateway.operations.agree_adjustment import SamePerson, Short, agree_adjustment
from gateway.operations.show_customer import show_customer
from gateway.operations.waiting_adjustments import Adjustment, waiting_adjustments
from gateway.operations.withdraw_adjustment import withdraw_adjustment

PATH = "/customers/adjustments"
_TONES = {None: "doubt", "booked": "settled", "withdrawn": "ended"}


async def show_waiting(visit: Visit) -> Response:
    """Those that a second operator must look at, the longest waiting first."""
    found = await waiting_adjustments(visit.backends)
    return page(visit, "adjustments.html", grid=grid_of(visit, found, PATH, whose=True))


async def show(visit: Visit) -> Response:
    """One that waits: what it would do."""
    waiting = await _waiting(visit)
    facts = await show_customer(visit.backends, waiting.customer)
    available = facts.customer.available if facts else None
    return page(
        visit,
        "adjustment.html",
        each=waiting,
        path=f"{PATH}/{waiting.id}",
        whose=path_of(waiting.customer),
        words=in_words(waiting.amount, waiting.currency),
        before=available,
        after=None if available is None else EXACT.add(available, waiting.amount),
        own=waiting.proposed_by.casefold() == visit.actor.name.casefold(),
    )


async def agree(visit: Visit) -> Response:
    """As the second operator: it is booked."""
    number, reason = visit.number("number"), reason_of(visit, PATH)
    try:
        found = await agree_adjustment(visit.backends, number, actor=visit.actor, reason=reason)
    except SamePerson:
        raise Stop(
            "You asked for this adjustment yourself. Nothing was changed.",
            then="Another operator who may move money has to agree.",
            back=PATH,
        ) from None
    except Short as short:
        raise Stop(
            f"The customer has less by now: {short}. Nothing was changed.", back=PATH
        ) from None
    return _decided(visit, found)


async def withdraw(visit: Visit) -> Response:
    """Nobody waits for it any more."""
    number, reason = visit.number("number"), reason_of(visit, PATH)
    found = await withdraw_adjustment(visit.backends, number, actor=visit.actor, reason=reason)
    return _decided(visit, found)


def grid_of(visit: Visit, found: Sequence[Adjustment], path: str, *, whose: bool = False) -> Grid:
    """As a table; `whose`: of all customers."""
    house = visit.backends.shelf.stock.catalog.markup.currency
    columns = (
        Column("id", right=True),
        *((Column("customer"),) if whose else ()),
        Column("amount", right=True, unit=house),
        Column("state"),
        Column("why"),
        Column("asked for by"),
        Column("asked for"),
        *(() if whose else (Column("decided by"), Column("decided"))),
    )
    return Grid(
        name="Adjustments",
        columns=columns,
        rows=[_row(each, whose=whose) for each in found],
        query=Form(),
        path=path,
        empty="None waits." if whose else "None so far.",
        exports=False,
    )


def _row(each: Adjustment, *, whose: bool) -> Row:
    waits = each.outcome is None
    link = f"{PATH}/{each.id}" if waits else f"/entries/{each.entry}" if each.entry else ""
    state = "booked alone" if each.alone and each.outcome == "booked" else each.outcome or "waits"
    return (
        Cell(each.id, href=link),
        *((Cell(each.name, href=path_of(each.customer)),) if whose else ()),
        Cell(each.amount, href=link),
        Cell(None, tone=_TONES.get(each.outcome, ""), mark=state),
        each.reason,
        Cell(each.proposed_by, href=f"/audit?actor={quote(each.proposed_by, safe='')}"),
        each.proposed_at,
        *(() if whose else (each.decided_by, each.decided_at)),
    )


async def _waiting(visit: Visit) -> Adjustment:
    number = visit.number("number")
    for each in await waiting_adjustments(visit.backends):
        if each.id == number:
            return each
    raise Stop(
        f"No adjustment {number} waits.",
        then="It was decided by now, or there is none: the customer's page has all of his.",
        back=PATH,
        status=404,
    )


def _decided(visit: Visit, found: Adjustment | None) -> Response:
    if found is None:
        raise Stop("There is no such adjustment. Nothing was changed.", back=PATH, status=404)
    amount = f"{plain(found.amount)} {found.currency} for {found.name}"
    return answers.done(visit, PATH, f"{amount}: {found.outcome} by {found.decided_by}.")


PAGES = (
    Page("GET", PATH, Right.LOOK, show_waiting),
    Page("GET", f"{PATH}/{{number:int}}", Right.LOOK, show),
    Page("POST", f"{PATH}/{{number:int}}/agree", Right.MONEY, agree, proven=True),
    Page("POST", f"{PATH}/{{number:int}}/withdraw", Right.MONEY, withdraw, proven=True),
)
