"""Operators' sessions, and the tries to begin one. A token is known here by its digest only."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.operators import Role

LASTS_SECONDS = 8 * 3_600
IDLE_SECONDS = 30 * 60
PROVEN_SECONDS = 15 * 60
KEPT_DAYS = 7
SEEN_AGAIN_SECONDS = 30
TRIES_MINUTES = 15
PAIR_TRIES_MAX = 10
ADDRESS_TRIES_MAX = 40
NAME_TRIES_MAX = 100
TOKEN_BYTES = 32

_TRY = text("INSERT INTO sign_ins (name, address, good) VALUES (:name, :address, false)")
# tries at the same time wait for each other, so that none slips past the count
_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtextextended('sign in', 0))")
_TRIES = text("""
SELECT (SELECT count(*) FROM sign_ins WHERE name = :name AND address = :address AND NOT good
          AND at > now() - make_interval(mins => :minutes)) AS of_pair,
       (SELECT count(*) FROM sign_ins WHERE address = :address AND NOT good
          AND at > now() - make_interval(mins => :minutes)) AS of_address,
       (SELECT count(*) FROM sign_ins WHERE name = :name AND NOT good
          AND at > now() - make_interval(mins => :minutes)) AS of_name""")
_GOOD = text("""
UPDATE sign_ins SET good = true WHERE name = :name AND address = :address AND NOT good""")
_OLD_TRIES = text("DELETE FROM sign_ins WHERE at < now() - make_interval(days => :days)")
_BEGIN = text("""
INSERT INTO operator_sessions (digest, operator_id, address)
VALUES (:digest, :operator, :address)""")
_FIND = text("""
SELECT s.operator_id, o.name, o.role, s.address, s.began_at,
       s.ended_at IS NULL AND o.enabled
         AND s.began_at > now() - make_interval(secs => :lasts)
         AND s.seen_at > now() - make_interval(secs => :idle) AS live,
       s.seen_at < now() - make_interval(secs => :again) AS again,
       s.proven_at > now() - make_interval(secs => :proven) AS proven
  FROM operator_sessions s JOIN operators o ON o.id = s.operator_id WHERE s.digest = :digest""")
_SEEN = text("UPDATE operator_sessions SET seen_at = now() WHERE digest = :digest")
_PROVE = text("UPDATE operator_sessions SET proven_at = now() WHERE digest = :digest")
_END = text("""
UPDATE operator_sessions SET ended_at = now() WHERE digest = :digest AND ended_at IS NULL""")
_END_ALL = text("""
UPDATE operator_sessions SET ended_at = now() WHERE operator_id = :operator AND ended_at IS NULL""")
_FORGET = text("""
DELETE FROM operator_sessions WHERE began_at < now() - make_interval(days => :days)""")


@dataclass(frozen=True, slots=True)
class Session:
    """Whose it is. Not `live`: it ended, but it tells who was at work. `proven`: lately."""

    operator: int
    name: str
    role: Role
    address: str
    began_at: datetime
    live: bool
    again: bool
    proven: bool


def new_token() -> str:
    """What a browser is given."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> bytes:
    """What the database knows of it: 256 random bits need no more than one hash."""
    return hashlib.sha256(token.encode()).digest()


async def tries_left(connection: AsyncConnection, name: str, address: str) -> bool:
    """Count one more try of a name from an address; whether it may be made at all."""
    await connection.execute(_ONE_BY_ONE)
    asked = {"name": name, "address": address}
    found = (await connection.execute(_TRIES, {**asked, "minutes": TRIES_MINUTES})).one()
    counts = (found.of_pair, found.of_address, found.of_name)
    limits = (PAIR_TRIES_MAX, ADDRESS_TRIES_MAX, NAME_TRIES_MAX)
    if any(count >= limit for count, limit in zip(counts, limits, strict=True)):
        return False
    await connection.execute(_TRY, asked)
    return True


async def forgive(connection: AsyncConnection, name: str, address: str) -> None:
    """The tries of a name from an address were followed by a right one."""
    await connection.execute(_GOOD, {"name": name, "address": address})


async def begin(connection: AsyncConnection, operator: int, name: str, address: str) -> str:
    """A session's token; earlier tries are forgiven, and what is old is cleared away."""
    await forgive(connection, name, address)
    await connection.execute(_OLD_TRIES, {"days": KEPT_DAYS})
    await connection.execute(_FORGET, {"days": KEPT_DAYS})
    token = new_token()
    row = {"digest": digest(token), "operator": operator, "address": address}
    await connection.execute(_BEGIN, row)
    return token


async def find(connection: AsyncConnection, token: str) -> Session | None:
    """The session of a token, live or not; None: there never was one."""
    asked = {
        "digest": digest(token),
        "lasts": LASTS_SECONDS,
        "idle": IDLE_SECONDS,
        "again": SEEN_AGAIN_SECONDS,
        "proven": PROVEN_SECONDS,
    }
    row = (await connection.execute(_FIND, asked)).first()
    if row is None:
        return None
    return Session(
        operator=row.operator_id,
        name=row.name,
        role=Role(row.role),
        address=row.address,
        began_at=row.began_at,
        live=row.live,
        again=row.again,
        proven=row.proven,
    )


async def seen(connection: AsyncConnection, token: str) -> None:
    """It is in use."""
    await connection.execute(_SEEN, {"digest": digest(token)})


async def prove(connection: AsyncConnection, token: str) -> None:
    """The operator has shown again that it is he."""
    await connection.execute(_PROVE, {"digest": digest(token)})


async def end(connection: AsyncConnection, token: str) -> None:
    """Nobody can go on with it."""
    await connection.execute(_END, {"digest": digest(token)})


async def end_all(connection: AsyncConnection, operator: int) -> int:
    """All of an operator's; how many."""
    return (await connection.execute(_END_ALL, {"operator": operator})).rowcount
