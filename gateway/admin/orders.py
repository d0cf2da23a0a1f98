"""Orders: found by any word of theirs, exported as found, and those that wait for a second one."""

import re
from collections.abc import Sequence
from datetime import UTC
from urllib.parse import quote

from starlette.responses import Response

from gateway.admin import answers
from gateway.admin.excerpts import Excerpts
from gateway.admin.grids import ROWS, Cell, Column, Grid, Row, export, in_parts, wants_export
from gateway.admin.order_filters import PATH, choices_of, place_of, search_of
from gateway.admin.rendering import page
from gateway.admin.visits import Form, Page, Visit
from gateway.domain.money import EXACT, ZERO
from gateway.domain.operators import Right
from gateway.domain.orders import HELD, State
from gateway.operations.export_orders import Listed, Search, export_orders
from gateway.operations.list_waiting import Goodwill, WaitingDecision, list_waiting
from gateway.operations.search_orders import Found, Sort, search_orders

LINK_BYTES_MAX = 400
TONES = {
    State.UNCONFIRMED: "doubt",
    State.REVIEW: "doubt",
    State.COMPLETED: "settled",
    State.PARTIAL: "ended",
    State.CANCELED: "ended",
    State.CLOSED: "ended",
    State.FAILED: "loss",
}
_NUMBER = re.compile(r"#?0*([0-9]{1,19})", re.ASCII)


async def show_all(visit: Visit) -> Response:
    """What the address bar asks for, as a table or as a file."""
    wanted = search_of(visit.query)
    if wants_export(visit):
        rows = in_parts(export_orders(visit.backends, wanted), _exported)
        return export("orders", _columns(visit), rows)
    found = await search_orders(visit.backends, wanted, place_of(visit.query))
    if _is_the_one(wanted, found):
        return answers.away(path_of(found.orders[0].standing.id))
    return page(visit, "orders.html", grid=_grid(visit, wanted, found))


async def show_waiting(visit: Visit) -> Response:
    """What one operator said, and a second one must look at; the longest waiting first."""
    waits = await list_waiting(visit.backends)
    return page(
        visit,
        "orders_waiting.html",
        decisions=_waiting(
            visit,
            "Decisions about orders in doubt",
            ("order", "state", "customer", "charge", "said", "by", "why", "since"),
            [_decision(each) for each in waits.decisions],
        ),
        refunds=_waiting(
            visit,
            "Refunds",
            ("order", "customer", "amount", "asked for by", "why", "waits because", "since"),
            [_refund(each) for each in waits.refunds],
        ),
    )


def path_of(order: int) -> str:
    """An order's page."""
    return f"{PATH}/{order}"


def _is_the_one(wanted: Search, found: Found) -> bool:
    """Whether somebody typed an order's id, and nothing else fits the same words."""
    said = _NUMBER.fullmatch(wanted.words)
    only = len(found.orders) == 1 and found.next is None and found.previous is None
    return bool(said and only and int(said[1]) == found.orders[0].standing.id)


def _grid(visit: Visit, wanted: Search, found: Found) -> Grid:
    back = place_of(visit.query).before is not None
    room = Excerpts(LINK_BYTES_MAX * ROWS)
    until, went = "", "up" if wanted.sort is Sort.OLDEST else "back"
    if found.searched_to is not None:
        moment = found.searched_to.astimezone(UTC)
        until = f"Searched {went} to {moment:%Y-%m-%d %H:%M:%S}: go on"
    return Grid(
        name="Orders",
        columns=_columns(visit),
        rows=[_row(each, room.of(each.link, LINK_BYTES_MAX)) for each in found.orders],
        query=visit.query,
        path=PATH,
        choices=choices_of(visit, wanted),
        search="Order, link, customer or a provider's id",
        later={} if found.next is None else {"after": str(found.next)},
        earlier={} if found.previous is None else {"before": str(found.previous)},
        later_words=until if until and not back else "Further rows",
        earlier_words=until if until and back else "Earlier rows",
        empty="None among those that were looked at so far." if until else "No order fits.",
        note="So many fit these words that only 5,000 were looked at: narrow them."
        if found.cut
        else "",
    )


def _columns(visit: Visit) -> tuple[Column, ...]:
    house = visit.backends.shelf.stock.catalog.markup.currency
    return (
        Column("order", right=True),
        Column("state"),
        Column("created"),
        Column("customer"),
        Column("service", right=True),
        Column("link", wide=True),
        Column("quantity", right=True),
        Column("charge", right=True, unit=house),
        Column("cost", right=True, unit=house),
        Column("margin", right=True, unit=house),
        Column("provider"),
        Column("id there"),
    )


def _row(order: Listed, link: str) -> Row:
    standing, path = order.standing, path_of(order.standing.id)
    sent = standing.state not in HELD
    margin = EXACT.subtract(standing.net, order.cost) if sent else None
    lost = margin is not None and margin < ZERO
    return (
        Cell(standing.id, href=path),
        Cell(None, tone=TONES.get(standing.state, ""), mark=standing.state),
        order.created_at,
        Cell(order.customer, href=f"/customers/{order.customer_id}"),
        Cell(order.service, href=f"/services/{order.service}"),
        link,
        standing.quantity,
        Cell(standing.net, href=f"{path}#explain"),
        Cell(order.cost, href=f"{path}#line") if sent else None,
        Cell(margin, tone="loss" if lost else "", mark="LOSS" if lost else ""),
        Cell(order.provider, href=f"/providers/{quote(order.provider, safe='')}"),
        order.provider_order,
    )


def _exported(order: Listed) -> Row:
    return _row(order, order.link)


def _waiting(visit: Visit, name: str, labels: Sequence[str], rows: Sequence[Row]) -> Grid:
    house = visit.backends.shelf.stock.catalog.markup.currency
    money = ("charge", "amount")
    columns = [
        Column(each, right=each in money or each == "order", unit=house if each in money else "")
        for each in labels
    ]
    path = f"{PATH}/waiting"
    return Grid(name, columns, rows, Form(), path, empty="None waits.", exports=False)


def _decision(each: WaitingDecision) -> Row:
    said = "refused" if each.accepted is None else f"accepted as {each.accepted}"
    return (
        Cell(each.order, href=f"{path_of(each.order)}#decide"),
        Cell(None, tone="doubt", mark=each.state),
        each.customer,
        each.charge,
        said,
        Cell(each.operator, href=f"/audit?actor={quote(each.operator, safe='')}"),
        each.note,
        each.asked_at,
    )


def _refund(each: Goodwill) -> Row:
    late = "" if each.valid else "over a week old: it must be asked for anew"
    return (
        Cell(each.order, href=f"{path_of(each.order)}#refunds"),
        each.customer,
        each.amount,
        Cell(each.operator, href=f"/audit?actor={quote(each.operator, safe='')}"),
        each.reason,
        Cell(each.why, tone="ended" if late else "", mark=late),
        each.asked_at,
    )


PAGES = (
    Page("GET", PATH, Right.LOOK, show_all),
    Page("GET", f"{PATH}/waiting", Right.LOOK, show_waiting),
)
