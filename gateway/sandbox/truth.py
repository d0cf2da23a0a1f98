"""The truth: what the sandbox really took, charged and answered, whatever its callers were told."""

from datetime import datetime

from gateway.dialects.json_text import Json
from gateway.domain.money import plain
from gateway.sandbox.orders import Order
from gateway.sandbox.panel import Panel


def truth(panel: Panel) -> Json:
    """All of it. Amounts are texts, times ISO 8601 in UTC, `duplicates` links ordered again."""
    now = panel.clock()
    panel.orders.settle(now)
    return {
        "orders": [_order(each, now) for each in panel.orders],
        "requests": dict(panel.requests),
        "faults": dict(panel.faults.struck),
        "balance": plain(panel.orders.balance),
        "currency": panel.terms.currency,
        "duplicates": list(panel.orders.duplicates),
    }


def _order(order: Order, now: datetime) -> Json:
    at = order.stand(now)
    placement = order.taking.placement
    return {
        "order": order.id,
        "service": order.taking.listing.offer,
        "link": placement.link,
        "quantity": placement.quantity,
        "runs": placement.runs,
        "interval": placement.interval_minutes,
        "comments": list(placement.comments),
        "charge": plain(at.charge),
        "status": at.word.value,
        "start_count": at.start_count,
        "remains": at.remains,
        "received_at": order.received_at.isoformat(),
        "replied": order.replied,
        "fault": order.taking.fault.value if order.taking.fault else None,
    }
