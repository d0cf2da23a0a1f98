"""Writing down how an attempt ended: the attempt, the order, the money and the event in one go.

Every function expects its orders to be locked by `lock` in the same transaction (money.md 2).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.catalog import OfferRef, Provider
from gateway.domain.money import ZERO
from gateway.domain.orders import State
from gateway.domain.outcomes import Outcome
from gateway.domain.postings import CostTerms, capture, cost, cost_of_run, release
from gateway.domain.wholes import unproven_run
from gateway.storage import discrepancies, requests, runs
from gateway.storage.claims import AttemptKey
from gateway.storage.ledger import Posting
from gateway.storage.moves import Move, move
from gateway.storage.requests import Turn

RAW_BYTES_MAX = 8_192
POLL_SECONDS = 60
"""The pace of a provider that has left the catalog."""

_LOCK = text("""
SELECT id, state, customer_id, currency, charge, cost_currency, conversion, cost_booked,
       provider, offer, self_run, run_tries, cancel_wanted
  FROM orders WHERE id = ANY (:orders) ORDER BY id FOR UPDATE""")
_END = text("""
UPDATE attempts a SET outcome = r.outcome, provider_order = r.provider_order, reason = r.reason,
       code = r.code, trace_sent = r.trace_sent, trace_body = r.trace_body,
       trace_resp = r.trace_resp, http_status = r.http_status, raw = decode(r.raw, 'hex'),
       took_milliseconds = r.took_milliseconds, ended_at = now()
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (order_id bigint, number integer,
    outcome text, provider_order text, reason text, code text, trace_sent boolean,
    trace_body boolean, trace_resp boolean, http_status integer, raw text,
    took_milliseconds integer)
 WHERE (a.order_id, a.number) = (r.order_id, r.number) AND (a.outcome IN ('open', 'uncertain')
   OR a.outcome = 'disproved' AND r.outcome = 'accepted')
RETURNING a.order_id, a.number, a.run, a.cost""")
_CONFIRMED = text("""
UPDATE orders o SET provider_order = r.provider_order, cost_booked = r.cost,
       next_poll_at = now() + make_interval(secs => r.poll_seconds)
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS r (order_id bigint, run integer, provider_order text, cost numeric, poll_seconds integer)
 WHERE o.id = r.order_id AND r.run = 1""")
_REQUEUED = text("""
UPDATE orders SET provider = :provider, offer = :offer, tried = :tried, tries = :tries,
       next_at = now() + CAST(:wait AS interval) WHERE id = :order""")
_FAILED = text("UPDATE orders SET ended_at = now() WHERE id = ANY (:orders)")


@dataclass(frozen=True, slots=True)
class Ended:
    """How one attempt ended, with its evidence; `raw` holds no key.

    `code`: what class a refusal is of, or how an id was found.
    """

    key: AttemptKey
    outcome: Outcome
    provider_order: str | None = None
    reason: str = ""
    code: str | None = None
    trace: tuple[bool, bool, bool] | None = None
    http_status: int | None = None
    raw: bytes = b""
    took_milliseconds: int | None = None


@dataclass(frozen=True, slots=True)
class Locked:
    """What settling needs of a locked order. Costs are in the provider's currency."""

    id: int
    state: State
    customer: int
    currency: str
    charge: Decimal
    cost_booked: Decimal
    terms: CostTerms
    ref: OfferRef
    self_run: bool = False
    run_tries: int = 0
    cancel_wanted: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """An attempt that was accepted under the provider's id, at the cost in its currency."""

    order: Locked
    key: AttemptKey
    provider_order: str
    cost: Decimal
    evidence: dict[str, Any] = field(default_factory=dict[str, Any])


async def lock(connection: AsyncConnection, orders: Sequence[int]) -> dict[int, Locked]:
    """Lock orders, always in the order of their ids, so that two settlers never wait in a ring.

    For the same reason a transaction posts once, at its end: `ledger.post` locks the balances in
    the order of the customers, and nobody waits for them longer than he must.
    """
    found = await connection.execute(_LOCK, {"orders": sorted(orders)})
    return {
        row.id: Locked(
            id=row.id,
            state=State(row.state),
            customer=row.customer_id,
            currency=row.currency,
            charge=row.charge,
            cost_booked=row.cost_booked,
            terms=CostTerms(row.provider, row.cost_currency, row.currency, row.conversion),
            ref=OfferRef(row.provider, row.offer),
            self_run=row.self_run,
            run_tries=row.run_tries,
            cancel_wanted=row.cancel_wanted,
        )
        for row in found
    }


