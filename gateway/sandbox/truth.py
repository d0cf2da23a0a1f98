"""The truth: what the sandbox really took, charged and answered, whatever its callers were told."""

from datetime import datetime

from gateway.dialects.json_text import Json
from gateway.domain.money import plain
from gateway.sandbox.cancels import Cancel
from gateway.sandbox.orders import Order
from gateway.sandbox.panel import Panel
from gateway.sandbox.refills import Refill


def truth(panel: Panel) -> Json:
    """All of it. Amounts are texts, times ISO 8601 in UTC, `duplicates` links ordered again.

    `orders` were placed by callers, `children` made for them. What the balance has lost is the sum
    of all `charged`; a parent's `charge` is that of its children and of the runs to come.
    """
    now = panel.clock()
    panel.orders.settle(now)
    return {
        "orders": [_order(each, now) for each in panel.orders],
        "children": [_order(each, now) for each in panel.orders.children],
        "refills": [_refill(each, now) for each in panel.voice.refills],
        "cancels": [_cancel(each) for each in panel.voice.cancels],
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
        "parent": order.parent,
        "service": order.taking.listing.offer,
        "type": placement.kind.value,
        "link": placement.link,
        "quantity": placement.quantity,
        "runs": placement.runs,
        "interval": placement.interval_minutes,
        "comments": list(placement.comments),
        "details": dict(placement.details),
        "charge": plain(at.charge),
        "charged": plain(order.charged),
        "status": at.word.value,
        "start_count": at.start_count,
        "remains": at.remains,
        "children": [each.id for each in order.family.children] if order.family else [],
        "received_at": order.received_at.isoformat(),
        "replied": order.replied,
        "fault": order.taking.fault.value if order.taking.fault else None,
    }


def _refill(refill: Refill, now: datetime) -> Json:
    return {
        "refill": refill.id,
        "order": refill.order.id,
        "status": refill.word(now).value,
        "asked_at": refill.asked_at.isoformat(),
        "ends_at": refill.ends_at.isoformat(),
    }


def _cancel(cancel: Cancel) -> Json:
    return {
        "order": cancel.order.id,
        "asked_at": cancel.asked_at.isoformat(),
        "due_at": cancel.due_at.isoformat(),
        "end": cancel.end.value if cancel.end else None,
    }
