"""Tell a customer what is on sale, at his own rates."""

import asyncio
import hashlib

from gateway.dialects.book import dialect
from gateway.dialects.json_text import write
from gateway.domain.callers import Caller
from gateway.domain.catalog import Listing
from gateway.domain.refusals import Code, Refusal
from gateway.domain.routing import Sellable, sellable
from gateway.domain.services import ServiceType
from gateway.operations import Backends
from gateway.storage.shelf import Stock


def kind_of(backends: Backends, caller: Caller, service: int) -> tuple[ServiceType, int | None]:
    """The type of a service that is on sale and its `posts_max`, by which its fields are read.

    Raises Refusal.
    """
    stock = backends.shelf.stock
    found = stock.catalog.services.get(service)
    if found is None or not found.enabled:
        raise Refusal(Code.BAD_SERVICE)
    seen = sellable(stock.catalog, found, stock.offers, caller.buyer)
    if seen is None:
        raise Refusal(Code.UNAVAILABLE)
    return seen.kind, found.posts_max


async def services(backends: Backends, caller: Caller) -> bytes:
    """The list in the caller's dialect, as bytes: from the process, from Redis, else built."""
    stock = backends.shelf.stock
    key = _key(stock, caller)
    if ready := backends.answers.get(key):
        return ready
    shared = "services:" + hashlib.sha256("\n".join(key).encode()).hexdigest()
    answer = await backends.cache.get(shared)
    if answer is None:
        # pricing ten thousand services takes a while; other answers go on meanwhile
        answer = await asyncio.to_thread(_build, stock, caller)
        await backends.cache.put(shared, answer)
    backends.answers.put(key, answer)
    return answer


def _key(stock: Stock, caller: Caller) -> tuple[str, ...]:
    """What the answer depends on; the customer himself only where a rule names customers."""
    personal = any(rule.match.customer for rule in stock.catalog.markup.rules)
    return (
        str(stock.version.activation),
        str(stock.version.offers),
        caller.dialect,
        caller.group,
        caller.name if personal else "",
    )


def _build(stock: Stock, caller: Caller) -> bytes:
    on_sale = (
        sellable(stock.catalog, service, stock.offers, caller.buyer)
        for service in stock.catalog.services.values()
    )
    listings = [_listing(seen) for seen in on_sale if seen]
    return write(dialect(caller.dialect).answer_services(listings))


def _listing(seen: Sellable) -> Listing:
    return Listing(
        offer=str(seen.service.id),
        name=seen.service.name,
        category=seen.service.category,
        kind_word=seen.kind,
        rate=seen.rated.rate,
        quantity_min=seen.quantity_min,
        quantity_max=seen.quantity_max,
        drip_feed=seen.drip_feed,
        refill=seen.refill,
        cancel=seen.cancel,
        description=seen.service.description,
    )
