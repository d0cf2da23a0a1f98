"""One service: what customers see of it, why it costs so much, its offers, and changes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from gateway.admin import changes
from gateway.admin.changes import Wish
from gateway.admin.picked import picked
from gateway.admin.rendering import page
from gateway.admin.visits import Form, Page, Stop, Visit, missing, whole
from gateway.domain.edits import Edit, OrderOffers, RemoveServices, Switch
from gateway.domain.operators import Right
from gateway.domain.placements import QUANTITY_MAX
from gateway.operations.explain import Explanation, NoSuchCustomer, Refusal, explain
from gateway.operations.list_rate_changes import RateChange, list_rate_changes
from gateway.operations.show_quality import show_quality

OFFERS_SHOWN = 20
RATE_CHANGES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Tried:
    """What somebody typed to see his rate and charge, and why that cannot be told."""

    customer: str
    quantity: str
    why_not: str = ""


async def show(visit: Visit) -> Response:
    """Everything about it."""
    number = visit.number("number")
    explained, tried = await _explained(visit, number)
    service = explained.service
    refs = [each.ref for each in explained.offers[:OFFERS_SHOWN]]
    measured = await show_quality(visit.backends, [number])
    moved: list[RateChange] = []
    for ref in refs:
        moved += await list_rate_changes(
            visit.backends, ref.provider, ref.offer, limit=RATE_CHANGES_SHOWN
        )
    moved.sort(key=lambda each: (each.at, each.id), reverse=True)
    catalog = explained.catalog
    shown: Mapping[str, Any] = {
        "service": service,
        "explained": explained,
        "tried": tried,
        "house": catalog.markup.currency,
        "currencies": {name: each.currency for name, each in catalog.providers.items()},
        "offers": explained.offers[:OFFERS_SHOWN],
        "quality": {f"{each.provider}:{each.offer}": each for each in measured},
        "moved": moved[:RATE_CHANGES_SHOWN],
        "order": [str(ref) for ref in service.offers],
    }
    return page(visit, "sale.html", **shown)


async def preview_change(visit: Visit) -> Response:
    """What a change of this service comes to."""
    return await changes.propose(visit, _wish(visit))


async def change(visit: Visit) -> Response:
    """Changed, as it was shown."""
    return await changes.carry_out(visit, _wish(visit))


async def _explained(visit: Visit, number: int) -> tuple[Explanation, Tried]:
    customer, quantity = visit.query.one("customer").strip(), visit.query.one("quantity").strip()
    backends = visit.backends
    why_not = ""
    try:
        found = await explain(
            backends, number, customer=customer[:200], quantity=_quantity(quantity)
        )
    except NoSuchCustomer:
        found, why_not = await explain(backends, number), "There is no customer of this name."
    except Refusal as refusal:
        found = await explain(backends, number, customer=customer[:200])
        why_not = f"Nobody could order so many: {refusal}."
    except ValueError as error:
        found, why_not = await explain(backends, number), str(error)
    if found is None:
        raise missing(f"service {number}")
    if quantity and not why_not and found.seen and not found.quote:
        why_not = "No offer takes so many: each says why below."
    return found, Tried(customer, quantity, why_not)


def _quantity(text: str) -> int:
    """0 where none was typed; raises ValueError in words."""
    if not text:
        return 0
    quantity = whole(text, QUANTITY_MAX)
    if not quantity:
        raise ValueError(f"A quantity is a whole number up to {QUANTITY_MAX:,}.")
    return quantity


def _wish(visit: Visit) -> Wish:
    number, deed = visit.number("number"), visit.form.one("deed")
    here = f"/services/{number}"
    chosen = frozenset({number})
    order = _ordered(visit.form, here) if deed == "order" else ()
    found: Mapping[str, tuple[str, Edit, str, str]] = {
        "on": ("Put on sale", Switch(chosen, enabled=True), "is on sale.", here),
        "off": ("Take off sale", Switch(chosen, enabled=False), "is off sale.", here),
        "order": (
            "Order the offers of",
            OrderOffers(number, tuple(order)),
            "has its offers in another order.",
            here,
        ),
        "remove": ("Remove", RemoveServices(chosen), "is removed.", "/services"),
    }
    if deed not in found:
        raise Stop("There is no such deed. Nothing was changed.", back=here)
    verb, edit, words, then = found[deed]
    return Wish(
        title=f"{verb} service {number}",
        edits=(edit,),
        action=here,
        intent=[("deed", deed), *(("offer", each) for each in order)],
        back=here,
        words=f"Service {number} {words}",
        then=then,
        order=order,
    )


def _ordered(form: Form, back: str) -> Sequence[str]:
    """The offers as they were shown, one of them a step up or down if a button says so."""
    order = list(picked(form, "offer", back=back))
    for name, step in (("up", -1), ("down", 1)):
        at = whole(form.one(name), len(order) - 1)
        if at is not None and 0 <= (there := at + step) < len(order):
            order[at], order[there] = order[there], order[at]
    return order


PAGES = (
    Page("GET", "/services/{number:int}", Right.LOOK, show),
    Page("POST", "/services/{number:int}/preview", Right.CATALOG, preview_change),
    Page("POST", "/services/{number:int}", Right.CATALOG, change),
)
