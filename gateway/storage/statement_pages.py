"""A customer's statement by the page, the newest first, however many movements there are.

Movements stand in the order of the transactions that made them, by which the ledger's indexes are
ordered: a statement wants no index of its own. Within one of them by entry and leg.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.money import EXACT

PAGE_MAX = 1_000
LOOKS_MAX = 40
SUMMED_MAX = 50_000
_SPELLED = re.compile(r"[0-9]{1,18}\.[0-9]{1,18}\.[0-9]{1,4}", re.ASCII)
# entries are numbered, and say when, before their transaction ends: so far apart can it be
DISORDER = timedelta(minutes=2)

_PURSE = text("""
SELECT b.available_id, b.held_id, b.currency, b.available FROM customers c
  JOIN balances b ON (b.customer_id, b.currency) = (c.id, c.currency) WHERE c.id = :customer""")
# both sides by their own index, only as far as the page needs
_SIDE = """
(SELECT t.xid, t.entry_id, t.leg, {sign}t.amount AS amount FROM transfers t
  WHERE t.{mine} = :account {other}
    AND t.xid {compared} CAST(CAST(:xid AS text) AS xid8)
    AND (t.xid, t.entry_id, t.leg) {beyond} (CAST(CAST(:xid AS text) AS xid8), :entry, :leg)
  ORDER BY t.xid {way}, t.entry_id {way}, t.leg {way} LIMIT :limit)"""
_TOLD = """
SELECT m.xid::text AS xid, m.entry_id, m.leg, m.amount, e.at, e.order_id, e.kind, e.key, e.actor,
       e.reason
  FROM (SELECT * FROM ({sides}) AS both_sides
         ORDER BY xid {way}, entry_id {way}, leg {way} LIMIT :limit) m
  JOIN journal_entries e ON e.id = m.entry_id ORDER BY m.xid {way}, m.entry_id {way}, m.leg {way}"""
_OLDER = {"compared": "<=", "beyond": "<", "way": "DESC"}
_NEWER = {"compared": ">=", "beyond": ">", "way": "ASC"}
_CREDIT = {"mine": "credit_id", "sign": ""}
_DEBIT = {"mine": "debit_id", "sign": "-"}
_HOUSE = text("""
SELECT id FROM accounts WHERE kind = :kind AND currency = :currency
   AND customer_id IS NULL AND provider IS NULL""")
_SUM = text("""
SELECT count(*) AS counted, coalesce(sum(amount), 0) AS amount FROM (
  (SELECT t.amount FROM transfers t WHERE t.credit_id = :account
      AND t.xid >= CAST(CAST(:xid AS text) AS xid8)
      AND (t.xid, t.entry_id, t.leg) >= (CAST(CAST(:xid AS text) AS xid8), :entry, :leg)
    LIMIT :most)
  UNION ALL
  (SELECT -t.amount FROM transfers t WHERE t.debit_id = :account
      AND t.xid >= CAST(CAST(:xid AS text) AS xid8)
      AND (t.xid, t.entry_id, t.leg) >= (CAST(CAST(:xid AS text) AS xid8), :entry, :leg)
    LIMIT :most)) AS newer""")
# twenty to thirty steps, each by the key
_MOMENT = text("""
WITH RECURSIVE bounds AS (
  SELECT coalesce(min(id), 0) AS low, coalesce(max(id), 0) + 1 AS high FROM journal_entries
  UNION ALL
  SELECT CASE WHEN late THEN low ELSE middle + 1 END, CASE WHEN late THEN middle ELSE high END
    FROM (SELECT low, high, (low + high) / 2 AS middle, coalesce((SELECT e.at >= :moment
            FROM journal_entries e WHERE e.id >= (low + high) / 2 ORDER BY e.id LIMIT 1), true)
            AS late
            FROM bounds WHERE low < high) AS halves)
SELECT t.xid::text FROM transfers t
 WHERE t.entry_id >= (SELECT low FROM bounds WHERE low >= high LIMIT 1)
 ORDER BY t.entry_id LIMIT 1""")


class Kind(StrEnum):
    """What moves a customer's balance."""

    HOLD = "hold"
    RELEASE = "release"
    REFUND = "refund"
    TOP_UP = "top_up"
    ADJUST = "adjust"
    RECHARGE = "recharge"


_BOTH = (_CREDIT, _DEBIT)
# on which side of his account a kind stands, and what stands at the other end
_ENDS: Mapping[Kind, tuple[Sequence[Mapping[str, str]], str]] = {
    Kind.HOLD: ((_DEBIT,), "held"),
    Kind.RELEASE: ((_CREDIT,), "held"),
    Kind.REFUND: ((_CREDIT,), "refunds"),
    Kind.TOP_UP: ((_CREDIT,), "top_ups"),
    Kind.ADJUST: (_BOTH, "adjustment"),
    Kind.RECHARGE: ((_DEBIT,), "refunds"),
}


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a statement. As text, for an address: three numbers with dots between."""

    xid: int
    entry: int
    leg: int

    def __str__(self) -> str:
        return f"{self.xid}.{self.entry}.{self.leg}"

    @classmethod
    def read(cls, spelled: str) -> "Position":
        """Raises ValueError for what is no position."""
        if not _SPELLED.fullmatch(spelled):
            raise ValueError(f"{spelled!r} is no place in a statement")
        return cls(*(int(each) for each in spelled.split(".")))


OLDEST = Position(0, 0, 0)
_NEWEST = Position(2**62, 2**62, 2**14)


@dataclass(frozen=True, slots=True)
class StatementAsked:
    """Which movements of a customer: from `since` on, before `until`, older than `before`."""

    customer: int
    kind: Kind | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: Position | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of the available balance, and what it came to; None where nobody summed it."""

    position: Position
    entry: int
    at: datetime
    order: int | None
    kind: str
    key: str
    actor: str
    reason: str
    amount: Decimal
    balance: Decimal | None


