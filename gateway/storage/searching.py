"""Finding orders for operators: no search reads more rows than it may, and it says how far it got.

What has an index of few rows (words, states that few are in) is found whole, as candidates. All
else is read along the ids, so many rows for a page; the page says where it stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.orders import State
from gateway.domain.searching import ID_MAX, IN_DOUBT, Search, Sort, meant, seen
from gateway.storage.orders import Listed, by_ids

CANDIDATES_MAX = 5_000
SCANNED_MAX = 50_000
NAMES_MAX = 20
AMPLE = timedelta(hours=1)

# of a search the values tell which index is best, so a plan for any values is none
_PLAN = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
_CUSTOMER = text("SELECT id FROM customers WHERE name = :name")
_NAMED = text("""
SELECT o.id FROM (SELECT id FROM customers WHERE lower(name) = lower(:name)
    OR starts_with(lower(name), lower(:name))
   AND NOT EXISTS (SELECT FROM customers WHERE lower(name) = lower(:name))
    ORDER BY length(name), id LIMIT :names) c
 CROSS JOIN LATERAL (SELECT id FROM orders WHERE customer_id = c.id
   ORDER BY id DESC LIMIT :limit) o
 ORDER BY o.id DESC LIMIT :limit""")
_THEIRS = text("""
SELECT a.order_id FROM provider_states p JOIN attempts a
    ON a.provider = p.provider AND a.provider_order = :theirs
UNION SELECT r.order_id FROM provider_states p JOIN order_parts r
    ON r.provider = p.provider AND r.provider_order = :theirs LIMIT :limit""")
# the longest text that begins so sorts before the beginning with the last of all characters
_LINKED = text("""
SELECT id FROM orders
 WHERE left(link, 64) ~>=~ left(:link, 64)
   AND left(link, 64) ~<=~ (left(:link, 64) || chr(1114111))
   AND starts_with(link, :link) LIMIT :limit""")
_ODD = text("""
SELECT order_id FROM discrepancies WHERE closed_at IS NULL AND order_id IS NOT NULL
UNION SELECT order_id FROM braked_refunds LIMIT :limit""")
# each as its index has it
_FEW = {
    frozenset({State.QUEUED}): text("SELECT id FROM orders WHERE state = 'queued' LIMIT :limit"),
    frozenset({State.SENDING}): text("SELECT id FROM orders WHERE state = 'sending' LIMIT :limit"),
    frozenset({State.FAILED}): text("SELECT id FROM orders WHERE state = 'failed' LIMIT :limit"),
}
_DOUBTFUL = text("""
SELECT id FROM orders WHERE state IN ('unconfirmed', 'review') LIMIT :limit""")
# ids rise with time, but for what was in flight and for a clock that was set back: an hour is ample
_SINCE = text("""
WITH RECURSIVE halves (low, high, turn) AS (
  SELECT coalesce(min(id), 0), coalesce(max(id), -1) + 1, 0 FROM orders
  UNION ALL
  SELECT CASE WHEN p.created_at < :at THEN p.id + 1 ELSE h.low END,
         CASE WHEN p.created_at < :at THEN h.high ELSE (h.low + h.high) / 2 END, h.turn + 1
    FROM halves h CROSS JOIN LATERAL (SELECT id, created_at FROM orders
      WHERE id >= (h.low + h.high) / 2 ORDER BY id LIMIT 1) p
   WHERE h.low < h.high AND h.turn < 70)
SELECT low FROM halves ORDER BY turn DESC LIMIT 1""")
# what is closed ended thirty days ago: those that came since are none of them
_CLOSED_UNTIL = text("SELECT now() - interval '29 days'")
_FIT = """
 WHERE o.state = ANY (:states)
   AND (CAST(:provider AS text) IS NULL OR o.provider = :provider)
   AND (CAST(:service AS bigint) IS NULL OR o.service_id = :service)
   AND (CAST(:customer AS bigint) IS NULL OR o.customer_id = :customer)
   AND (CAST(:kind AS text) IS NULL OR o.kind = :kind)
   AND (CAST(:since AS timestamptz) IS NULL OR o.created_at >= :since)
   AND (CAST(:until AS timestamptz) IS NULL OR o.created_at < :until)
   AND (NOT CAST(:odd AS boolean)
     OR EXISTS (SELECT FROM discrepancies d WHERE d.order_id = o.id AND d.closed_at IS NULL)
     OR EXISTS (SELECT FROM braked_refunds b WHERE b.order_id = o.id))"""
_OF = {False: "", True: "customer_id = :customer AND "}
_RANGE = "id >= :low AND id <= :high"
_SCAN = {
    (own, down): text(f"""
