"""Taking queued orders for sending: the claim and the attempt row that precedes the first byte."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.catalog import OfferRef, Provider
from gateway.domain.placements import Placement
from gateway.domain.sending import Picked, Sale
from gateway.domain.services import ServiceType

_COLUMNS = """
SELECT o.id, o.customer_id, o.service_id, o.kind, o.link, o.quantity, o.runs, o.interval_minutes,
       o.comments, o.details, o.offers, o.tried, o.tries, o.charge, o.currency,
       o.margin_min_percent, o.cancel_wanted,
       o.created_at < now() - make_interval(secs => :queued_seconds_max) AS too_old
  FROM orders o"""
_SENDABLE = """
 WHERE o.state = 'queued' AND o.provider = :provider AND o.next_at <= now()
   -- as `<> ALL` of an array it would be taken to leave almost none, and the whole queue be sorted
   AND o.customer_id NOT IN (SELECT substr(d.provider, 10)::bigint FROM discrepancies d
     WHERE d.closed_at IS NULL AND d.class = 'D12' AND d.provider LIKE 'customer:%')"""
WAITING = f"""{_SENDABLE}
   AND o.id NOT IN (SELECT s.order_id FROM suspects s)"""  # noqa: S608  a constant
"""What may be claimed together, of orders as `o`: a suspect is not."""

_CLAIM = text(f"{_COLUMNS} {WAITING} ORDER BY o.next_at, o.id LIMIT :limit FOR UPDATE SKIP LOCKED")
_CLAIM_ONLY = text(
    f"{_COLUMNS} {_SENDABLE} AND o.id = ANY (:only) ORDER BY o.next_at, o.id FOR UPDATE SKIP LOCKED"
)
_LOAD = text(_COLUMNS + " WHERE o.id = :order")
# it must outlive a crash before the first byte leaves, whatever the database says of commits
_START = text("""
WITH rows AS (SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (order_id bigint,
    run integer, provider text, offer text, cost numeric, sent_cost numeric, cost_currency text,
    conversion numeric, self_run boolean, lease_seconds integer)),
  moved AS (
    UPDATE orders o SET state = 'sending', provider = r.provider, offer = r.offer, cost = r.cost,
           cost_currency = r.cost_currency, conversion = r.conversion, self_run = r.self_run
      FROM rows r WHERE o.id = r.order_id AND r.run = 1),
  under_way AS (
    UPDATE orders o SET next_run_at = NULL FROM rows r WHERE o.id = r.order_id AND r.run > 1),
  event AS (
    INSERT INTO order_events (order_id, seq, from_state, to_state, actor, reason)
    SELECT r.order_id, (SELECT max(seq) + 1 FROM order_events e WHERE e.order_id = r.order_id),
           'queued', 'sending', 'dispatch', r.provider || ':' || r.offer FROM rows r
     WHERE r.run = 1)
INSERT INTO attempts (order_id, number, run, provider, offer, cost, cost_currency, worker_id,
  lease_until)
SELECT r.order_id,
       (SELECT coalesce(max(number), 0) + 1 FROM attempts a WHERE a.order_id = r.order_id),
       r.run, r.provider, r.offer, r.sent_cost, r.cost_currency, :worker,
       now() + make_interval(secs => r.lease_seconds)
  FROM rows r RETURNING order_id, number, run, set_config('synchronous_commit', 'on', true)""")
_REROUTE = text("""
UPDATE orders SET provider = :provider, offer = :offer
 WHERE id = :order AND state = 'queued'""")
_PUT_OFF = text("""
UPDATE orders SET next_at = greatest(next_at, now() + CAST(:wait AS interval))
 WHERE id = ANY (:orders) AND state = 'queued'""")
_LIVE = text("""
SELECT order_id, number, run FROM attempts
 WHERE order_id = :order AND outcome = 'uncertain' ORDER BY number""")
_TOO_OLD = text("""
SELECT id FROM orders WHERE state = 'queued'
   AND created_at < now() - make_interval(secs => :seconds)
 ORDER BY created_at LIMIT :limit FOR UPDATE SKIP LOCKED""")
# from one provider to the next: a queue may be as long as it likes
_DUE = text("""
WITH RECURSIVE found AS (
  (SELECT provider FROM orders WHERE state = 'queued' ORDER BY provider LIMIT 1)
  UNION ALL
  SELECT (SELECT o.provider FROM orders o WHERE o.state = 'queued' AND o.provider > f.provider
           ORDER BY o.provider LIMIT 1) FROM found f WHERE f.provider IS NOT NULL)
SELECT provider FROM found WHERE provider IS NOT NULL""")


@dataclass(frozen=True, slots=True)
class Queued:
    """A claimed order, locked until the transaction ends. The charge is in house currency."""

    id: int
    customer: int
    placement: Placement
    offers: tuple[OfferRef, ...]
    tried: tuple[OfferRef, ...]
    tries: int
    charge: Decimal
    currency: str
    margin_min_percent: Decimal
    too_old: bool
    cancel_wanted: bool

    @property
    def sale(self) -> Sale:
        """What was agreed, for choosing an offer."""
        return Sale(
            self.placement,
            self.offers,
            self.charge,
            self.margin_min_percent,
            self.tried,
            self.tries,
        )


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A claimed order whose row says what cannot be, and why."""

    id: int
    why: str


