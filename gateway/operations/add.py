"""Accept placements: price them from memory, then hold and queue them in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.callers import Caller
from gateway.domain.catalog import Service
from gateway.domain.money import plain
from gateway.domain.placements import Placement
from gateway.domain.pricing import Quote
from gateway.domain.refusals import Code, Refusal
from gateway.domain.routing import Sellable, field_not_carried, route, sellable
from gateway.domain.services import TYPE_RULES
from gateway.operations import Backends
from gateway.storage import placing
from gateway.storage.placing import Priced
from gateway.storage.shelf import Stock


@dataclass(frozen=True, slots=True)
class Wanted:
    """A placement, who wants it, and the id and input hash by which he may ask again."""

    caller: Caller
    placement: Placement
    request_id: str | None = None
    input_sha256: bytes = b""


async def add(backends: Backends, wanted: Sequence[Wanted]) -> list[int | Refusal]:
    """Place a set of placements in order of arrival: an order id or a refusal for each.

    All that are accepted stand in the database when this returns. Raises `Unreachable` when nothing
    was taken, `InDoubt` when the outcome of the commit is not known.
    """
    stock = backends.shelf.stock
    priced = [_price(stock, each) for each in wanted]
    sound = [each for each in priced if isinstance(each, Priced)]
    placed: list[int | Refusal] = []
    if sound:
        async with backends.database.transaction() as connection:
            placed = await placing.place(connection, sound)
        for each in {each.provider for each in sound}:
            backends.waker.wake(each)
    answers = iter(placed)
    return [next(answers) if isinstance(each, Priced) else each for each in priced]


def _price(stock: Stock, wanted: Wanted) -> Priced | Refusal:
    placement, caller = wanted.placement, wanted.caller
    service = stock.catalog.services.get(placement.service)
    if service is None or not service.enabled:
        return Refusal(Code.BAD_SERVICE)
    seen = sellable(stock.catalog, service, stock.offers, caller.buyer)
    if seen is None or caller.currency != stock.catalog.markup.currency:
        return Refusal(Code.UNAVAILABLE)
    if refusal := _out_of_bounds(seen, placement):
        return refusal
    found = route(stock.catalog, seen, stock.offers, placement)
    if found is None:
        field = field_not_carried(stock.catalog, seen, stock.offers, placement)
        return Refusal(Code.BAD_PARAMS, field) if field else Refusal(Code.UNAVAILABLE)
    return _fix(stock, service, found, wanted)


def _out_of_bounds(seen: Sellable, placement: Placement) -> Refusal | None:
    if placement.kind is not seen.kind:
        return Refusal(Code.UNAVAILABLE)
    if placement.runs and not seen.drip_feed:
        return Refusal(Code.BAD_PARAMS, "runs")
    rule = TYPE_RULES[placement.kind]
    lowest, highest = placement.bounds
    below, above = lowest < seen.quantity_min, highest > seen.quantity_max
    if rule.quantity == "one" or not (below or above):
        return None
    if rule.quantity == "bound":
        return Refusal(Code.BAD_PARAMS, "min" if below else "max")
    if below:
        return Refusal(Code.MIN, str(seen.quantity_min))
    return Refusal(Code.MAX, str(seen.quantity_max))


def _fix(stock: Stock, service: Service, quote: Quote, wanted: Wanted) -> Priced:
    return Priced(
        customer=wanted.caller.customer,
        placement=wanted.placement,
        currency=stock.catalog.markup.currency,
        charge=quote.charge,
        rate=quote.rated.rate,
        margin_min_percent=quote.rated.rule.margin_min_percent,
        revision=stock.catalog.number,
        explained=_explain(quote),
        offers=tuple(str(ref) for ref in service.offers),
        provider=quote.offer.ref.provider,
        offer=quote.offer.ref.offer,
        cost=quote.cost,
        cost_currency=quote.cost_currency,
        conversion=quote.conversion,
        request_id=wanted.request_id,
        input_sha256=wanted.input_sha256,
    )


def _explain(quote: Quote) -> dict[str, str]:
    """How the charge came about, kept with the order for ever."""
    rated = quote.rated
    return {
        "rule": str(rated.rule.number),
        "priced_from": str(rated.offer.ref),
        "cost_rate": plain(rated.cost_rate),
        "conversion": plain(rated.conversion),
        "rate_exact": plain(rated.rate_exact),
        "round_up_to": plain(rated.rule.round_up_to),
        "rate": plain(rated.rate),
        "cost_expected": plain(quote.cost_house),
    }