SELECT o.id FROM (SELECT * FROM orders WHERE {_OF[own]}{_RANGE}
  ORDER BY id {down} LIMIT :scanned) o {_FIT} ORDER BY o.id {down} LIMIT :limit""")  # noqa: S608  constants
    for own in _OF
    for down in ("ASC", "DESC")
}
_STOPPED = {
    (own, down): text(f"""
SELECT id, created_at FROM orders WHERE {_OF[own]}{_RANGE}
 ORDER BY id {down} OFFSET :scanned - 1 LIMIT 1""")  # noqa: S608  constants
    for own in _OF
    for down in ("ASC", "DESC")
}
_AMONG = {
    down: text(f"""
SELECT o.id FROM orders o {_FIT} AND o.id = ANY (:ids) AND {_RANGE.replace("id", "o.id")}
 ORDER BY o.id {down} LIMIT :limit""")  # noqa: S608  constants
    for down in ("ASC", "DESC")
}
# of equal charges the older one first, whichever way it is paged
_BESIDE = "(o.charge, -o.id) {than} (SELECT n.charge, -n.id FROM orders n WHERE n.id = :near)"
_AT_RISK = {
    down: text(f"""
SELECT o.id FROM orders o {_FIT} AND o.id = ANY (:ids)
   AND (CAST(:near AS bigint) IS NULL OR {_BESIDE.format(than=than)})
 ORDER BY o.charge {down}, o.id {up} LIMIT :limit""")  # noqa: S608  constants
    for down, up, than in (("DESC", "ASC", "<"), ("ASC", "DESC", ">"))
}


@dataclass(frozen=True, slots=True)
class Place:
    """Which page: `after` an order, or `before` one, in the sort's own direction; else the first.

    `limit` rows. What is so near the beginning that no whole page is before it is the first page.
    """

    after: int | None = None
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A page. `next` and `previous`: the order after, or before, which another page goes on.

    `searched_to`: so many orders were looked at that the search stopped at the one of this moment;
    what was found so far is all up to there, and it goes on at `next` (or `previous`). `cut`: so
    many fit the words that only 5,000 of them were looked at.
    """

    orders: Sequence[Listed]
    next: int | None = None
    previous: int | None = None
    searched_to: datetime | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _Ids:
    ids: Sequence[int]
    stopped: int | None = None
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Candidates:
    ids: Sequence[int]
    cut: bool = False


async def search(connection: AsyncConnection, wanted: Search, place: Place) -> Found:
    """One page of the orders that fit."""
    await connection.execute(_PLAN)
    asked = await _asked(connection, wanted)
    if asked is None:
        return Found(())
    few = await _candidates(connection, wanted)
    # a page before another one is read backwards and turned round
    back = place.before is not None
    near = place.before if back else place.after
    forward_down = wanted.sort is not Sort.OLDEST
    down = "DESC" if forward_down is not back else "ASC"
    asked |= {"limit": place.limit + 1}
    if few is None:
        found = await _scan(connection, asked, down, near)
    else:
        asked |= {"ids": list(few.ids)}
        found = await _among(connection, wanted.sort, asked, down, near)
    if back and found.stopped is None and len(found.ids) <= place.limit:
        return await search(connection, wanted, Place(limit=place.limit))
    page, more = list(found.ids[: place.limit]), len(found.ids) > place.limit
    further = page[-1] if more else found.stopped
    listed = await by_ids(connection, page)
    orders = [listed[each] for each in page if each in listed]
    if back:
        behind = page[0] if page else near
        orders.reverse()
        ends = {"next": behind, "previous": further}
    else:
        ends = {"next": further, "previous": page[0] if page and near is not None else near}
    return Found(
        orders,
        **ends,
        searched_to=None if more else found.stopped_at,
        cut=few is not None and few.cut,
    )


