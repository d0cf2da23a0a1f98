"""Tables as the work surface: one description for what is shown and what is exported."""

import csv
import io
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from gateway.admin.visits import Form, Visit, whole
from gateway.domain.exports import exported

T = TypeVar("T")
ROWS = 50
EXPORTED_AT_ONCE = 500
PAGES_MAX = 9_999_999
EXPORT = "export"
# what only steers the table, and belongs to no filter
STEERING = frozenset({"sort", "after", "before", "page", EXPORT})


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `right`: figures. `sort`: how its head is named in the address bar, if it sorts.

    `unit` stands once, in the head. `wide`: texts that would else be broken letter by letter.
    `picks`: its cells are check boxes of this name, in the form whose id is "picks"; a cell without
    a value cannot be chosen. `firm`: its words are not broken.
    """

    label: str
    right: bool = False
    sort: str = ""
    unit: str = ""
    picks: str = ""
    wide: bool = False
    firm: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: Decimal (an amount), datetime, whole number, truth, text or None.

    `href`: what made it. `tone`: loss, doubt, settled or ended; `mark`: the word that says the same
    without colour. `share`: an amount that is a share in percent.
    """

    value: object
    href: str = ""
    tone: str = ""
    mark: str = ""
    share: bool = False


Row = Sequence["Cell | object"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter of a table. `options`: value and label; without any it is typed."""

    name: str
    label: str
    options: Sequence[tuple[str, str]] = ()
    value: str = ""
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table on a page. `later`, `earlier`: what the address bar says of its other pages.

    `later_words`, `earlier_words`: how their links read. `keyed`: what of the address bar says
    where the last page ended, in a list that knows no page before it but the first. `total` where
    it is known; `empty`: what to say when there is nothing.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    query: Form
    path: str
    choices: Sequence[Choice] = ()
    search: str = ""
    sort: str = ""
    later: Mapping[str, str] = field(default_factory=dict[str, str])
    earlier: Mapping[str, str] = field(default_factory=dict[str, str])
    total: int | None = None
    empty: str = "Nothing here."
    note: str = ""
    exports: bool = True
    later_words: str = "Further rows"
    earlier_words: str = "Earlier rows"
    keyed: str = ""

    @property
    def cells(self) -> list[list[Cell]]:
        """All values as cells."""
        return [[as_cell(each) for each in row] for row in self.rows]

    def link(self, **changes: str) -> str:
        """This table with something else about it; other pages of it are left."""
        kept = {
            name: values[0]
            for name, values in self.query.fields.items()
            if name not in ("after", "before", "page", EXPORT) and values[0]
        }
        kept |= changes
        wanted = {name: value for name, value in kept.items() if value}
        return f"{self.path}?{urlencode(wanted)}" if wanted else self.path

    @property
    def later_link(self) -> str:
        """The next page; empty where there is none."""
        return self.link(**self.later) if self.later else ""

    @property
    def earlier_link(self) -> str:
        """The page before, or the first; empty where there is none."""
        if self.keyed:
            return self.link(**{self.keyed: ""}) if self.query.one(self.keyed) else ""
        return self.link(**self.earlier) if self.earlier else ""

    @property
    def export_link(self) -> str:
        """All rows of exactly this."""
        return self.link(**{EXPORT: "csv"})

    def head_link(self, column: Column) -> str:
        """Sorted by a column, the other way round when it is sorted so already."""
        turned = f"-{column.sort}" if self.sort == column.sort else column.sort
        return self.link(sort=turned)

    def order_of(self, column: Column) -> str:
        """How it is sorted by a column, in the words of `aria-sort`."""
        if not column.sort or self.sort.lstrip("-") != column.sort:
            return "none"
        return "descending" if self.sort.startswith("-") else "ascending"

    @property
    def filtered(self) -> bool:
        """Whether anything narrows it."""
        return any(values[0] for name, values in self.query.fields.items() if name not in STEERING)


def as_cell(value: Cell | object) -> Cell:
    """A value that is only that."""
    return value if isinstance(value, Cell) else Cell(value)


def kind_of(cell: Cell) -> str:
    """How a template shows it."""
    value = cell.value
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, Decimal):
        return "share" if cell.share else "amount"
    if isinstance(value, datetime):
        return "time"
    return "count" if isinstance(value, int) else "text"


def page_number(query: Form, name: str = "page") -> int:
    """The page asked for, from 1 on."""
    return whole(query.one(name), PAGES_MAX) or 1


async def at_once(rows: Sequence[Row]) -> AsyncGenerator[Sequence[Row]]:
    """The rows of a file that is never long."""
    yield rows


async def in_parts(
    found: AsyncIterable[T], row: Callable[[T], Row]
) -> AsyncGenerator[Sequence[Row]]:
    """The rows of a file, so many at a time as are written at once."""
    part: list[Row] = []
    async for each in found:
        part.append(row(each))
        if len(part) == EXPORTED_AT_ONCE:
            yield part
            part = []
    yield part


def wants_export(visit: Visit) -> bool:
    """Whether a file is asked for in the place of the page."""
    return visit.query.one(EXPORT) == "csv"


def export(name: str, columns: Sequence[Column], pages: AsyncIterable[Iterable[Row]]) -> Response:
    """All rows as a file, page by page. A cell that a spreadsheet takes for a formula is quoted."""
    return StreamingResponse(
        _lines(columns, pages),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


async def _lines(
    columns: Sequence[Column], pages: AsyncIterable[Iterable[Row]]
) -> AsyncGenerator[str]:
    labels = [f"{each.label} ({each.unit})" if each.unit else each.label for each in columns]
    yield _written([labels])
    async for page in pages:
        yield _written([[_told(as_cell(each)) for each in row] for row in page])


def _told(cell: Cell) -> str:
    # a word that stands beside a colour says what the colour does
    return text_of(cell.mark if cell.value is None and cell.mark else cell.value)


def _written(rows: Iterable[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return file.getvalue()


def text_of(value: object) -> str:
    """A value in a file, as the command line writes it; truths in words."""
    return exported(("yes" if value else "no") if isinstance(value, bool) else value)
