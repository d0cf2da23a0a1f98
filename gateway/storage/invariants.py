"""What must never be found in the books; each query returns the rows that break it (money.md 6)."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_HELD = "('queued', 'sending', 'unconfirmed', 'review')"
# both sides of a transfer in one pass
_BETWEEN = """transfers t JOIN accounts d ON d.id = t.debit_id
     JOIN accounts c ON c.id = t.credit_id"""
# between two accounts of customers, as with holds, nothing comes or goes: that is most of them, so
# it is left out before anything else (OFFSET 0 keeps the planner from joining the entries first)
_PAID = f"""
SELECT t.entry_id, CASE WHEN c.customer_id IS NULL THEN t.amount ELSE -t.amount END AS amount
  FROM {_BETWEEN}
 WHERE (d.customer_id IS NULL) <> (c.customer_id IS NULL) OFFSET 0"""  # noqa: S608  constants
# of the server's memory, for each sum: enough for a million orders without a detour to the disk
_WORK_MEMORY = "128MB"

_BOOKS: dict[str, str] = {
    "entries whole": """
SELECT coalesce(e.id, t.entry_id) FROM journal_entries e FULL JOIN
  (SELECT entry_id, count(*) AS legs, max(leg) AS last FROM transfers GROUP BY entry_id) t
    ON t.entry_id = e.id
 WHERE e.id IS NULL OR t.last IS DISTINCT FROM t.legs OR t.legs IS NULL
UNION ALL
SELECT t.entry_id FROM transfers t
  LEFT JOIN accounts d ON (d.id, d.currency) = (t.debit_id, t.currency)
  LEFT JOIN accounts c ON (c.id, c.currency) = (t.credit_id, t.currency)
 WHERE d.id IS NULL OR c.id IS NULL OR NOT (t.amount > 0 AND t.amount < 1e26)
UNION ALL
SELECT e.id FROM journal_entries e WHERE order_id IS NOT NULL
   AND NOT EXISTS (SELECT FROM orders o WHERE o.id = e.order_id)""",
    "balances exact": """
WITH sums AS (SELECT account_id, sum(amount) AS amount FROM movements GROUP BY account_id)
SELECT a.id FROM accounts a LEFT JOIN balances b ON a.id IN (b.available_id, b.held_id)
  LEFT JOIN sums s ON s.account_id = a.id
 WHERE a.customer_id IS NOT NULL AND -coalesce(s.amount, 0) IS DISTINCT FROM
       CASE a.kind WHEN 'available' THEN b.available ELSE b.held END
UNION ALL
SELECT f.account_id FROM folds f LEFT JOIN (
  SELECT m.account_id, sum(m.amount) AS amount FROM movements m
    JOIN folds f ON f.account_id = m.account_id AND m.xid < f.below GROUP BY 1) s
    ON s.account_id = f.account_id
 WHERE f.amount <> coalesce(s.amount, 0)""",
    "no overdraft": """
SELECT customer_id FROM balances
 WHERE NOT (available >= 0 AND available < 1e26 AND held >= 0 AND held < 1e26)""",
    "held is open orders": """
SELECT b.customer_id FROM balances b LEFT JOIN
  (SELECT customer_id, currency, sum(charge) AS charge FROM orders WHERE state IN {held}
    GROUP BY 1, 2) o USING (customer_id, currency)
 WHERE b.held <> coalesce(o.charge, 0)""",
    "net charge": """
SELECT o.id FROM orders o LEFT JOIN
  (SELECT e.order_id, sum(t.amount) AS paid
     FROM ({paid}) t JOIN journal_entries e ON e.id = t.entry_id
    WHERE e.kind IN ('hold', 'capture', 'release', 'refund', 'recharge')
    GROUP BY e.order_id) p ON p.order_id = o.id
 WHERE coalesce(p.paid, 0) <> CASE WHEN o.state IN {held} OR o.state = 'failed' THEN 0
   ELSE net_charge(o.charge, o.quantity_total, o.charged_quantity) END
UNION ALL
SELECT o.id FROM {between} JOIN journal_entries e ON e.id = t.entry_id
  JOIN orders o ON o.id = e.order_id
 WHERE d.customer_id <> o.customer_id OR c.customer_id <> o.customer_id""",
    "settled by state": """
