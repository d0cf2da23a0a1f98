"""Who did what, before and after, from where: append-only, searchable, exportable."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.responses import Response

from gateway.admin import subjects
from gateway.admin.days import ONE, begin_of, day_of, spelled
from gateway.admin.grids import (
    Cell,
    Choice,
    Column,
    Grid,
    Row,
    export,
    wants_export,
)
from gateway.admin.rendering import page
from gateway.admin.visits import Form, Page, Visit, missing, whole
from gateway.domain.operators import Right
from gateway.domain.searching import ID_MAX
from gateway.operations.export_deeds import export_deeds
from gateway.operations.list_deeds import Done, Sought, list_deeds

PATH = "/audit"
ARROW = " \N{RIGHTWARDS ARROW} "
NOTHING = "\N{EN DASH}"
COLUMNS = (
    Column("when"),
    Column("number", right=True),
    Column("who"),
    Column("from where"),
    Column("what"),
    Column("subject"),
    Column(f"before{ARROW}after"),
    Column("why"),
)


async def show_all(visit: Visit) -> Response:
    """The deeds that fit, the latest first; all of them as a file."""
    query = visit.query
    sought = _sought(query)
    if wants_export(visit):
        return export("audit", COLUMNS, _pages(visit, sought))
    found = await list_deeds(visit.backends, sought, below=whole(query.one("before")))
    grid = Grid(
        "Deeds",
        COLUMNS,
        [_row(each) for each in found.deeds],
        query,
        PATH,
        search="Words in anything that a deed says",
        choices=_choices(query, sought),
        later={"before": str(found.below)} if found.below else {},
        keyed="before",
        empty="Nothing here that fits; further rows may." if found.below else "Nobody did such.",
    )
    return page(visit, "audit.html", grid=grid)


async def show(visit: Visit) -> Response:
    """One deed in full."""
    number = visit.number("number")
    if number >= ID_MAX:
        raise missing("such deed")
    found = await list_deeds(visit.backends, Sought(), below=number + 1, limit=1)
    if not found.deeds or found.deeds[0].id != number:
        raise missing(f"deed {number}")
    deed = found.deeds[0]
    changes = [
        (name, was, will, was != will) for name, was, will in _changes(deed.before, deed.after)
    ]
    return page(
        visit, "deed.html", deed=deed, changes=changes, subject=subjects.page_of(deed.subject)
    )


def _sought(query: Form) -> Sought:
    since, last = day_of(query.one("from")), day_of(query.one("to"))
    return Sought(
        actor=query.one("actor") or None,
        what=query.one("what") or None,
        subject=query.one("subject") or None,
        words=query.one("q").strip(),
        since=begin_of(since) if since else None,
        until=begin_of(last + ONE) if last else None,
    )


def _choices(query: Form, sought: Sought) -> Sequence[Choice]:
    until = sought.until - ONE if sought.until else None
    return (
        Choice("actor", "Who", value=query.one("actor")),
        Choice("what", "What", value=query.one("what")),
        Choice("subject", "Subject, as order:7", value=query.one("subject")),
        Choice("from", "From", value=_day(sought.since), kind="date"),
        Choice("to", "To", value=_day(until), kind="date"),
    )


def _day(moment: datetime | None) -> str:
    return spelled(moment.date() if moment else None)


async def _pages(visit: Visit, sought: Sought) -> AsyncGenerator[Sequence[Row]]:
    async for deeds in export_deeds(visit.backends, sought):
        yield [_row(each) for each in deeds]


def _row(deed: Done) -> Row:
    changes = _changes(deed.before, deed.after)
    return (
        deed.at,
        Cell(deed.id, href=f"{PATH}/{deed.id}"),
        deed.actor,
        deed.address or "command line",
        deed.what,
        Cell(deed.subject, href=subjects.page_of(deed.subject)),
        "; ".join(f"{name}: {_in_line(was, will)}" for name, was, will in changes),
        deed.reason,
    )


def _in_line(was: str, will: str) -> str:
    return will if was in (NOTHING, will) else f"{was}{ARROW}{will}"


def _changes(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Sequence[tuple[str, str, str]]:
    """Each field: its name, what it was, what it is."""
    was, will = before or {}, after or {}
    names = dict.fromkeys((*was, *will))
    return [(name, _told(was.get(name)), _told(will.get(name))) for name in names]


def _told(value: object) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


PAGES = (
    Page("GET", PATH, Right.LOOK, show_all),
    Page("GET", f"{PATH}/{{number:int}}", Right.LOOK, show),
)
