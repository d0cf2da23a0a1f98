"""Reading orders: for the customer's status, for the operator's list and for the whole story."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.observations import Word
from gateway.domain.orders import Progress, Standing, State
from gateway.domain.postings import CostTerms
from gateway.domain.services import ServiceType

STANDING = """o.id, o.state, o.progress, o.closed_from, o.charge, o.currency, o.quantity_total,
       o.charged_quantity, o.start_count, o.remains, o.kind, o.runs, o.self_run, o.parts,
       o.delivered, o.seen_word,
       CASE o.kind WHEN 'Subscriptions' THEN o.details END AS bounded_by"""
"""The columns of orders, as `o`, that `standing_of` reads."""

_STANDINGS = text(f"""
SELECT {STANDING} FROM orders o
 WHERE o.id = ANY (:orders) AND o.customer_id = :customer""")  # noqa: S608  a constant
_LISTED = f"""
SELECT {STANDING}, c.name AS customer, o.customer_id, o.service_id, o.provider, o.offer,
       o.provider_order, o.cost_booked, o.cost_currency, o.conversion, o.link, o.created_at,
       o.ended_at, o.priced,
       CASE WHEN o.state IN ('unconfirmed', 'review') THEN (
         SELECT i.recommendation FROM investigations i WHERE i.order_id = o.id
          ORDER BY i.number DESC LIMIT 1) END AS advice
  FROM orders o JOIN customers c ON c.id = o.customer_id"""  # noqa: S608  a constant
_BY_IDS = text(f"{_LISTED} WHERE o.id = ANY (:orders)")
_LIST = text(f"""{_LISTED}
 WHERE (CAST(:state AS text) IS NULL OR o.state = :state)
   AND (CAST(:order AS bigint) IS NULL OR o.id = :order)
   AND (CAST(:customer AS text) IS NULL OR c.name = :customer)
   AND o.id > :after
 ORDER BY o.id LIMIT :limit""")
_EVENTS = text("""
SELECT seq, from_state, to_state, actor, reason, evidence, at
  FROM order_events WHERE order_id = :order ORDER BY seq""")
_ATTEMPTS = text("""
SELECT number, run, provider, offer, cost, cost_currency, outcome, provider_order, reason, code,
       trace_sent, trace_body, trace_resp, http_status, raw, took_milliseconds, started_at,
       ended_at FROM attempts WHERE order_id = :order ORDER BY number""")
_PARTS = text("""
SELECT part, provider, provider_order, quantity, word, charge, currency, start_count, remains,
       refused, created_at, ended_at FROM order_parts WHERE order_id = :order ORDER BY part""")
_BRAKED = text("""
SELECT amount, reason, seen, since FROM braked_refunds WHERE order_id = :order""")
_DOUBTS = text("""
SELECT number, tries, looked_at, next_at, recommendation, evidence FROM investigations
 WHERE order_id = :order ORDER BY number""")
_PROPOSED = text("""
SELECT proposed_at AS since, operator, accepted, note FROM proposals WHERE order_id = :order""")
_SEEN = text("""
SELECT seen, seen_as, seen_since, start_count, remains, next_poll_at FROM orders
 WHERE id = :order AND seen > 0""")
_TRANSFERS = text("""
SELECT e.key, e.kind, e.actor, e.reason, e.at, t.leg, t.currency, t.amount,
       d.kind || coalesce(':' || d.provider, '') AS debit,
       c.kind || coalesce(':' || c.provider, '') AS credit
  FROM journal_entries e JOIN transfers t ON t.entry_id = e.id
  JOIN accounts d ON d.id = t.debit_id JOIN accounts c ON c.id = t.credit_id
 WHERE e.order_id = :order ORDER BY e.id, t.leg""")

_JSON_RAW_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Listed:
    """An order as operators see it. `cost` is what is booked, in house currency.

    `advice`: what is recommended while it is in doubt, else empty.
    """

    standing: Standing
    customer: str
    service: int
    provider: str
    offer: str
    provider_order: str | None
    link: str
    kind: str
    cost: Decimal
    created_at: datetime
    ended_at: datetime | None
    priced: dict[str, str]
    advice: str
    customer_id: int


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that happened to an order, oldest first; `parts` as each was last seen.

    `braked`: the refund that waits, if one does, in house currency. `doubts`: what was gathered
    for attempts in doubt. `proposed`: what one operator said became of it, while a second one is
    waited for. `seen`: what its provider said last, if he ever did.
    """

    order: Listed
    events: list[dict[str, Any]]
    attempts: list[dict[str, Any]]
    transfers: list[dict[str, Any]]
    parts: list[dict[str, Any]]
    braked: list[dict[str, Any]]
    doubts: list[dict[str, Any]]
    proposed: list[dict[str, Any]]
    seen: list[dict[str, Any]]


