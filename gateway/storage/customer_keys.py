"""The keys of a customer as operators see them: never the key, only how to tell it apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

KEYS_MAX = 200

_LIST = text("""
SELECT id, hint, dialect, created_at, expires_at, revoked_at,
       revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AS live
  FROM customer_keys WHERE customer_id = :customer ORDER BY id DESC LIMIT :limit""")
_ONE = text("""
SELECT id, hint, dialect, created_at, expires_at, revoked_at,
       revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AS live
  FROM customer_keys WHERE customer_id = :customer AND id = :key FOR UPDATE""")
_NEWEST = text("SELECT coalesce(max(id), 0) FROM customer_keys WHERE customer_id = :customer")
_ADD = text("""
INSERT INTO customer_keys (customer_id, digest, hint, dialect, expires_at)
VALUES (:customer, :digest, :hint, :dialect, :expires_at) RETURNING id""")
_REVOKE = text("""
UPDATE customer_keys SET revoked_at = now()
 WHERE customer_id = :customer AND revoked_at IS NULL
   AND (CAST(:key AS bigint) IS NULL OR id = :key) RETURNING hint""")
_SPEAK = text("""
UPDATE customer_keys SET dialect = :dialect WHERE customer_id = :customer AND id = :key""")


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A key without itself. `hint`: its last characters; `live`: it still opens the door."""

    id: int
    hint: str
    dialect: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    live: bool


@dataclass(frozen=True, slots=True)
class FreshKey:
    """What is stored of a key just made."""

    digest: bytes
    hint: str
    dialect: str
    expires_at: datetime | None = None


async def listed(connection: AsyncConnection, customer: int) -> Sequence[KeyFacts]:
    """The newest 200 of a customer's keys, the newest first."""
    found = await connection.execute(_LIST, {"customer": customer, "limit": KEYS_MAX})
    return [KeyFacts(**row) for row in found.mappings()]


async def newest(connection: AsyncConnection, customer: int) -> int:
    """The id of a customer's latest key; 0: he never had one."""
    found: int = (await connection.execute(_NEWEST, {"customer": customer})).scalar_one()
    return found


async def find(connection: AsyncConnection, customer: int, key: int) -> KeyFacts | None:
    """One key of this customer, locked; nobody else's."""
    asked = {"customer": customer, "key": key}
    row = (await connection.execute(_ONE, asked)).mappings().first()
    return KeyFacts(**row) if row else None


async def add(connection: AsyncConnection, customer: int, fresh: FreshKey) -> int:
    """Store a key by its digest; its id."""
    row = {
        "customer": customer,
        "digest": fresh.digest,
        "hint": fresh.hint,
        "dialect": fresh.dialect,
        "expires_at": fresh.expires_at,
    }
    number: int = (await connection.execute(_ADD, row)).scalar_one()
    return number


async def revoke(
    connection: AsyncConnection, customer: int, key: int | None = None
) -> Sequence[str]:
    """Make a key of a customer worthless, or all of them; the hints of those that were not."""
    found = await connection.execute(_REVOKE, {"customer": customer, "key": key})
    return list(found.scalars())


async def speak(connection: AsyncConnection, customer: int, key: int, dialect: str) -> None:
    """From now on the key's holder is spoken to in this dialect."""
    await connection.execute(_SPEAK, {"customer": customer, "key": key, "dialect": dialect})
