"""Accepting placements in sets: hold, order, event, entry and idempotency row in one transaction.

One placement is a set of one; the path is the same (money.md 6, performance.md).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.accepting import Ask, Purse, Repeat, decide, numbered
from gateway.domain.placements import Placement
from gateway.domain.refusals import Refusal

_LOCK = text("""
SELECT customer_id, currency,
       -- of two days at once the later counts; who may spend without limit has none to be below
       least(available, spend_max - CASE WHEN spent_on >= (now() AT TIME ZONE 'UTC')::date
         THEN spent ELSE 0 END) AS available
  FROM balances
 WHERE (customer_id, currency) IN (SELECT * FROM unnest(
   CAST(:customers AS bigint[]), CAST(:currencies AS text[])))
   -- nothing is held on a balance that is not the sum of its transfers
   AND customer_id <> ALL (ARRAY(SELECT substr(d.provider, 10)::bigint FROM discrepancies d
     WHERE d.closed_at IS NULL AND d.class = 'D12' AND d.provider LIKE 'customer:%'))
 ORDER BY customer_id FOR UPDATE""")
_REPEATS = text("""
SELECT i.customer_id, i.key, i.input_sha256, i.order_id FROM idempotency i
  JOIN unnest(CAST(:customers AS bigint[]), CAST(:keys AS text[])) AS asked (customer_id, key)
 USING (customer_id, key)""")
_IDS = text("""
SELECT nextval(pg_get_serial_sequence('orders', 'id')) AS order_id,
       nextval(pg_get_serial_sequence('journal_entries', 'id')) AS entry_id
  FROM generate_series(1, :count) ORDER BY 1""")
_ACCEPT = text("""
WITH rows AS (SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
    order_id bigint, entry_id bigint, customer_id bigint, service_id bigint, kind text, link text,
    quantity bigint, runs integer, interval_minutes integer, comments text[], details jsonb,
    quantity_total bigint, currency text, charge numeric, rate numeric, margin_min_percent numeric,
    revision_id bigint, priced jsonb, offers text[], provider text, offer text, cost numeric,
    cost_currency text, conversion numeric, request_id text, input_sha256 text)),
  paid AS (
    UPDATE balances b SET available = b.available - r.charge, held = b.held + r.charge,
           spent = r.charge + CASE WHEN b.spent_on >= (now() AT TIME ZONE 'UTC')::date
             THEN b.spent ELSE 0 END,
           spent_on = greatest(b.spent_on, (now() AT TIME ZONE 'UTC')::date)
      FROM (SELECT customer_id, currency, sum(charge) AS charge FROM rows GROUP BY 1, 2) r
     WHERE (b.customer_id, b.currency) = (r.customer_id, r.currency)
    RETURNING b.customer_id, b.currency, b.available_id, b.held_id),
  placed AS (
    INSERT INTO orders (id, customer_id, service_id, kind, link, quantity, runs, interval_minutes,
      comments, details, quantity_total, charged_quantity, currency, charge, rate,
      margin_min_percent, revision_id, priced, offers, provider, offer, cost, cost_currency,
      conversion)
    SELECT order_id, customer_id, service_id, kind, link, quantity, runs, interval_minutes,
      comments, details, quantity_total, quantity_total, currency, charge, rate,
      margin_min_percent, revision_id, priced, offers, provider, offer, cost, cost_currency,
      conversion FROM rows),
  event AS (
    INSERT INTO order_events (order_id, seq, to_state, actor)
    SELECT order_id, 1, 'queued', 'customer' FROM rows),
  entry AS (
    INSERT INTO journal_entries (id, order_id, key, kind, actor)
    SELECT entry_id, order_id, 'hold', 'hold', 'customer' FROM rows),
  moved AS (
    INSERT INTO transfers (entry_id, leg, debit_id, credit_id, currency, amount)
    SELECT entry_id, 1, available_id, held_id, currency, charge
      FROM rows JOIN paid USING (customer_id, currency))
