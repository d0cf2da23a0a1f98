"""Writing the ledger: journal entries, their transfers, the balances they move (money.md 6)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.money import ZERO
from gateway.domain.postings import Account, Entry

_ACCOUNTS = text("""
SELECT w.place, a.id FROM jsonb_to_recordset(CAST(:wanted AS jsonb))
    AS w (place integer, kind text, currency text, customer bigint, provider text)
  JOIN accounts a ON a.kind = w.kind AND a.currency = w.currency
   AND a.customer_id IS NOT DISTINCT FROM w.customer AND a.provider IS NOT DISTINCT FROM w.provider
""")
_OPEN = text("""
INSERT INTO accounts (kind, currency, customer_id, provider)
SELECT kind, currency, customer, provider FROM jsonb_to_recordset(CAST(:wanted AS jsonb))
    AS w (kind text, currency text, customer bigint, provider text)
 ORDER BY 1, 2, 3, 4 ON CONFLICT DO NOTHING""")
_IDS = text("""
SELECT nextval(pg_get_serial_sequence('journal_entries', 'id'))
  FROM generate_series(1, :count) ORDER BY 1""")
_ENTRIES = text("""
INSERT INTO journal_entries (id, order_id, key, kind, actor, reason, rate)
SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id bigint, order_id bigint,
  key text, kind text, actor text, reason text, rate numeric)""")
_TRANSFERS = text("""
INSERT INTO transfers (entry_id, leg, debit_id, credit_id, currency, amount)
SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (entry_id bigint, leg smallint,
  debit_id bigint, credit_id bigint, currency text, amount numeric)""")
_LOCK = text("""
SELECT customer_id FROM balances WHERE customer_id = ANY (:customers)
 ORDER BY customer_id FOR UPDATE""")
_BALANCES = text("""
UPDATE balances b SET available = b.available + r.available, held = b.held + r.held
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS r (customer bigint, currency text, available numeric, held numeric)
 WHERE (b.customer_id, b.currency) = (r.customer, r.currency)""")
_OPEN_BALANCE = text("""
INSERT INTO balances (customer_id, currency, available_id, held_id)
VALUES (:customer, :currency, :available, :held) ON CONFLICT DO NOTHING""")
_FOLD = text("""
WITH now AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS below)
INSERT INTO folds (account_id, below, amount)
SELECT a.id, now.below, coalesce(f.amount, 0) + coalesce((
         SELECT sum(m.amount) FROM movements m WHERE m.account_id = a.id
            AND m.xid >= coalesce(f.below, '0') AND m.xid < now.below), 0)
  FROM accounts a CROSS JOIN now
  LEFT JOIN folds f ON f.account_id = a.id AND f.below <= now.below
 WHERE a.customer_id IS NULL ORDER BY a.id
