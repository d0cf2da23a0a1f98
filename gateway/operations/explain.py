"""Tell why a service has its rate for a customer, and where an order of so many would go."""

import asyncio

from gateway.dialects.examples import example
from gateway.domain.catalog import Buyer, Catalog
from gateway.domain.explanations import Explanation
from gateway.domain.explanations import explain as reckon
from gateway.domain.refusals import Refusal
from gateway.domain.routing import Offers
from gateway.operations import Backends
from gateway.storage import customers, offers
from gateway.storage.documents import DocumentErrors, Documents, parse

__all__ = ["DocumentErrors", "Explanation", "NoSuchCustomer", "Refusal", "explain"]


class NoSuchCustomer(Exception):  # noqa: N818  an expected no
    """There is no customer of this name."""


async def explain(
    backends: Backends,
    service: int,
    *,
    customer: str = "",
    quantity: int = 0,
    documents: Documents | None = None,
) -> Explanation | None:
    """By the active revision, or by documents that were not applied; None: no such service.

    Without a customer for anybody, without a quantity the rate alone. Raises `NoSuchCustomer`,
    DocumentErrors, and Refusal where nobody could order so many.
    """
    buyer = await _buyer(backends, customer)
    catalog, listed = await _catalog(backends, documents)
    found = catalog.services.get(service)
    if found is None:
        return None
    rated = reckon(catalog, found, listed, buyer)
    if not quantity or rated.seen is None:
        return rated
    placement = example(service, rated.seen.kind, quantity)
    return reckon(catalog, found, listed, buyer, placement)


async def _buyer(backends: Backends, name: str) -> Buyer:
    if not name:
        return Buyer()
    async with backends.database.reading() as connection:
        found = await customers.named(connection, name)
    if found is None:
        raise NoSuchCustomer(name)
    return Buyer(found.name, found.group)


async def _catalog(backends: Backends, documents: Documents | None) -> tuple[Catalog, Offers]:
    stock = backends.shelf.stock
    if documents is None:
        return stock.catalog, stock.offers
    catalog = await asyncio.to_thread(parse, documents)
    missing = sorted(catalog.providers.keys() - stock.catalog.providers.keys())
    async with backends.database.reading() as connection:
        known = await offers.load(connection, missing) if missing else []
    return catalog, {**stock.offers, **{each.ref: each for each in known}}