SELECT o.id FROM orders o LEFT JOIN journal_entries h ON (h.order_id, h.key) = (o.id, 'hold')
  LEFT JOIN journal_entries s ON (s.order_id, s.key) = (o.id, 'settle')
 WHERE h.id IS NULL OR s.kind IS DISTINCT FROM CASE WHEN o.state IN {held} THEN NULL
   WHEN o.state = 'failed' THEN 'release' ELSE 'capture' END""",
    "refunds within capture": """
SELECT e.order_id FROM ({paid}) t JOIN journal_entries e ON e.id = t.entry_id
 WHERE e.order_id IS NOT NULL AND e.kind NOT IN ('hold', 'release')
 GROUP BY e.order_id HAVING sum(t.amount) < 0""",
    "one accepted attempt": """
SELECT o.id FROM orders o LEFT JOIN attempts a ON a.order_id = o.id AND a.run = 1
   AND a.outcome IN ('open', 'uncertain', 'accepted')
 WHERE coalesce(a.outcome, 'none') <> ALL (CASE o.state WHEN 'queued' THEN ARRAY['none']
   WHEN 'sending' THEN ARRAY['open'] WHEN 'unconfirmed' THEN ARRAY['uncertain']
   WHEN 'review' THEN ARRAY['uncertain']
   WHEN 'failed' THEN ARRAY['none', 'uncertain', 'accepted'] ELSE ARRAY['accepted'] END)
UNION ALL
SELECT o.id FROM orders o JOIN attempts a ON a.order_id = o.id AND a.outcome = 'accepted'
   AND a.run = 1
 WHERE (o.provider, o.provider_order) IS DISTINCT FROM (a.provider, a.provider_order)
   AND o.state <> 'failed'""",
    "books balance": """
SELECT currency FROM (SELECT currency, -(available + held) AS amount FROM balances
  UNION ALL SELECT currency, amount FROM house_balances) x
 GROUP BY currency HAVING sum(amount) <> 0""",
    "history replays": """
SELECT x.order_id FROM
  (SELECT order_id, seq, from_state, to_state, lag(to_state) OVER one AS before,
          row_number() OVER one AS place, lead(seq) OVER one IS NULL AS newest
     FROM order_events WINDOW one AS (PARTITION BY order_id ORDER BY seq)) x
  LEFT JOIN orders o ON o.id = x.order_id
 WHERE o.id IS NULL OR x.from_state IS DISTINCT FROM x.before OR x.seq <> x.place
    OR x.newest AND x.to_state <> o.state
UNION ALL
SELECT o.id FROM orders o WHERE NOT EXISTS (SELECT FROM order_events e WHERE e.order_id = o.id)""",
    "cost as booked": """
SELECT o.id FROM orders o LEFT JOIN
  (SELECT e.order_id, sum(CASE c.kind WHEN 'prepaid' THEN t.amount ELSE 0 END
                        - CASE d.kind WHEN 'prepaid' THEN t.amount ELSE 0 END) AS booked
     FROM {between} JOIN journal_entries e ON e.id = t.entry_id
    WHERE 'prepaid' IN (d.kind, c.kind) AND e.order_id IS NOT NULL GROUP BY e.order_id) b
    ON b.order_id = o.id
 WHERE coalesce(b.booked, 0) <> o.cost_booked AND o.state NOT IN {held}""",
}
_RUNS: dict[str, str] = {
    "runs as sent": """
SELECT a.order_id FROM attempts a JOIN orders o ON o.id = a.order_id
  LEFT JOIN order_parts p ON (p.order_id, p.part) = (a.order_id, a.run)
 WHERE o.self_run AND a.outcome = 'accepted' AND o.state <> 'failed'
   AND (p.provider, p.provider_order) IS DISTINCT FROM (a.provider, a.provider_order)
UNION ALL
SELECT p.order_id FROM order_parts p JOIN orders o ON o.id = p.order_id
  LEFT JOIN attempts a ON (a.order_id, a.run) = (p.order_id, p.part) AND a.outcome = 'accepted'
 WHERE o.self_run AND a.order_id IS NULL
