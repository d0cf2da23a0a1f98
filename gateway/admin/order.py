"""One order on one page: what it is, all that happened to it, and what may be done."""

import re
from decimal import Decimal

from starlette.responses import Response

from gateway.admin.excerpts import Excerpts
from gateway.admin.order_line import Row, attempt_facts, evidence_of, time_line
from gateway.admin.order_offers import offers_of
from gateway.admin.order_tables import tables_of
from gateway.admin.orders import PATH, TONES, path_of
from gateway.admin.rendering import page
from gateway.admin.typed import sentence
from gateway.admin.visits import Page, Stop, Visit, missing
from gateway.domain.glimpse import Glimpse, read_glimpse
from gateway.domain.money import EXACT
from gateway.domain.operators import Right
from gateway.domain.orders import HELD
from gateway.domain.pricing import margin_percent
from gateway.domain.spelling import in_words
from gateway.operations.tell_order import Told, tell_order

RAW_BYTES_MAX = 40_000
ORDERED_BYTES_MAX = 5_000
ORDERED_MAX = 20
_STEP = re.compile(r"[0-9]{1,6}", re.ASCII)


async def show(visit: Visit) -> Response:
    """The whole story."""
    told = await told_of(visit)
    standing = told.order.standing
    until = visit.query.one("until")
    service = visit.backends.shelf.stock.catalog.services.get(told.order.service)
    return page(
        visit,
        "order.html",
        told=told,
        standing=standing,
        path=path_of(standing.id),
        tone=TONES.get(standing.state, ""),
        service=service.name if service else "",
        margin=margin_of(told),
        ordered=_ordered(told),
        line=time_line(told, int(until) if _STEP.fullmatch(until) else None),
        offers=await offers_of(visit, told),
        in_words=in_words,
        tables=tables_of(visit, told),
    )


async def show_attempt(visit: Visit) -> Response:
    """One attempt with all that is on record: what was asked, what came back, what was gathered."""
    told = await told_of(visit)
    number, back = visit.number("attempt"), path_of(told.order.standing.id)
    rows = [row for row in told.chapters["attempts"] if row["number"] == number]
    if not rows:
        raise Stop(
            f"Order {told.order.standing.id} has no attempt {number} among its latest.",
            back=back,
            status=404,
        )
    room = Excerpts(RAW_BYTES_MAX)
    doubts = [row for row in told.chapters["doubts"] if row["number"] == number]
    return page(
        visit,
        "order_attempt.html",
        order=told.order.standing.id,
        path=back,
        attempt=rows[0],
        recorded=attempt_facts(rows[0], room),
        doubts=[(row, evidence_of(row, room)) for row in doubts],
        request=room.of(rows[0]["request"], RAW_BYTES_MAX // 2),
        reply=room.of(rows[0]["raw"], RAW_BYTES_MAX),
    )


async def told_of(visit: Visit) -> Told:
    """The order that the path names; raises `Stop`."""
    number = visit.number("number")
    told = await tell_order(visit.backends, number)
    if told is None:
        raise missing(f"order {number}")
    return told


def seen_of(visit: Visit, back: str) -> Glimpse:
    """How the order stood when the form was made; raises `Stop`: no form of ours is without."""
    seen = read_glimpse(visit.form.one("seen"))
    if seen is None:
        raise Stop(
            "This form does not say how the order stood when it was shown. Nothing was changed.",
            then="Open the order again and repeat what you did.",
            back=back,
        )
    return seen


def refuse(why_not: str, moved: Glimpse | None, back: str) -> None:
    """Raises `Stop` where an operation did nothing: why, or how the order stands by now."""
    if not why_not:
        return
    then = "Look at it as it is now, then decide anew." if moved else ""
    raise Stop(f"{sentence(why_not)} Nothing was changed.", then=then, back=back)


def margin_of(told: Told) -> tuple[Decimal, Decimal | None] | None:
    """What is left of the charge, and its share in percent; None before anything was booked."""
    standing = told.order.standing
    if standing.state in HELD:
        return None
    kept, cost = EXACT.subtract(standing.net, told.given), told.order.cost
    return EXACT.subtract(kept, cost), margin_percent(kept, cost) if kept else None


def _ordered(told: Told) -> list[tuple[str, str]]:
    """What was asked for beside link and quantity; comments are counted, not shown."""
    agreed, room = told.agreed, Excerpts(ORDERED_BYTES_MAX)
    details: Row = agreed["details"] or {}
    known = (
        ("runs", agreed["runs"]),
        ("interval, minutes", agreed["interval_minutes"]),
        ("comments, lines", agreed["comments"]),
        *details.items(),
    )
    facts = [(name, value) for name, value in known if value]
    return [(room.of(name, 40), room.of(value, 400)) for name, value in facts[:ORDERED_MAX]]


PAGES = (
    Page("GET", f"{PATH}/{{number:int}}", Right.LOOK, show),
    Page("GET", f"{PATH}/{{number:int}}/attempts/{{attempt:int}}", Right.LOOK, show_attempt),
)