INSERT INTO idempotency (customer_id, key, input_sha256, order_id)
SELECT customer_id, request_id, decode(input_sha256, 'hex'), order_id FROM rows
 WHERE request_id IS NOT NULL""")


@dataclass(frozen=True, slots=True)
class Priced:
    """A placement with all that is fixed when it is accepted. `cost` is in `cost_currency`."""

    customer: int
    placement: Placement
    currency: str
    charge: Decimal
    rate: Decimal
    margin_min_percent: Decimal
    revision: int
    explained: dict[str, str]
    offers: tuple[str, ...]
    provider: str
    offer: str
    cost: Decimal
    cost_currency: str
    conversion: Decimal
    request_id: str | None = None
    input_sha256: bytes = b""


async def place(connection: AsyncConnection, wanted: Sequence[Priced]) -> list[int | Refusal]:
    """Decide and write a set of placements in order of arrival; an order id or a refusal each."""
    asks = [Ask(p.customer, p.currency, p.charge, p.request_id, p.input_sha256) for p in wanted]
    # drawn before the lock, which others wait for; those that are not used leave gaps only
    ids = (await connection.execute(_IDS, {"count": len(wanted)})).all()
    purses = await _lock(connection, asks)
    verdicts = decide(asks, purses, await _repeats(connection, asks))
    rows = [
        _row(each, row.order_id, row.entry_id)
        for each, row, verdict in zip(wanted, ids, verdicts, strict=True)
        if verdict.fresh
    ]
    if rows:
        await connection.execute(_ACCEPT, {"rows": json.dumps(rows)})
    return numbered(verdicts, {place: row.order_id for place, row in enumerate(ids)})


async def repeat(connection: AsyncConnection, customer: int, request_id: str) -> Repeat | None:
    """The placement that a customer made under a request id."""
    asked = {"customers": [customer], "keys": [request_id]}
    row = (await connection.execute(_REPEATS, asked)).first()
    return Repeat(bytes(row.input_sha256), row.order_id) if row else None


async def _lock(connection: AsyncConnection, asks: Sequence[Ask]) -> dict[Purse, Decimal]:
    # always in the order of the customers' ids, so that two sets can never wait for each other
    purses = sorted({(ask.customer, ask.currency) for ask in asks})
    found = await connection.execute(
        _LOCK,
        {"customers": [purse[0] for purse in purses], "currencies": [purse[1] for purse in purses]},
    )
    return {(row.customer_id, row.currency): row.available for row in found}


async def _repeats(
    connection: AsyncConnection, asks: Sequence[Ask]
) -> dict[tuple[int, str], Repeat]:
    keyed = [(ask.customer, ask.request_id) for ask in asks if ask.request_id]
    if not keyed:
        return {}
    found = await connection.execute(
        _REPEATS,
        {"customers": [key[0] for key in keyed], "keys": [key[1] for key in keyed]},
    )
    return {
        (row.customer_id, row.key): Repeat(bytes(row.input_sha256), row.order_id) for row in found
    }


def _row(priced: Priced, order: int, entry: int) -> dict[str, Any]:
    placement = priced.placement
    return {
        "order_id": order,
        "entry_id": entry,
        "customer_id": priced.customer,
        "service_id": placement.service,
        "kind": placement.kind,
        "link": placement.link,
        "quantity": placement.quantity,
        "runs": placement.runs,
        "interval_minutes": placement.interval_minutes,
        "comments": placement.comments or None,
        "details": placement.details or None,
        "quantity_total": placement.quantity_total,
        "currency": priced.currency,
        "charge": str(priced.charge),
        "rate": str(priced.rate),
        "margin_min_percent": str(priced.margin_min_percent),
        "revision_id": priced.revision,
        "priced": priced.explained,
        "offers": priced.offers,
        "provider": priced.provider,
        "offer": priced.offer,
        "cost": str(priced.cost),
        "cost_currency": priced.cost_currency,
        "conversion": str(priced.conversion),
        "request_id": priced.request_id,
        "input_sha256": priced.input_sha256.hex(),
    }