async def standings(
    connection: AsyncConnection, customer: int, orders: Sequence[int]
) -> dict[int, Standing]:
    """Those of the asked orders that are this customer's; all others are simply absent."""
    found = await connection.execute(_STANDINGS, {"orders": list(orders), "customer": customer})
    return {row.id: standing_of(row) for row in found}


async def listed(
    connection: AsyncConnection,
    *,
    state: str | None = None,
    customer: str | None = None,
    after: int = 0,
    limit: int = 1_000,
) -> list[Listed]:
    """A page of orders by their ids."""
    found = await connection.execute(
        _LIST,
        {"state": state, "customer": customer, "order": None, "after": after, "limit": limit},
    )
    return [_listed(row) for row in found]


async def by_ids(connection: AsyncConnection, orders: Sequence[int]) -> dict[int, Listed]:
    """These orders, as far as there are any."""
    found = await connection.execute(_BY_IDS, {"orders": list(orders)})
    return {row.id: _listed(row) for row in found}


async def story(connection: AsyncConnection, order: int) -> Story | None:
    """One order with its events, attempts and transfers; None when there is none."""
    asked = {"order": order, "state": None, "customer": None, "after": 0, "limit": 1}
    row = (await connection.execute(_LIST, asked)).first()
    if row is None:
        return None
    chapters = [
        [dict(each) for each in (await connection.execute(query, {"order": order})).mappings()]
        for query in (_EVENTS, _ATTEMPTS, _TRANSFERS, _PARTS, _BRAKED, _DOUBTS, _PROPOSED, _SEEN)
    ]
    for attempt in chapters[1]:
        raw: bytes = attempt["raw"] or b""
        attempt["raw"] = raw.decode("utf-8", "replace")[:_JSON_RAW_MAX]
    return Story(_listed(row), *chapters)


def standing_of(row: Row[Any]) -> Standing:
    """How an order stands, from its row; costs are left at nothing."""
    return Standing(
        id=row.id,
        state=State(row.state),
        progress=Progress(row.progress) if row.progress else None,
        closed_from=State(row.closed_from) if row.closed_from else None,
        charge=row.charge,
        currency=row.currency,
        quantity=row.quantity_total,
        charged_quantity=row.charged_quantity,
        start_count=row.start_count,
        remains=row.remains,
        kind=ServiceType(row.kind),
        runs=row.runs,
        self_run=row.self_run,
        posts=_posts(row),
        parts=row.parts,
        delivered=row.delivered,
        seen_word=Word(row.seen_word) if row.seen_word else None,
    )


def _posts(row: Row[Any]) -> int | None:
    """Of a subscription, whose quantity is so many posts at their `max`."""
    if row.bounded_by is None:
        return None
    return row.quantity_total // int(dict(row.bounded_by)["max"])


def _listed(row: Row[Any]) -> Listed:
    terms = CostTerms(row.provider, row.cost_currency, row.currency, row.conversion)
    return Listed(
        standing=standing_of(row),
        customer=row.customer,
        service=row.service_id,
        provider=row.provider,
        offer=row.offer,
        provider_order=row.provider_order,
        link=row.link,
        kind=row.kind,
        cost=terms.in_house(row.cost_booked),
        created_at=row.created_at,
        ended_at=row.ended_at,
        priced=row.priced,
        advice=row.advice or "",
        customer_id=row.customer_id,
    )
