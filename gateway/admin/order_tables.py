"""Tables on an order's page: parts, requests, discrepancies, deeds; no longer than fits."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from gateway.admin.excerpts import Excerpts
from gateway.admin.grids import Cell, Column, Grid, Row, page_number
from gateway.admin.orders import path_of
from gateway.admin.visits import Form, Visit
from gateway.domain.closing import CLOSED_BY
from gateway.domain.money import EXACT
from gateway.domain.targets import Class
from gateway.operations.tell_order import Told

PARTS_MAX = 20
ROWS_MAX = 10
BYTES_MAX = 12_000
NOTE_BYTES_MAX = 300
_WORDS: Mapping[str, str] = {each.value: each.name.lower().replace("_", " ") for each in Class}
_CLOSED_BY: Mapping[str, str] = {each.value: words for each, words in CLOSED_BY.items()}
_REQUEST_TONES = {"completed": "settled", "rejected": "loss"}


def tables_of(visit: Visit, told: Told) -> dict[str, Grid]:
    """All four, by name."""
    room = Excerpts(BYTES_MAX)
    return {
        "discrepancies": _discrepancies(told, room),
        "requests": _requests(told, room),
        "parts": _parts(visit, told, room),
        "deeds": _deeds(told, room),
    }


def _discrepancies(told: Told, room: Excerpts) -> Grid:
    """Open ones first."""
    unit = told.agreed["cost_currency"]
    found = sorted(
        told.chapters["discrepancies"], key=lambda row: (row["closed_at"] is not None, -row["id"])
    )
    columns = (
        Column("class"),
        Column("state"),
        Column("expected", right=True, unit=unit),
        Column("seen", right=True, unit=unit),
        Column("difference", right=True, unit=unit),
        Column("since"),
        Column("what was seen", wide=True),
        Column("closed by", wide=True),
    )
    rows = [_discrepancy(row, room) for row in found[:ROWS_MAX]]
    return _grid(told, "Discrepancies", columns, rows, len(found))


def _discrepancy(row: Mapping[str, Any], room: Excerpts) -> Row:
    closed, known = row["closed_at"] is not None, None not in (row["expected"], row["seen"])
    kind = row["kind"]
    if closed:
        by = f"{row['closed_by'] or 'itself'} {row['close_note'] or ''}"
    else:
        by = _CLOSED_BY.get(kind, "")
    entry = f"/entries/{row['entry_id']}" if row["entry_id"] else ""
    return (
        Cell(f"{kind} {_WORDS.get(kind, '')}", href=f"/reconciliation/{row['id']}"),
        Cell(None, tone="ended" if closed else "doubt", mark="closed" if closed else "open"),
        row["expected"],
        row["seen"],
        Cell(EXACT.subtract(row["seen"], row["expected"]) if known else None, href=entry),
        row["opened_at"],
        room.of(row["note"], NOTE_BYTES_MAX),
        room.of(by, NOTE_BYTES_MAX),
    )


def _requests(told: Told, room: Excerpts) -> Grid:
    columns = (
        Column("asked for"),
        Column("state"),
        Column("of"),
        Column("asked"),
        Column("passed on"),
        Column("ended"),
        Column("tries", right=True),
        Column("id there"),
        Column("what they said", wide=True),
    )
    found = told.chapters["requests"][::-1]
    rows: list[Row] = [
        (
            f"{row['kind']} {row['id']}",
            Cell(None, tone=_REQUEST_TONES.get(row["state"], "doubt"), mark=row["state"]),
            Cell(row["provider"], href=f"/providers/{quote(row['provider'], safe='')}"),
            row["asked_at"],
            row["sent_at"],
            row["ended_at"],
            row["tries"],
            room.of(row["provider_request"], 64),
            room.of(row["note"], NOTE_BYTES_MAX),
        )
        for row in found[:ROWS_MAX]
    ]
    return _grid(told, "Refills and cancels", columns, rows, len(found))


def _parts(visit: Visit, told: Told, room: Excerpts) -> Grid:
    columns = (
        Column("part", right=True),
        Column("id there"),
        Column("status"),
        Column("quantity", right=True),
        Column("start", right=True),
        Column("remains", right=True),
        Column("their charge", right=True),
        Column("currency"),
        Column("began"),
        Column("ended"),
        Column("not told", wide=True),
    )
    found = told.chapters["parts"][::-1]
    begin = min(page_number(visit.query, "parts") - 1, max(0, len(found) - 1) // PARTS_MAX)
    rows: list[Row] = [
        (
            row["part"],
            room.of(row["provider_order"], 64),
            room.of(row["word"], 40),
            row["quantity"],
            row["start_count"],
            row["remains"],
            row["charge"],
            room.of(row["currency"], 10),
            row["created_at"],
            row["ended_at"],
            room.of(row["refused"], 100),
        )
        for row in found[begin * PARTS_MAX : (begin + 1) * PARTS_MAX]
    ]
    return Grid(
        name="Parts",
        columns=columns,
        rows=rows,
        query=Form({"parts": [str(begin + 1)]}),
        path=path_of(told.order.standing.id),
        later={"parts": str(begin + 2)} if len(found) > (begin + 1) * PARTS_MAX else {},
        earlier={"parts": str(begin)} if begin else {},
        note=_left_out(told, "parts", len(found)),
        exports=False,
    )


def _deeds(told: Told, room: Excerpts) -> Grid:
    columns = (
        Column("when"),
        Column("who"),
        Column("did", wide=True),
        Column("before", wide=True),
        Column("after", wide=True),
        Column("why", wide=True),
    )
    found = told.chapters["deeds"][::-1]
    rows: list[Row] = [
        (
            row["at"],
            room.of(row["actor"], 64),
            Cell(room.of(row["what"], 64), href=f"/audit/{row['id']}"),
            room.of(_fields(row["before"]), NOTE_BYTES_MAX),
            room.of(_fields(row["after"]), NOTE_BYTES_MAX),
            room.of(row["reason"], NOTE_BYTES_MAX),
        )
        for row in found[:ROWS_MAX]
    ]
    return _grid(told, "Deeds of operators", columns, rows, len(found))


def _grid(
    told: Told, name: str, columns: Sequence[Column], rows: Sequence[Row], count: int
) -> Grid:
    note = f"The latest {ROWS_MAX}, or the open ones; all stand in the time line."
    return Grid(
        name=name,
        columns=columns,
        rows=rows,
        query=Form(),
        path=path_of(told.order.standing.id),
        note=note if count > ROWS_MAX else "",
        exports=False,
    )


def _left_out(told: Told, chapter: str, shown: int) -> str:
    count = told.counts.get(chapter, shown)
    if count <= shown:
        return ""
    number = told.order.standing.id
    return (
        f"The latest {shown:,} of {count:,}. On the machine, `gateway order show {number} --json`"
        " tells all."
    )


def _fields(values: Mapping[str, Any] | None) -> str:
    return ", ".join(f"{name}: {value}" for name, value in (values or {}).items())
