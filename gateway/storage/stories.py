"""The whole story of an order for its page: every chapter bounded, the newest of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.chronicle import Row, Step, chronicle, priced_lines, request_in_words
from gateway.domain.glimpse import Glimpse
from gateway.storage import goodwill
from gateway.storage.goodwill import Goodwill
from gateway.storage.orders import Listed, by_ids

CHAPTER_MAX = 200
RAW_BYTES_MAX = 8_192

_AGREED = text("""
SELECT link, quantity, quantity_total, runs, interval_minutes, self_run, details,
       cardinality(comments) AS comments, charge, currency, rate, cost, cost_currency, conversion,
       margin_min_percent, revision_id, priced, offers, tries, tried, cancel_wanted, seen, seen_as,
       seen_since, next_poll_at FROM orders WHERE id = :order""")
_CHAPTERS = {
    "events": text("""
SELECT seq, from_state, to_state, actor, reason, evidence, at FROM order_events
 WHERE order_id = :order ORDER BY seq DESC LIMIT :limit"""),
    "attempts": text("""
SELECT number, run, provider, offer, cost, cost_currency, outcome, provider_order, reason, code,
       trace_sent, trace_body, trace_resp, http_status, raw, took_milliseconds, started_at,
       ended_at FROM attempts WHERE order_id = :order ORDER BY number DESC LIMIT :limit"""),
    "parts": text("""
SELECT part, provider, provider_order, quantity, word, charge, currency, start_count, remains,
       refused, seen, seen_since, created_at, ended_at FROM order_parts
 WHERE order_id = :order ORDER BY part DESC LIMIT :limit"""),
    "requests": text("""
SELECT id, kind, provider, state, provider_request, note, tries, asked_at, sent_at, ended_at
  FROM order_requests WHERE order_id = :order ORDER BY id DESC LIMIT :limit"""),
    "entries": text("""
SELECT id, key, kind, actor, reason, rate, at FROM journal_entries
 WHERE order_id = :order ORDER BY id DESC LIMIT :limit"""),
    "discrepancies": text("""
SELECT id, class AS kind, provider, expected, seen, note, opened_at, closed_at, closed_by,
       close_note, entry_id FROM discrepancies
 WHERE order_id = :order ORDER BY id DESC LIMIT :limit"""),
    "deeds": text("""
SELECT id, at, actor, address, what, before, after, reason FROM deeds
 WHERE subject = :subject ORDER BY id DESC LIMIT :limit"""),
    "doubts": text("""
SELECT number, tries, looked_at, next_at, recommendation, evidence FROM investigations
 WHERE order_id = :order ORDER BY number DESC LIMIT :limit"""),
    "proposed": text("""
SELECT proposed_at, number, operator, accepted, note FROM proposals
 WHERE order_id = :order LIMIT :limit"""),
    "braked": text("""
SELECT amount, reason, seen, since FROM braked_refunds WHERE order_id = :order LIMIT :limit"""),
}
_COUNTS = {
    name: text(f"SELECT count(*) FROM {table} WHERE order_id = :order")  # noqa: S608  constants
    for name, table in (
        ("events", "order_events"),
        ("attempts", "attempts"),
        ("parts", "order_parts"),
        ("requests", "order_requests"),
        ("entries", "journal_entries"),
        ("discrepancies", "discrepancies"),
    )
}
_LEGS = text("""
SELECT t.entry_id, t.leg, t.currency, t.amount,
       d.kind || coalesce(':' || d.provider, '') AS debit,
       c.kind || coalesce(':' || c.provider, '') AS credit
  FROM transfers t JOIN accounts d ON d.id = t.debit_id JOIN accounts c ON c.id = t.credit_id
 WHERE t.entry_id = ANY (:entries) ORDER BY t.entry_id, t.leg""")


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that a page shows of an order.

    `chapters`: rows as they are kept, oldest first, by name: events, attempts (each with its
    `request` and its `raw` reply), parts, requests, entries (each with its `legs`), discrepancies,
    deeds, doubts, proposed, braked; at most the newest 200 of each. `counts`: how many there are of
    those that are not all here. `agreed`: what was ordered and on which terms, and what its
    provider said last. `glimpse` goes into each form. `given`: goodwill so far.
    """

    order: Listed
    glimpse: Glimpse
    given: Decimal
    agreed: Row
    priced: Sequence[tuple[str, str]]
    steps: Sequence[Step]
    chapters: Mapping[str, Sequence[Row]]
    refunds: Sequence[Goodwill]
    counts: Mapping[str, int]


async def tell(connection: AsyncConnection, order: int) -> Told | None:
    """An order's story; None when there is no such order."""
    listed = (await by_ids(connection, [order])).get(order)
    standing = await goodwill.charged(connection, order)
    if listed is None or standing is None:
        return None
    found = await connection.execute(_AGREED, {"order": order})
    agreed: dict[str, Any] = dict(found.mappings().one())
    chapters = {name: await _chapter(connection, name, order) for name in _CHAPTERS}
    await _unfold(connection, chapters, agreed)
    return Told(
        order=listed,
        glimpse=standing.glimpse,
        given=standing.given,
        agreed=agreed,
        priced=priced_lines(agreed["priced"], agreed["revision_id"], agreed),
        steps=chronicle(chapters),
        chapters=chapters,
        refunds=await goodwill.of_order(connection, order),
        counts=await _counts(connection, order, chapters),
    )


async def _chapter(connection: AsyncConnection, name: str, order: int) -> list[dict[str, Any]]:
    asked: dict[str, Any] = {"order": order, "limit": CHAPTER_MAX}
    if name == "deeds":
        asked = {"subject": f"order:{order}", "limit": CHAPTER_MAX}
    found = await connection.execute(_CHAPTERS[name], asked)
    return [dict(row) for row in found.mappings()][::-1]


async def _unfold(
    connection: AsyncConnection, chapters: Mapping[str, Sequence[dict[str, Any]]], agreed: Row
) -> None:
    """Entries get their transfers; attempts what was asked for, and the reply as text."""
    entries = {row["id"]: row for row in chapters["entries"]}
    for row in entries.values():
        row["legs"] = []
    for leg in (await connection.execute(_LEGS, {"entries": list(entries)})).mappings():
        entries[leg["entry_id"]]["legs"].append(dict(leg))
    for row in chapters["attempts"]:
        raw: bytes = row["raw"] or b""
        row["raw"] = raw.decode("utf-8", "replace")[:RAW_BYTES_MAX]
        row["request"] = request_in_words(agreed, row)


async def _counts(
    connection: AsyncConnection, order: int, chapters: Mapping[str, Sequence[Row]]
) -> dict[str, int]:
    return {
        name: (await connection.execute(query, {"order": order})).scalar_one()
        for name, query in _COUNTS.items()
        if len(chapters[name]) == CHAPTER_MAX
    }
