"""Our own books held against themselves: what moved lately every minute, all of them at night.

What is found is a bug of ours (money.md 7): D11 stops all sending, D12 what touches that account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.targets import Class, Finding
from gateway.storage import discrepancies, invariants
from gateway.storage.discrepancies import Discrepancy
from gateway.storage.leases import Task

WATCH = Task(21)
AUDIT = Task(22)
HOUSE = "house"
CUSTOMER = "customer:"
ENTRIES_MAX = 50_000
LATELY_SECONDS = 180
"""Three rounds, as an entry bears the time at which its transaction began."""
FOUND_MAX = 20
WHOLE = "books balance"
_OF_CUSTOMERS = ("no overdraft", "held is open orders")
_OF_ACCOUNTS = ("entries whole", "balances exact", WHOLE, *_OF_CUSTOMERS)
"""D12 by what they find; those of customers name them. All the others are of orders, and D11."""
_EVERY_MINUTE = ("no overdraft", WHOLE)

_KNOWN = text("""
SELECT EXISTS (SELECT FROM discrepancies WHERE closed_at IS NULL AND class = 'D12'
   AND provider LIKE 'customer:%')""")
_HOUR = text("SELECT CAST(extract(hour FROM now() AT TIME ZONE 'UTC') AS integer)")
_LATELY = text("""
WITH lately AS MATERIALIZED (
  SELECT id, order_id FROM journal_entries
   WHERE id > (SELECT max(id) FROM journal_entries) - :entries
     AND at > now() - make_interval(secs => :seconds))
SELECT ARRAY(SELECT DISTINCT order_id FROM lately WHERE order_id IS NOT NULL) AS orders,
       ARRAY(SELECT DISTINCT a.id FROM lately JOIN transfers t ON t.entry_id = lately.id
               JOIN accounts a ON a.id IN (t.debit_id, t.credit_id)
              WHERE a.customer_id IS NOT NULL) AS accounts""")
_NET = text("""
SELECT o.id, o.provider, coalesce(p.paid, 0) AS paid, p.foreign_account, x.net
  FROM unnest(CAST(:orders AS bigint[])) AS touched (id) JOIN orders o USING (id)
  CROSS JOIN LATERAL (SELECT CASE
      WHEN o.state IN ('queued', 'sending', 'unconfirmed', 'review', 'failed') THEN 0
      ELSE net_charge(o.charge, o.quantity_total, o.charged_quantity) END AS net) x
  LEFT JOIN LATERAL (
    SELECT sum(CASE WHEN a.id = t.debit_id THEN t.amount ELSE -t.amount END) FILTER (WHERE e.kind
             IN ('hold', 'capture', 'release', 'refund', 'recharge')) AS paid,
           bool_or(a.customer_id <> o.customer_id) AS foreign_account
      FROM journal_entries e JOIN transfers t ON t.entry_id = e.id
      JOIN accounts a ON a.id IN (t.debit_id, t.credit_id) AND a.customer_id IS NOT NULL
     WHERE e.order_id = o.id) p ON true
 WHERE coalesce(p.paid, 0) <> x.net OR p.foreign_account ORDER BY o.id LIMIT :limit""")
# a customer's accounts are folded, too, so that the next look adds up what is new alone
_FOLD = text("""
WITH now AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS below)
INSERT INTO folds (account_id, below, amount)
SELECT a.id, now.below, coalesce(f.amount, 0) + coalesce((
         SELECT sum(m.amount) FROM movements m WHERE m.account_id = a.id
            AND m.xid >= coalesce(f.below, '0') AND m.xid < now.below), 0)
  FROM accounts a CROSS JOIN now
  LEFT JOIN folds f ON f.account_id = a.id AND f.below <= now.below
 WHERE a.id = ANY (:accounts) ORDER BY a.id
ON CONFLICT (account_id) DO UPDATE SET below = excluded.below, amount = excluded.amount""")
_KEPT = """
SELECT a.customer_id, a.kind, a.currency, -(coalesce(f.amount, 0) + coalesce((
         SELECT sum(m.amount) FROM movements m WHERE m.account_id = a.id
            AND m.xid >= coalesce(f.below, '0')), 0)) AS moved,
       CASE a.kind WHEN 'available' THEN b.available ELSE b.held END AS kept
  FROM accounts a LEFT JOIN balances b ON a.id IN (b.available_id, b.held_id)
  LEFT JOIN folds f ON f.account_id = a.id AND {folded} WHERE a.customer_id IS NOT NULL"""
_BALANCES = text(f"""SELECT * FROM ({_KEPT.format(folded="true")} AND a.id = ANY (:accounts)) AS x
 WHERE moved IS DISTINCT FROM kept ORDER BY 1, 2 LIMIT :limit""")  # noqa: S608  constants
_OF_CUSTOMER = text(f"""
SELECT * FROM ({_KEPT.format(folded="false")} AND (a.customer_id = CAST(:customer AS bigint)
     OR a.id = ANY (CAST(:accounts AS bigint[])))) AS x
 WHERE moved IS DISTINCT FROM kept ORDER BY 1, 2""")  # noqa: S608  constants


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule of the books that does not hold, and for whom."""

    provider: str
    order: int | None
    finding: Finding


