"""What a service grants after an order has ended, by the provider and the offer that took it."""

from gateway.dialects.book import spoken_by
from gateway.domain.catalog import Service
from gateway.domain.requests import Grant
from gateway.domain.routing import grants_refill
from gateway.storage.requests import Owned
from gateway.storage.shelf import Stock


def granted(stock: Stock, order: Owned) -> Grant:
    """What is granted for an order of ours."""
    provider = stock.catalog.providers.get(order.ref.provider)
    offer = stock.offers.get(order.ref)
    if provider is None or offer is None:
        return Grant(possible=False)
    service = stock.catalog.services.get(order.service) or Service(order.service, "", "", ())
    return Grant(
        possible=grants_refill(stock.catalog, service, offer),
        days=service.refill_days,
        after_hours=service.refill_after_hours,
        partial=service.refill_partial,
        closed_too=spoken_by(provider).refill_status_usable,
    )
