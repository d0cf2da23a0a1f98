"""What commands print: tables for people, JSON for programs, plain words for what went wrong."""

import csv
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import cast

import msgspec
from rich.console import Console
from rich.table import Table

from gateway.domain.exports import exported
from gateway.domain.money import plain

# what goes into a file or another program is never cut to the width of a terminal
WIDTH = None if sys.stdout.isatty() else 180
CONSOLE = Console(highlight=False, width=WIDTH)
ERRORS = Console(stderr=True, highlight=False)


class Failure(Exception):  # noqa: N818  an expected end of a command
    """What went wrong, in words; the command ends with exit code 1."""


def print_json(value: object) -> None:
    """One JSON document, amounts as exact text."""
    built: object = msgspec.to_builtins(value, builtin_types=(Decimal,), enc_hook=str)
    text = msgspec.json.encode(_exact(built))
    sys.stdout.write(msgspec.json.format(text, indent=2).decode() + "\n")


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table; a column whose name begins with `>` is aligned to the right."""
    CONSOLE.print(table(title, columns, rows))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """The same, for those who print it themselves."""
    made = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column.lstrip(">"), justify="right" if column.startswith(">") else "left")
    for row in rows:
        made.add_row(*(cell(value) for value in row))
    return made


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A header and rows, amounts exact, times in UTC.

    A text that a spreadsheet would take for a formula gets an apostrophe before it, and every cell
    its quotes.
    """
    names = [column.lstrip(">") for column in columns]
    csv_lines([names, *rows])


def csv_lines(rows: Iterable[Sequence[object]]) -> None:
    """More rows of the same."""
    writer = csv.writer(sys.stdout, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        writer.writerow([exported(value) for value in row])


def cell(value: object) -> str:
    """One value as people read it."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value).replace("[", "\\[")


def _exact(built: object) -> object:
    """Amounts as the panel protocol writes them, at any depth."""
    if isinstance(built, Decimal):
        return plain(built)
    if isinstance(built, dict):
        return {key: _exact(each) for key, each in cast("dict[str, object]", built).items()}
    if isinstance(built, list | tuple):
        return [_exact(each) for each in cast("Sequence[object]", built)]
    return built


def say(text: str) -> None:
    """One line for people."""
    CONSOLE.print(text)


def note(text: str) -> None:
    """One line beside what is printed for a file."""
    ERRORS.print(text, markup=False)


def warn(text: str) -> None:
    """One line that should not be overlooked."""
    ERRORS.print(text, style="yellow", markup=False)
