"""Catalog revisions: the documents as they were applied, and which of them is active."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage.documents_texts import Documents

_ADD = text("""
INSERT INTO catalog_revisions (providers, services, markup, dialects, sha256, author, note, summary)
VALUES (:providers, :services, :markup, CAST(:dialects AS jsonb), :sha256, :author, :note,
  CAST(:summary AS jsonb))
RETURNING id""")
_ACTIVATE = text("""
INSERT INTO catalog_activations (revision_id, actor, reason)
VALUES (:revision, :actor, :reason)""")
_ACTIVE = text("""
SELECT r.id, r.providers, r.services, r.markup, r.dialects FROM catalog_activations a
  JOIN catalog_revisions r ON r.id = a.revision_id ORDER BY a.id DESC LIMIT 1""")
_ONE = text("""
SELECT id, providers, services, markup, dialects FROM catalog_revisions WHERE id = :revision""")
_WITH_TEXTS = text("""
SELECT max(id) FROM catalog_revisions WHERE sha256 = :sha256""")
_LIST = text("""
SELECT r.id, r.sha256, r.author, r.note, r.summary, r.created_at,
       r.id = (SELECT revision_id FROM catalog_activations ORDER BY id DESC LIMIT 1) AS active
  FROM catalog_revisions r WHERE CAST(:before AS bigint) IS NULL OR r.id < :before
 ORDER BY r.id DESC LIMIT :limit""")
_VERSION = text("""
SELECT coalesce((SELECT max(id) FROM catalog_activations), 0) AS activation,
       coalesce((SELECT sum(offers_version) FROM provider_states), 0) AS offers""")
_LOCK = text("LOCK TABLE catalog_activations IN SHARE ROW EXCLUSIVE MODE")


@dataclass(frozen=True, slots=True)
class Revision:
    """A stored revision's number and documents."""

    number: int
    documents: Documents


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """A revision in the history."""

    number: int
    sha256: str
    author: str
    note: str
    summary: Mapping[str, int]
    created_at: datetime
    active: bool


@dataclass(frozen=True, slots=True)
class Version:
    """Changes whenever the active revision or any provider's offers do."""

    activation: int
    offers: int


async def add(
    connection: AsyncConnection,
    documents: Documents,
    *,
    author: str,
    note: str,
    summary: Mapping[str, int],
) -> int:
    """Store the documents as a new revision; its number."""
    made = await connection.execute(
        _ADD,
        {
            "providers": documents.providers,
            "services": documents.services,
            "markup": documents.markup,
            "dialects": json.dumps(dict(documents.dialects)),
            "sha256": documents.sha256,
            "author": author,
            "note": note,
            "summary": json.dumps(dict(summary)),
        },
    )
    number: int = made.scalar_one()
    return number


async def lock(connection: AsyncConnection) -> None:
    """Let nobody else activate a revision until the transaction ends."""
    await connection.execute(_LOCK)


async def activate(connection: AsyncConnection, revision: int, *, actor: str, reason: str) -> None:
    """Make a revision the one that is sold from."""
    await connection.execute(_ACTIVATE, {"revision": revision, "actor": actor, "reason": reason})


async def active(connection: AsyncConnection) -> Revision | None:
    """The revision that is sold from."""
    row = (await connection.execute(_ACTIVE)).first()
    return _revision(row) if row else None


async def one(connection: AsyncConnection, revision: int) -> Revision | None:
    """A stored revision."""
    row = (await connection.execute(_ONE, {"revision": revision})).first()
    return _revision(row) if row else None


async def with_texts(connection: AsyncConnection, sha256: str) -> int | None:
    """The latest revision of exactly these documents, if there ever was one."""
    return (await connection.execute(_WITH_TEXTS, {"sha256": sha256})).scalar()


async def history(
    connection: AsyncConnection, limit: int = 50, before: int | None = None
) -> Sequence[RevisionLine]:
    """The latest revisions, newest first; `before`: only those of lower numbers."""
    found = await connection.execute(_LIST, {"limit": limit, "before": before})
    return [
        RevisionLine(
            row.id, row.sha256, row.author, row.note, row.summary, row.created_at, row.active
        )
        for row in found
    ]


async def version(connection: AsyncConnection) -> Version:
    """What to compare before loading anything."""
    row = (await connection.execute(_VERSION)).one()
    return Version(int(row.activation), int(row.offers))


def _revision(row: Row[Any]) -> Revision:
    documents = Documents(row.providers, row.services, row.markup, row.dialects)
    return Revision(row.id, documents)