UNION ALL
SELECT o.id FROM orders o WHERE o.self_run AND o.state NOT IN {held} AND o.state <> 'failed'
   AND (o.parts NOT BETWEEN 1 AND o.runs OR o.next_poll_at IS NOT NULL
     OR o.parts <> (SELECT count(*) FROM order_parts p WHERE p.order_id = o.id))""",
    "runs in turn": """
SELECT a.order_id FROM attempts a JOIN orders o ON o.id = a.order_id
 WHERE a.run > 1 AND (NOT o.self_run OR a.run > o.runs
   OR a.outcome IN ('open', 'uncertain') AND (o.next_run_at IS NOT NULL OR a.run <> o.parts + 1)
   OR NOT EXISTS (SELECT FROM attempts b WHERE b.order_id = a.order_id AND b.run = a.run - 1
        AND b.outcome = 'accepted'))
UNION ALL
SELECT id FROM orders WHERE next_run_at IS NOT NULL AND (parts NOT BETWEEN 1 AND runs - 1
   OR state <> 'active')""",
    "children apart": """
SELECT o.id FROM orders o JOIN (SELECT order_id, count(*) AS parts, max(part) AS last
    FROM order_parts GROUP BY order_id) p ON p.order_id = o.id
 WHERE p.parts <> p.last OR NOT o.self_run AND (o.parts < p.parts OR o.state IN {held}
   OR o.runs IS NULL AND o.kind <> 'Subscriptions')
UNION ALL
SELECT p.order_id FROM order_parts p JOIN orders o ON o.id = p.order_id
  JOIN attempts a ON (a.provider, a.provider_order) = (p.provider, p.provider_order)
 WHERE NOT o.self_run OR a.order_id <> p.order_id""",
}
_SPELLED = {"{held}": _HELD, "{between}": _BETWEEN, "{paid}": _PAID}


def _spell(query: str) -> str:
    for name, meaning in _SPELLED.items():
        query = query.replace(name, meaning)
    return query


INVARIANTS = {name: _spell(query) for name, query in (_BOOKS | _RUNS).items()}


_LONGEST = ("history replays", "net charge", "cost as booked", "entries whole")
LONGEST_FIRST = sorted(INVARIANTS, key=lambda name: name not in _LONGEST)
"""So that two who count take about as long."""


async def freeze(connection: AsyncConnection) -> str:
    """Let all counts of this transaction see the same moment, and take their time.

    The moment's name, under which another connection may `join` it until this one is done.
    """
    await _begin(connection)
    moment: str = (await connection.execute(text("SELECT pg_export_snapshot()"))).scalar_one()
    return moment


async def join(connection: AsyncConnection, moment: str) -> None:
    """See what the connection sees that froze this moment."""
    await _begin(connection, f"SET TRANSACTION SNAPSHOT '{moment}'")


async def _begin(connection: AsyncConnection, *more: str) -> None:
    await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    for statement in more:
        await connection.execute(text(statement))
    await connection.execute(text("SET LOCAL statement_timeout = '10min'"))
    await connection.execute(text(f"SET LOCAL work_mem = '{_WORK_MEMORY}'"))


async def count(connection: AsyncConnection, name: str) -> int:
    """How many rows break an invariant."""
    query = f"SELECT count(*) FROM ({INVARIANTS[name]}) AS found"  # noqa: S608  constants above
    found: int = (await connection.execute(text(query))).scalar_one()
    return found


async def broken(
    connection: AsyncConnection, name: str, limit: int, of: int | None = None
) -> list[str]:
    """Which rows break an invariant, at most so many: ids, or currencies where it is of those.

    `of`: only whether this one does, by its id.
    """
    found = f"({INVARIANTS[name]}) AS found (id)"
    only = "WHERE CAST(:of AS bigint) IS NULL OR id::text = CAST(:of AS bigint)::text"
    query = text(f"SELECT id FROM {found} {only} LIMIT :limit")  # noqa: S608  constants above
    rows = await connection.execute(query, {"limit": limit, "of": of})
    return [str(each) for each in rows.scalars()]