async def _asked(connection: AsyncConnection, wanted: Search) -> dict[str, Any] | None:
    """The filters as parameters; None where nothing can fit."""
    customer: int | None = None
    if wanted.customer:
        named = await connection.execute(_CUSTOMER, {"name": seen(wanted.customer)})
        customer = named.scalar()
        if customer is None:
            return None
    if wanted.service is not None and not 0 < wanted.service <= ID_MAX:
        return None
    return {
        "states": sorted(wanted.states),
        "provider": seen(wanted.provider) or None,
        "service": wanted.service,
        "customer": customer,
        "kind": wanted.kind,
        "since": wanted.created_from,
        "until": wanted.created_to,
        "odd": wanted.odd,
    }


async def _candidates(connection: AsyncConnection, wanted: Search) -> _Candidates | None:
    """All that can fit, where an index tells; None where too many may."""
    if wanted.words:
        return await _by_words(connection, wanted.words)
    if wanted.states <= IN_DOUBT:
        return await _few(connection, _DOUBTFUL)
    if wanted.odd:
        return await _few(connection, _ODD)
    query = _FEW.get(wanted.states)
    if query is not None:
        found = await _few(connection, query)
        return None if found.cut else found
    return None


async def _few(connection: AsyncConnection, query: Any, **asked: object) -> _Candidates:
    found = await connection.execute(query, {"limit": CANDIDATES_MAX + 1, **asked})
    ids = list(found.scalars())
    return _Candidates(ids[:CANDIDATES_MAX], cut=len(ids) > CANDIDATES_MAX)


async def _by_words(connection: AsyncConnection, words: str) -> _Candidates:
    said = meant(words)
    found: list[_Candidates] = []
    if said.order is not None:
        found.append(_Candidates([said.order]))
    if said.provider_order:
        found.append(await _few(connection, _THEIRS, theirs=said.provider_order))
    if said.name:
        found.append(await _few(connection, _NAMED, name=said.name, names=NAMES_MAX))
    if said.link:
        found.append(await _few(connection, _LINKED, link=said.link))
    ids = sorted({order for each in found for order in each.ids})
    return _Candidates(ids, cut=any(each.cut for each in found))


async def _among(
    connection: AsyncConnection, sort: Sort, asked: dict[str, Any], down: str, near: int | None
) -> _Ids:
    if sort is Sort.RISK:
        query, asked = _AT_RISK[down], asked | {"near": near}
    else:
        query, asked = _AMONG[down], asked | _beside(down, near, 0, ID_MAX)
    return _Ids((await connection.execute(query, asked)).scalars().all())


async def _scan(
    connection: AsyncConnection, asked: dict[str, Any], down: str, near: int | None
) -> _Ids:
    low, high = 0, ID_MAX
    if asked["since"] is not None:
        low = await _first_at(connection, asked["since"] - AMPLE)
    if asked["until"] is not None:
        high = await _first_at(connection, asked["until"] + AMPLE)
    if asked["states"] == [State.CLOSED]:
        until: datetime = (await connection.execute(_CLOSED_UNTIL)).scalar_one()
        high = min(high, await _first_at(connection, until))
    way = (asked["customer"] is not None, down)
    range_ = _beside(down, near, low, high) | {"scanned": SCANNED_MAX}
    ids = (await connection.execute(_SCAN[way], asked | range_)).scalars().all()
    if len(ids) == asked["limit"]:
        return _Ids(ids)
    if way[0]:
        range_ |= {"customer": asked["customer"]}
    stopped = (await connection.execute(_STOPPED[way], range_)).first()
    return _Ids(ids, stopped.id, stopped.created_at) if stopped else _Ids(ids)


async def _first_at(connection: AsyncConnection, moment: datetime) -> int:
    """The first order that came at a moment or later, or about so."""
    first: int = (await connection.execute(_SINCE, {"at": moment})).scalar_one()
    return first


def _beside(down: str, near: int | None, low: int, high: int) -> dict[str, int]:
    if near is None:
        return {"low": low, "high": high}
    if down == "DESC":
        return {"low": low, "high": min(high, near - 1)}
    return {"low": max(low, near + 1), "high": high}
