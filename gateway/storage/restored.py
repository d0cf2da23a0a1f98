"""Whether this database is an earlier state of itself, and what must not be sent because of it.

A backup knows nothing of what was sent after it was made: whatever it holds as not sent may have
been. So all of that is put in doubt, and nothing more is sent until an operator says so.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.breaker import OURS

STATEMENT_SECONDS = 300
ORDERS_SKIPPED = 1_000_000
"""So many order ids are left out after a restored backup: some of them were given to customers."""

# another cluster, another line of history of the same one, or another database in it
CLUSTER = """(SELECT s.system_identifier || '/' || c.timeline_id || '/' || d.oid
  FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d
 WHERE d.datname = current_database())"""
_IDENTITY = text(f"""
SELECT i.cluster AS known, {CLUSTER} AS cluster,
       CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint) AS horizon
  FROM installation i FOR UPDATE""")  # noqa: S608  a constant
_ADOPT = text("UPDATE installation SET cluster = :cluster WHERE cluster <> :cluster")
_FOUND = text("""
INSERT INTO restorations (reason) VALUES (:reason) ON CONFLICT DO NOTHING RETURNING id""")
_OPEN = text("""
SELECT id, reason, found_at FROM restorations WHERE released_at IS NULL""")
_RELEASE = text("""
UPDATE restorations SET released_at = now(), released_by = :operator, note = :note
 WHERE released_at IS NULL""")
_SKIP = text("""
SELECT setval(pg_get_serial_sequence('orders', 'id'), (SELECT coalesce(max(id), 0) FROM orders)
  + :skipped)""")
_TO_SENDING = text("""
WITH moved AS (
    UPDATE orders SET state = 'sending' WHERE state = 'queued'
    RETURNING id, provider, offer, cost, cost_currency, created_at),
  event AS (
    INSERT INTO order_events (order_id, seq, from_state, to_state, actor, reason)
    SELECT id, (SELECT max(seq) + 1 FROM order_events e WHERE e.order_id = id), 'queued',
           'sending', 'restore', :reason FROM moved)
INSERT INTO attempts (order_id, number, run, provider, offer, cost, cost_currency, worker_id,
  lease_until, outcome, code, reason, started_at, ended_at)
SELECT id, (SELECT coalesce(max(number), 0) + 1 FROM attempts a WHERE a.order_id = id), 1, provider,
       offer, cost, cost_currency, 0, now(), 'uncertain', :ours, :reason, created_at, now()
  FROM moved""")
_TO_DOUBT = text("""
WITH moved AS (
    UPDATE orders o SET state = 'unconfirmed' WHERE state = 'sending' AND EXISTS (
      SELECT FROM attempts a WHERE a.order_id = o.id AND a.outcome = 'uncertain')
    RETURNING id)
INSERT INTO order_events (order_id, seq, from_state, to_state, actor, reason)
SELECT id, (SELECT max(seq) + 1 FROM order_events e WHERE e.order_id = id), 'sending',
       'unconfirmed', 'restore', :reason FROM moved""")
_RUNS = text("""
WITH due AS (
    UPDATE orders SET next_run_at = NULL WHERE next_run_at IS NOT NULL AND state = 'active'
    RETURNING id, provider, offer, cost, cost_currency, runs, parts, created_at)
INSERT INTO attempts (order_id, number, run, provider, offer, cost, cost_currency, worker_id,
  lease_until, outcome, code, reason, started_at, ended_at)
SELECT id, (SELECT coalesce(max(number), 0) + 1 FROM attempts a WHERE a.order_id = id),
       (SELECT max(run) + 1 FROM attempts a WHERE a.order_id = id), provider, offer,
       cost / runs, cost_currency, 0, now(), 'uncertain', :ours, :reason,
       (SELECT max(started_at) FROM attempts a WHERE a.order_id = id), now() FROM due""")


@dataclass(frozen=True, slots=True)
class Identity:
    """Which database this is, `known` as it was last; `horizon` only grows while it lives."""

    known: str
    cluster: str
    horizon: int


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored backup that nobody has released yet."""

    id: int
    reason: str
    found_at: datetime


async def identity(connection: AsyncConnection) -> Identity:
    """This database, locked until the transaction ends, so that one alone looks at a time."""
    return Identity(*(await connection.execute(_IDENTITY)).one())


async def adopt(connection: AsyncConnection, found: Identity) -> None:
    """From now on it is this one."""
    await connection.execute(_ADOPT, {"cluster": found.cluster})


async def quarantine(connection: AsyncConnection, reason: str) -> None:
    """Nothing is sent any more, and what may have been sent already is in doubt."""
    await connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'"))
    if (await connection.execute(_FOUND, {"reason": reason})).first() is None:
        return
    why = {"reason": "it may have been sent since the backup that was restored", "ours": OURS}
    await connection.execute(_TO_SENDING, why)
    await connection.execute(_TO_DOUBT, {"reason": why["reason"]})
    await connection.execute(_RUNS, why)
    await connection.execute(_SKIP, {"skipped": ORDERS_SKIPPED})


async def unreleased(connection: AsyncConnection) -> Restored | None:
    """The restored backup because of which nothing is sent; None when there is none."""
    row = (await connection.execute(_OPEN)).first()
    return Restored(row.id, row.reason, row.found_at) if row else None


async def release(connection: AsyncConnection, operator: str, note: str) -> bool:
    """Let sending begin again; whether there was anything to release."""
    asked = {"operator": operator, "note": note}
    return bool((await connection.execute(_RELEASE, asked)).rowcount)