@dataclass(frozen=True, slots=True)
class StatementPage:
    """The newest first; `older` is where the next page begins, None at the end."""

    movements: Sequence[Movement]
    older: Position | None


async def hold_still(connection: AsyncConnection) -> None:
    """Let the whole transaction see one moment, so that movements and balance belong together."""
    await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))


async def page(connection: AsyncConnection, asked: StatementAsked) -> StatementPage:
    """One page. Balances are missing where only one kind is asked for, and behind more than
    50,000 newer movements; a customer without an account has no movements.
    """
    purse = await _purse(connection, asked)
    if purse is None:
        return StatementPage((), None)
    place = asked.before or await _from(connection, asked.until)
    balance = await _balance(connection, purse, place, asked.kind)
    query, ends = await _ends(connection, purse, asked.kind)
    limit = max(1, min(asked.limit, PAGE_MAX))
    shown: list[Movement] = []
    for _ in range(LOOKS_MAX):
        bound = {**ends, **_bound(purse, place), "limit": limit + 1}
        rows = (await connection.execute(query, bound)).all()
        for row in rows:
            if len(shown) == limit:
                return StatementPage(shown, shown[-1].position)
            if asked.since and row.at < asked.since - DISORDER:
                return StatementPage(shown, None)
            place = Position(int(row.xid), row.entry_id, row.leg)
            if _within(asked, row.at):
                shown.append(_movement(row, place, balance))
            balance = None if balance is None else EXACT.subtract(balance, row.amount)
        if len(rows) <= limit:
            return StatementPage(shown, None)
    return StatementPage(shown, place)


async def newer(
    connection: AsyncConnection, asked: StatementAsked, opening: tuple[Position, Decimal]
) -> Sequence[Movement]:
    """The next thousand movements behind a place with its balance, oldest first; nothing but the
    customer is heeded of what is asked.
    """
    place, balance = opening
    purse = await _purse(connection, asked)
    if purse is None:
        return ()
    found = await connection.execute(_ALL_NEWER, {**_bound(purse, place), "limit": PAGE_MAX})
    movements: list[Movement] = []
    for row in found:
        balance = EXACT.add(balance, row.amount)
        place = Position(int(row.xid), row.entry_id, row.leg)
        movements.append(_movement(row, place, balance))
    return movements


def fits(asked: StatementAsked, movement: Movement) -> bool:
    """Whether a movement is one of those asked for."""
    kind = asked.kind is None or movement.kind == asked.kind
    return kind and _within(asked, movement.at)


def _within(asked: StatementAsked, at: datetime) -> bool:
    return not (asked.since and at < asked.since) and not (asked.until and at >= asked.until)


def _query(way: Mapping[str, str], ends: Sequence[Mapping[str, str]], other: bool) -> TextClause:  # noqa: FBT001  of this file alone
    sides: list[str] = []
    for end in ends:
        opposite = "debit_id" if end is _CREDIT else "credit_id"
        narrowed = f"AND t.{opposite} = :other" if other else ""
        sides.append(_SIDE.format(**way, **end, other=narrowed))
    return text(_TOLD.format(sides=" UNION ALL ".join(sides), way=way["way"]))


_ALL_OLDER = _query(_OLDER, _BOTH, other=False)
_ALL_NEWER = _query(_NEWER, _BOTH, other=False)


async def _purse(connection: AsyncConnection, asked: StatementAsked) -> Row[Any] | None:
    return (await connection.execute(_PURSE, {"customer": asked.customer})).first()


async def _ends(
    connection: AsyncConnection, purse: Row[Any], kind: Kind | None
) -> tuple[TextClause, dict[str, int]]:
    if kind is None:
        return _ALL_OLDER, {}
    ends, name = _ENDS[kind]
    query = _query(_OLDER, ends, other=True)
    if name == "held":
        return query, {"other": purse.held_id}
    found = await connection.execute(_HOUSE, {"kind": name, "currency": purse.currency})
    return query, {"other": found.scalar_one_or_none() or 0}


async def _from(connection: AsyncConnection, until: datetime | None) -> Position:
    """A place that nothing before `until` is newer than."""
    if until is None:
        return _NEWEST
    found = await connection.execute(_MOMENT, {"moment": until + DISORDER})
    xid = found.scalar_one_or_none()
    return Position(int(xid) + 1, 0, 0) if xid else _NEWEST


async def _balance(
    connection: AsyncConnection, purse: Row[Any], place: Position, kind: Kind | None
) -> Decimal | None:
    """What all movements older than a place come to."""
    available: Decimal = purse.available
    if kind is not None or place == _NEWEST:
        return None if kind else available
    bound = {**_bound(purse, place), "most": SUMMED_MAX}
    row = (await connection.execute(_SUM, bound)).one()
    return None if row.counted >= SUMMED_MAX else EXACT.subtract(available, row.amount)


def _bound(purse: Row[Any], place: Position) -> dict[str, Any]:
    return {
        "account": purse.available_id,
        "xid": str(place.xid),
        "entry": place.entry,
        "leg": place.leg,
    }


def _movement(row: Row[Any], position: Position, balance: Decimal | None) -> Movement:
    return Movement(
        position,
        row.entry_id,
        row.at,
        row.order_id,
        row.kind,
        row.key,
        row.actor,
        row.reason,
        row.amount,
        balance,
    )
