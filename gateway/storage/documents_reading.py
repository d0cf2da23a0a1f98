"""From a TOML text to checked entries, every mistake in words of our own."""

import re
import tomllib
from decimal import Decimal, InvalidOperation
from typing import TypeVar, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.storage.documents_errors import Complaints, DocumentError, unknown
from gateway.storage.documents_lines import Path
from gateway.storage.documents_models import Entry

CHARACTERS_MAX = 16 * 1024 * 1024

E = TypeVar("E", bound=Entry)
Table = dict[str, object]

_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_WORDS = {
    "missing": "is missing",
    "string_type": "should be text in quotes",
    "int_type": "should be a whole number",
    "bool_type": "should be true or false",
    "list_type": "should be a list",
    "dict_type": "should be a table",
    "model_type": "should be a table",
    "greater_than_equal": "should be at least {ge}",
    "less_than_equal": "should be at most {le}",
    "too_short": "should not be empty",
    "too_long": "has more than {max_length} entries",
    "string_too_long": "is longer than {max_length} characters",
    "value_error": "{error}",
}


def read_toml(file: str, text: str, complaints: Complaints) -> Table | None:
    """The tables of a document, fractions as Decimal; None when it is not TOML."""
    if len(text) > CHARACTERS_MAX:
        complaints.at(file, None, "", f"is longer than {CHARACTERS_MAX:,} characters")
        return None
    try:
        return tomllib.loads(text, parse_float=_fraction)
    except RecursionError:
        complaints.at(file, None, "", "is nested too deeply")
    except ValueError as error:  # also what is raised for whole numbers of thousands of digits
        message = str(error)
        place = _PLACE.search(message)
        line, column = _where(text, place) if place else (None, None)
        words = f"is not TOML: {_PLACE.sub('', message)}"
        complaints.put(DocumentError(file, line, "", words, column))
    return None


def read_entry(
    model: type[E], raw: object, file: str, path: Path, complaints: Complaints
) -> E | None:
    """A table as its model, or None and what is wrong with it."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            within = tuple(step for step in details["loc"] if step != "[key]")
            complaints.add(file, (*path, *within), _words(model, details))
        return None


def list_of_tables(raw: Table, name: str, file: str, complaints: Complaints) -> list[object]:
    """What stands under `[[name]]`."""
    rows = raw.get(name, [])
    if not isinstance(rows, list):
        complaints.add(file, (name,), f"should be written as [[{name}]] tables")
        return []
    return cast("list[object]", rows)


def refuse_unknown_keys(raw: Table, model: type[Entry], file: str, complaints: Complaints) -> None:
    """Each key at the top of a document that it does not have."""
    for key in raw:
        if key not in model.model_fields:
            complaints.add(file, (key,), unknown("key", key, model.model_fields))


def _where(text: str, place: re.Match[str]) -> tuple[int, int]:
    """Line and column; the end of a document is behind its last word."""
    if place["line"]:
        return int(place["line"]), int(place["column"])
    lines = text.rstrip().split("\n")
    return len(lines), len(lines[-1]) + 1


def _fraction(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond all bounds; every amount refuses NaN
        return Decimal("NaN")


def _words(model: type[Entry], details: ErrorDetails) -> str:
    if details["type"] == "extra_forbidden":
        *around, key = details["loc"]
        return unknown("key", str(key), _keys(model, tuple(around)))
    if details["type"] in _WORDS:
        return _WORDS[details["type"]].format(**details.get("ctx", {}))
    return details["msg"]


def _keys(model: type[Entry], around: Path) -> list[str]:
    for step in around:
        inner = model.model_fields[step].annotation if isinstance(step, str) else None
        if isinstance(inner, type) and issubclass(inner, Entry):
            model = inner
    return list(model.model_fields)
