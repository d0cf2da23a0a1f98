"""Reading what operators did: filtered, the latest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

LOOKED_THROUGH_MAX = 20_000
"""Of so many deeds the words are searched for one page; the next page goes on from there."""
NEVER = 2**63 - 1
SLACK = timedelta(hours=1)
"""Ids are not quite in the order of times, as these are those at which transactions began."""

# a range of times becomes one of ids, along which everything else is read; those of one
# transaction are of one time
_BOUNDS = text("""
SELECT (SELECT id FROM deeds WHERE at >= CAST(:since AS timestamptz) - CAST(:slack AS interval)
         ORDER BY at, id LIMIT 1) AS low,
       (SELECT id FROM deeds WHERE at < CAST(:until AS timestamptz) + CAST(:slack AS interval)
         ORDER BY at DESC, id DESC LIMIT 1) AS high""")
_LOOK = """
SELECT id, at, actor, address, what, subject, before, after, reason FROM deeds
 WHERE true {conditions} ORDER BY id DESC LIMIT :limit"""
_PAGE = """
WITH looked AS MATERIALIZED ({look}),
  found AS (SELECT * FROM looked WHERE strpos(lower(concat_ws(' ', actor, what, subject, reason,
      CAST(before AS text), CAST(after AS text))), lower(:words)) > 0 ORDER BY id DESC LIMIT :page)
SELECT f.*, l.last, l.looked FROM (SELECT min(id) AS last, count(*) AS looked FROM looked) AS l
  LEFT JOIN found f ON true ORDER BY f.id DESC"""
_CONDITIONS = {
    "actor": "actor = :actor",
    "what": "what = :what",
    "subject": "subject = :subject",
    "since": "at >= :since",
    "until": "at < :until",
    "low": "id >= :low",
    "high": "id <= :high",
    "below": "id < :below",
}


@dataclass(frozen=True, slots=True)
class Sought:
    """Which deeds: by whom, what, to whom (`kind:id`), in words, from `since` to before `until`.

    `words` are looked for in all that a deed says, whatever their case.
    """

    actor: str | None = None
    what: str | None = None
    subject: str | None = None
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """One deed, as it was recorded."""

    id: int
    at: datetime
    actor: str
    address: str
    what: str
    subject: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str


@dataclass(frozen=True, slots=True)
class DeedPage:
    """Deeds, the latest first. `below`: where the next page goes on; None = this is the last."""

    deeds: Sequence[Done]
    below: int | None


async def page(
    connection: AsyncConnection, sought: Sought, below: int | None, limit: int
) -> DeedPage:
    """At most so many; with words it may be fewer although more follow."""
    asked = await _asked(connection, sought)
    if below is not None:
        asked["below"] = below
    look = _LOOK.format(conditions="".join(f"AND {_CONDITIONS[name]} " for name in asked))
    if not sought.words:
        rows = (await connection.execute(text(look), asked | {"limit": limit})).all()
        done = [Done(*row) for row in rows]
        return DeedPage(done, done[-1].id if len(done) == limit else None)
    asked |= {"limit": LOOKED_THROUGH_MAX, "page": limit, "words": sought.words}
    rows = (await connection.execute(text(_PAGE.format(look=look)), asked)).all()
    done = [Done(*row[:-2]) for row in rows if row.id is not None]
    if len(done) == limit:
        return DeedPage(done, done[-1].id)
    return DeedPage(done, rows[0].last if rows[0].looked == LOOKED_THROUGH_MAX else None)


async def _asked(connection: AsyncConnection, sought: Sought) -> dict[str, Any]:
    named = {name: getattr(sought, name) for name in ("actor", "what", "subject", "since", "until")}
    asked = {name: value for name, value in named.items() if value is not None}
    if sought.since is None and sought.until is None:
        return asked
    times = {"since": sought.since, "until": sought.until, "slack": SLACK}
    bounds = (await connection.execute(_BOUNDS, times)).one()
    if sought.since is not None:
        asked["low"] = NEVER if bounds.low is None else bounds.low
    if sought.until is not None:
        asked["high"] = bounds.high or 0
    return asked