ON CONFLICT (account_id) DO UPDATE SET below = excluded.below, amount = excluded.amount""")


class BookedAlready(Exception):  # noqa: N818  an expected no
    """An entry with this key stands in the ledger."""


@dataclass(frozen=True, slots=True)
class Posting:
    """An entry and the order that it belongs to, if any."""

    entry: Entry
    order: int | None = None


async def post(
    connection: AsyncConnection, postings: Sequence[Posting], *, actor: str
) -> Sequence[int]:
    """Write entries with their transfers, and move the balances of the customers they touch.

    Gives the entries' ids. The same key twice, an overdraft and every other break of the rules is
    refused by the database.
    """
    if not postings:
        return ()
    ids = await accounts(connection, _named(postings))
    numbers = (await connection.execute(_IDS, {"count": len(postings)})).scalars().all()
    entries = [
        _entry(number, posting, actor) for number, posting in zip(numbers, postings, strict=True)
    ]
    transfers = [
        row
        for number, posting in zip(numbers, postings, strict=True)
        for row in _transfers(number, posting.entry, ids)
    ]
    try:
        await connection.execute(_ENTRIES, {"rows": json.dumps(entries)})
    except IntegrityError as error:
        if "entry_once" in str(error.orig):
            raise BookedAlready(", ".join(entry["key"] for entry in entries)) from error
        raise
    await connection.execute(_TRANSFERS, {"rows": json.dumps(transfers)})
    if changes := _changes(postings):
        if len(changes) > 1:  # one row needs no order, and is locked for one round trip less
            customers = sorted({row["customer"] for row in changes})
            await connection.execute(_LOCK, {"customers": customers})
        await connection.execute(_BALANCES, {"rows": json.dumps(changes)})
    return numbers


async def accounts(connection: AsyncConnection, wanted: Iterable[Account]) -> dict[Account, int]:
    """The ids of accounts; those that are new are opened."""
    left = list(dict.fromkeys(wanted))
    found = await _find(connection, left)
    if missing := [account for account in left if account not in found]:
        await connection.execute(_OPEN, {"wanted": json.dumps([_spell(a) for a in missing])})
        found |= await _find(connection, missing)
    return found


async def open_balance(connection: AsyncConnection, customer: int, currency: str) -> None:
    """The two accounts of a customer in one currency, and the row that keeps their balances."""
    available, held = (Account(kind, currency, customer) for kind in ("available", "held"))
    ids = await accounts(connection, (available, held))
    await connection.execute(
        _OPEN_BALANCE,
        {
            "customer": customer,
            "currency": currency,
            "available": ids[available],
            "held": ids[held],
        },
    )


async def fold(connection: AsyncConnection) -> None:
    """Sum the house accounts up to the oldest running transaction; harmless when done twice."""
    await connection.execute(_FOLD)


async def _find(connection: AsyncConnection, wanted: Sequence[Account]) -> dict[Account, int]:
    rows = [{"place": place, **_spell(account)} for place, account in enumerate(wanted)]
    found = await connection.execute(_ACCOUNTS, {"wanted": json.dumps(rows)})
    return {wanted[row.place]: row.id for row in found}


def _named(postings: Sequence[Posting]) -> Iterable[Account]:
    for posting in postings:
        for leg in posting.entry.legs:
            yield leg.debit
            yield leg.credit


def _spell(account: Account) -> dict[str, Any]:
    return {
        "kind": account.kind,
        "currency": account.currency,
        "customer": account.customer,
        "provider": account.provider,
    }


def _entry(number: int, posting: Posting, actor: str) -> dict[str, Any]:
    entry = posting.entry
    return {
        "id": number,
        "order_id": posting.order,
        "key": entry.key,
        "kind": entry.kind,
        "actor": actor,
        "reason": entry.reason,
        "rate": None if entry.rate is None else str(entry.rate),
    }


def _transfers(number: int, entry: Entry, ids: dict[Account, int]) -> Iterable[dict[str, Any]]:
    for place, leg in enumerate(entry.legs, start=1):
        yield {
            "entry_id": number,
            "leg": place,
            "debit_id": ids[leg.debit],
            "credit_id": ids[leg.credit],
            "currency": leg.debit.currency,
            "amount": str(leg.amount),
        }


def _changes(postings: Sequence[Posting]) -> list[dict[str, Any]]:
    """What each customer's balances gain; a customer's accounts are liabilities, so credit adds."""
    changes: dict[tuple[int, str], dict[str, Decimal]] = defaultdict(dict)
    for posting in postings:
        for leg in posting.entry.legs:
            for account, amount in ((leg.debit, -leg.amount), (leg.credit, leg.amount)):
                if account.customer is not None:
                    change = changes[account.customer, account.currency]
                    change[account.kind] = change.get(account.kind, ZERO) + amount
    return [
        {
            "customer": customer,
            "currency": currency,
            "available": str(change.get("available", ZERO)),
            "held": str(change.get("held", ZERO)),
        }
        for (customer, currency), change in changes.items()
    ]
