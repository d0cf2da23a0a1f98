"""Sentences of providers that no dialect knows, kept until an operator says what they mean."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncConnection

TEXT_CHARACTERS_MAX = 1_000
TEXTS_MAX = 1_000

_DIGITS = re.compile(r"\d+")

# What another transaction is counting just now is not waited for: two of them that note the same
# sentences in different order would stop each other.
_NOTE = sql("""
WITH known AS (
    SELECT provider, action, text FROM unseen_texts
     WHERE (provider, action, text) = (:provider, :action, :text)),
  counted AS (
    UPDATE unseen_texts u SET times = u.times + 1, last_at = now()
      FROM (SELECT u.provider, u.action, u.text FROM unseen_texts u
              JOIN known USING (provider, action, text) FOR UPDATE OF u SKIP LOCKED) free
     WHERE (u.provider, u.action, u.text) = (free.provider, free.action, free.text))
INSERT INTO unseen_texts (provider, action, text)
SELECT :provider, :action, :text WHERE NOT EXISTS (SELECT FROM known)
   AND (SELECT count(*) FROM unseen_texts WHERE provider = :provider) < :texts_max
ON CONFLICT DO NOTHING""")
_LIST = sql("""
SELECT provider, action, text, times, first_at, last_at FROM unseen_texts
 WHERE CAST(:provider AS text) IS NULL OR provider = :provider
 ORDER BY provider, last_at DESC, action, text LIMIT :limit""")
_COUNT = sql("""
SELECT provider, count(*) AS texts, min(first_at) AS since FROM unseen_texts GROUP BY 1
 ORDER BY 1""")


@dataclass(frozen=True, slots=True)
class Unseen:
    """One sentence, its numbers as N, with how often and when it was seen."""

    provider: str
    action: str
    text: str
    times: int
    first_at: datetime
    last_at: datetime


async def note(connection: AsyncConnection, provider: str, action: str, text: str) -> None:
    """Count a sentence of a provider: at most 1,000 of each, the first 1,000 characters of one.

    Numbers are kept as N, so that one sentence about many orders stays one. What says nothing is
    not kept.
    """
    plain = text.replace("\0", "").encode("utf-8", "replace").decode()
    kept = _DIGITS.sub("N", plain[: 2 * TEXT_CHARACTERS_MAX]).strip()[:TEXT_CHARACTERS_MAX]
    if kept:
        await connection.execute(
            _NOTE,
            {"provider": provider, "action": action, "text": kept, "texts_max": TEXTS_MAX},
        )


async def listed(
    connection: AsyncConnection, provider: str | None, limit: int = 10_000
) -> list[Unseen]:
    """The sentences of one provider or of all, the latest first."""
    found = await connection.execute(_LIST, {"provider": provider, "limit": limit})
    return [Unseen(**row) for row in found.mappings()]


async def counted(connection: AsyncConnection) -> list[tuple[str, int, datetime]]:
    """How many sentences of each provider wait, and since when the first does."""
    return [(row.provider, row.texts, row.since) for row in await connection.execute(_COUNT)]