async def end_attempts(
    connection: AsyncConnection, ended: Sequence[Ended]
) -> dict[AttemptKey, Decimal]:
    """Write outcomes on attempts that are still open or uncertain; which ones, and their costs.

    An id that comes after all for a disproved one is written too: it is better evidence.
    """
    rows = json.dumps([_row(each) for each in ended])
    found = await connection.execute(_END, {"rows": rows})
    return {AttemptKey(row.order_id, row.number, row.run): row.cost for row in found}


async def confirm(
    connection: AsyncConnection,
    taken: Sequence[Taken],
    providers: Mapping[str, Provider],
    *,
    actor: str,
) -> list[Posting]:
    """Accepted upstream: polling begins (T3), or the next run of a drip-feed has its time.

    What is to be posted: the charges captured, for all runs with the first, and the costs booked.
    """
    postings: list[Posting] = []
    for each in taken:
        order, run = each.order, each.key.run
        if run == 1:
            captured = capture(order.customer, order.currency, order.charge)
            postings.append(Posting(captured, order.id))
            booked = cost(order.terms, ZERO, each.cost, "cost")
        else:
            booked = cost_of_run(order.terms, order.cost_booked, each.cost, run)
        if booked:
            postings.append(Posting(booked, order.id))
    rows = [_confirmed(each, providers) for each in taken]
    first = [each for each in taken if each.key.run == 1]
    await connection.execute(_CONFIRMED, {"rows": json.dumps(rows)})
    moves = [
        Move(each.order.id, each.order.state, State.ACTIVE, reason, each.evidence)
        for each in first
        for reason in (f"accepted as {each.provider_order}",)
    ]
    await move(connection, moves, actor=actor)
    await runs.took(connection, [row for row in rows if row["self_run"]])
    return postings


async def requeue(
    connection: AsyncConnection,
    order: Locked,
    ref: OfferRef,
    *,
    tried: Sequence[OfferRef],
    tries: int,
    wait: timedelta,
) -> None:
    """Back to the queue after proof that nothing was taken; the hold stays (T4)."""
    await connection.execute(
        _REQUEUED,
        {
            "order": order.id,
            "provider": ref.provider,
            "offer": ref.offer,
            "tried": [str(each) for each in tried],
            "tries": tries,
            "wait": wait,
        },
    )


async def doubt(connection: AsyncConnection, order: Locked, ended: Ended, *, actor: str) -> None:
    """Not proven either way: the hold stays, and nothing is sent again (T6, T7).

    An order of which other runs went well stays as it is; the later ones wait for an operator.
    """
    if ended.key.run > 1:
        finding = unproven_run(ended.key.run)
        await discrepancies.record(connection, order.ref.provider, order.id, [finding])
    if order.state is not State.SENDING or ended.key.run > 1:
        return
    sent, body, resp = ended.trace or (None, None, None)
    evidence = {
        "attempt": ended.key.number,
        "sent": sent,
        "body": body,
        "resp": resp,
        "http_status": ended.http_status,
    }
    moved = Move(order.id, order.state, State.UNCONFIRMED, ended.reason, evidence)
    await move(connection, [moved], actor=actor)


async def fail(
    connection: AsyncConnection,
    orders: Sequence[Locked],
    *,
    actor: str,
    reason: str,
    evidence: Mapping[str, Any] | None = None,
) -> list[Posting]:
    """Proven not accepted, or given up before sending (T5, T16); what is to be posted: releases."""
    await connection.execute(_FAILED, {"orders": [order.id for order in orders]})
    proof = dict(evidence or {})
    moves = [Move(order.id, order.state, State.FAILED, reason, proof) for order in orders]
    await move(connection, moves, actor=actor)
    turns = [Turn(order.id, order.state, State.FAILED, refunded=False) for order in orders]
    await requests.seen(connection, turns)
    return [
        Posting(release(order.customer, order.currency, order.charge, reason), order.id)
        for order in orders
    ]


def _confirmed(taken: Taken, providers: Mapping[str, Provider]) -> dict[str, Any]:
    document = providers.get(taken.order.ref.provider)
    return {
        "order_id": taken.key.order,
        "number": taken.key.number,
        "run": taken.key.run,
        "self_run": taken.order.self_run,
        "provider_order": taken.provider_order,
        "cost": str(taken.cost),
        "poll_seconds": document.poll_seconds if document else POLL_SECONDS,
    }


def _row(ended: Ended) -> dict[str, Any]:
    sent, body, resp = ended.trace or (None, None, None)
    return {
        "order_id": ended.key.order,
        "number": ended.key.number,
        "outcome": ended.outcome,
        "provider_order": ended.provider_order,
        "reason": ended.reason[:500],
        "code": ended.code,
        "trace_sent": sent,
        "trace_body": body,
        "trace_resp": resp,
        "http_status": ended.http_status,
        "raw": ended.raw[:RAW_BYTES_MAX].hex(),
        "took_milliseconds": ended.took_milliseconds,
    }