@dataclass(frozen=True, slots=True)
class Start:
    """One attempt to be made: with what was picked, and what is sent there.

    `run`: of an order that is sent whole it is the first.
    """

    order: int
    picked: Picked
    placement: Placement
    lease_seconds: int
    run: int = 1


@dataclass(frozen=True, slots=True)
class AttemptKey:
    """An attempt's order, its number within it, and the run that it is for."""

    order: int
    number: int
    run: int = 1


@dataclass(frozen=True, slots=True)
class Departure:
    """What is on record as an attempt and may now be sent, once: an order, or a run of one."""

    key: AttemptKey
    provider: Provider
    ref: OfferRef
    placement: Placement


async def claim(
    connection: AsyncConnection,
    provider: str,
    limit: int,
    queued_seconds_max: int,
    only: Sequence[int] | None = None,
) -> list[Queued | Unreadable]:
    """At most `limit` queued orders of one provider that are due, the longest waiting first.

    `only`: those alone that are still among them.
    """
    asked = {"provider": provider, "queued_seconds_max": queued_seconds_max}
    if only is None:
        found = await connection.execute(_CLAIM, {**asked, "limit": limit})
    else:
        found = await connection.execute(_CLAIM_ONLY, {**asked, "only": list(only)})
    return [_read(row) for row in found][:limit]


async def load(connection: AsyncConnection, order: int) -> Queued:
    """One order as the queue sees it, whatever its state."""
    found = await connection.execute(_LOAD, {"order": order, "queued_seconds_max": 0})
    return _queued(found.one())


async def start(
    connection: AsyncConnection, starts: Sequence[Start], worker: int
) -> dict[int, AttemptKey]:
    """Write the attempt rows of claimed orders, and move them to `sending` for their first run."""
    if not starts:
        return {}
    made = await connection.execute(
        _START, {"rows": json.dumps([_row(each) for each in starts]), "worker": worker}
    )
    return {row.order_id: AttemptKey(row.order_id, row.number, row.run) for row in made}


async def reroute(connection: AsyncConnection, order: int, ref: OfferRef) -> None:
    """Hand a queued order to another offer, whose provider's sender will claim it."""
    await connection.execute(
        _REROUTE, {"order": order, "provider": ref.provider, "offer": str(ref.offer)}
    )


async def put_off(connection: AsyncConnection, orders: Sequence[int], wait: timedelta) -> None:
    """Let queued orders wait at least so long."""
    if orders:
        await connection.execute(_PUT_OFF, {"orders": list(orders), "wait": wait})


async def live_attempt(connection: AsyncConnection, order: int) -> AttemptKey | None:
    """The attempt of an order that nothing has proven yet."""
    row = (await connection.execute(_LIVE, {"order": order})).first()
    return AttemptKey(row.order_id, row.number, row.run) if row else None


async def too_old(connection: AsyncConnection, seconds: int, limit: int) -> list[int]:
    """Queued orders that were accepted longer ago than this, locked."""
    found = await connection.execute(_TOO_OLD, {"seconds": seconds, "limit": limit})
    return list(found.scalars())


async def waiting_providers(connection: AsyncConnection) -> list[str]:
    """Names of all providers that queued orders wait for."""
    return list((await connection.execute(_DUE)).scalars())


def read_ref(spelled: str) -> OfferRef:
    """`acme:101` as it stands in the orders table."""
    provider, _, offer = spelled.partition(":")
    return OfferRef(provider, offer)


def read_placement(row: Row[Any]) -> Placement:
    """The placement behind an order row."""
    return Placement(
        service=row.service_id,
        kind=ServiceType(row.kind),
        link=row.link,
        quantity=row.quantity,
        comments=tuple(row.comments or ()),
        runs=row.runs,
        interval_minutes=row.interval_minutes,
        details=tuple((name, value) for name, value in row.details or ()),
    )


def _read(row: Row[Any]) -> Queued | Unreadable:
    """One that cannot be read must not keep all the others from being sent."""
    try:
        return _queued(row)
    except (ValueError, TypeError, ArithmeticError, LookupError) as error:
        return Unreadable(row.id, f"its row cannot be read: {error!r}"[:200])


def _queued(row: Row[Any]) -> Queued:
    return Queued(
        id=row.id,
        customer=row.customer_id,
        placement=read_placement(row),
        offers=tuple(read_ref(each) for each in row.offers),
        tried=tuple(read_ref(each) for each in row.tried),
        tries=row.tries,
        charge=row.charge,
        currency=row.currency,
        margin_min_percent=row.margin_min_percent,
        too_old=row.too_old,
        cancel_wanted=row.cancel_wanted,
    )


def _row(start: Start) -> dict[str, Any]:
    picked = start.picked
    return {
        "order_id": start.order,
        "run": start.run,
        "provider": picked.ref.provider,
        "offer": picked.ref.offer,
        "cost": str(picked.cost),
        "sent_cost": str(picked.sent_cost),
        "cost_currency": picked.cost_currency,
        "conversion": str(picked.conversion),
        "self_run": picked.self_run,
        "lease_seconds": start.lease_seconds,
    }