async def lately(connection: AsyncConnection) -> Sequence[Broken]:
    """What is wrong with the orders and accounts that moved in the last minutes, as now shown."""
    # the first look at a customer adds up all that he ever moved, the next ones what is new
    await connection.execute(text("SET LOCAL statement_timeout = '10min'"))
    asked = {"entries": ENTRIES_MAX, "seconds": LATELY_SECONDS}
    touched = (await connection.execute(_LATELY, asked)).one()
    return [
        *await _net(connection, touched.orders),
        *await _balances(connection, touched.accounts),
        *[each for name in _EVERY_MINUTE for each in await _whole(connection, name)],
    ]


async def is_hour(connection: AsyncConnection, hour: int) -> bool:
    """Whether it is that hour of the day by the database's clock, in UTC."""
    now = await connection.execute(_HOUR)
    return bool(now.scalar_one() == hour)


async def everything(connection: AsyncConnection) -> Sequence[Broken]:
    """All that is wrong with the books; takes as long as `gateway verify`."""
    await connection.execute(text("SET LOCAL statement_timeout = '10min'"))
    return [each for name in invariants.INVARIANTS for each in await _whole(connection, name)]


async def record(connection: AsyncConnection, broken: Sequence[Broken]) -> None:
    """Write it down, which stops what it stops.

    That the books do not balance as a whole stops all sending, unless a customer's account tells
    why: then it stops his alone.
    """
    for each in sorted(broken, key=lambda each: each.provider == HOUSE):
        if each.finding.note.startswith(WHOLE) and (await connection.execute(_KNOWN)).scalar():
            continue
        await discrepancies.record(connection, each.provider, each.order, [each.finding])


async def is_mended(connection: AsyncConnection, found: Discrepancy) -> bool:
    """Whether what found one of our own bugs finds nothing more."""
    await connection.execute(text("SET LOCAL statement_timeout = '10min'"))
    if found.order is not None:
        return not await _net(connection, [found.order])
    if found.provider.startswith(CUSTOMER):
        return not await _of_customer(connection, int(found.provider.removeprefix(CUSTOMER)))
    kind = Class(found.kind)
    names = [name for name in invariants.INVARIANTS if _class_of(name) is kind]
    return not any([await _whole(connection, name) for name in names])


async def _net(connection: AsyncConnection, orders: Sequence[int]) -> list[Broken]:
    found = await connection.execute(_NET, {"orders": list(orders), "limit": FOUND_MAX})
    return [
        Broken(
            row.provider,
            row.id,
            Finding(
                Class.NET,
                "another customer paid for it, too" if row.foreign_account else "charged otherwise",
                row.net,
                row.paid,
            ),
        )
        for row in found
    ]


async def _balances(connection: AsyncConnection, accounts: Sequence[int]) -> list[Broken]:
    await connection.execute(_FOLD, {"accounts": list(accounts)})
    asked = {"accounts": list(accounts), "limit": FOUND_MAX}
    return [_account(row) for row in await connection.execute(_BALANCES, asked)]


async def _of_customer(connection: AsyncConnection, customer: int) -> list[Broken]:
    asked: dict[str, object] = {"customer": customer, "accounts": []}
    found = [_account(row) for row in await connection.execute(_OF_CUSTOMER, asked)]
    found += [
        _customer(name, customer)
        for name in _OF_CUSTOMERS
        if await invariants.broken(connection, name, 1, of=customer)
    ]
    return found


async def _whole(connection: AsyncConnection, name: str) -> list[Broken]:
    rows = await invariants.broken(connection, name, FOUND_MAX)
    if name == "net charge":
        return await _net(connection, [int(row) for row in rows])
    if name in _OF_CUSTOMERS:
        return [_customer(name, int(row)) for row in rows]
    found: list[Broken] = []
    if name == "balances exact" and rows:
        asked = {"customer": None, "accounts": [int(row) for row in rows]}
        found = [_account(row) for row in await connection.execute(_OF_CUSTOMER, asked)]
    if len(found) < len(rows):
        finding = Finding(_class_of(name), f"{name}: {', '.join(rows)}")
        found.append(Broken(HOUSE, None, finding))
    return found


def _account(row: Row[Any]) -> Broken:
    note = f"{row.kind} {row.currency} is not the sum of its transfers"
    finding = Finding(Class.BALANCE, note, row.moved, row.kept)
    return Broken(f"{CUSTOMER}{row.customer_id}", None, finding)


def _customer(name: str, customer: int) -> Broken:
    return Broken(f"{CUSTOMER}{customer}", None, Finding(Class.BALANCE, f"not so: {name}"))


def _class_of(name: str) -> Class:
    return Class.BALANCE if name in _OF_ACCOUNTS else Class.NET
