"""Values written into one table of a TOML text; what is not written keeps its bytes."""

import json
import re
import tomllib
from collections.abc import Mapping
from typing import cast

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from gateway.domain.edits import VALUE_CHARACTERS_MAX, CannotEdit, Value

Table = dict[str, object]
Values = Mapping[str, Value | Mapping[str, Value] | None]
"""New values by key, an inner table as a whole; None takes one out."""

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class Spelled(str):
    """A fraction as it is spelled; not the same as the same text in quotes."""

    __slots__ = ()


def written(value: object) -> str:
    """A value as TOML. Raises `CannotEdit`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Spelled):
        return str(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(written, cast('list[object]', value)))}]"
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value).items()
        return "{ " + ", ".join(f"{key(name)} = {written(each)}" for name, each in pairs) + " }"
    if not isinstance(value, str):
        raise CannotEdit(f"no form can write {str(value)[:50]!r}: edit the document itself")
    if len(value) > VALUE_CHARACTERS_MAX:
        raise CannotEdit(f"a value is longer than {VALUE_CHARACTERS_MAX:,} characters")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise CannotEdit("a value holds half a character, which no text can")
    # JSON's strings are TOML's, but for one character
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(name: str) -> str:
    """A key as TOML."""
    return name if _BARE.fullmatch(name) else written(name)


def read(text: str) -> Table:
    """The tables of a text, fractions as they are spelled. Raises `CannotEdit`."""
    try:
        return tomllib.loads(text, parse_float=Spelled)
    except (ValueError, RecursionError) as error:
        raise CannotEdit(f"the document is not TOML: {str(error)[:200]}") from error


def rewrite(body: str, around: tuple[str, ...], values: Values) -> str:
    """A table's text, whose header names `around`, with other values. Raises `CannotEdit`.

    What was made is read again: where it does not say exactly what it should, it is refused.
    """
    before, expected = read(body), read(body)
    table = _within(expected, around)
    for name, value in values.items():
        table.pop(name, None) if value is None else table.update({name: _plain(value)})
    if _known(before) == _known(expected):
        return body
    try:
        document = tomlkit.parse(body)
        target = _within(document, around)
        for name, value in values.items():
            _write(target, name, value)
        made = tomlkit.dumps(document)
        if _known(read(made)) == _known(expected):
            return made
    except (TOMLKitError, CannotEdit, LookupError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, CannotEdit):
            raise
    raise CannotEdit("a table is written in a way that no form can edit: edit the document itself")


def as_text(value: object) -> str:
    """A text or a number as a form shows it. Raises `CannotEdit` for what is neither."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise CannotEdit(f"{str(value)[:50]!r} is neither a text nor a number: edit the document")
    return str(value)


def _within(table: Table, around: tuple[str, ...]) -> Table:
    for step in around:
        inner = table[step]
        row = cast("list[object]", inner)[0] if isinstance(inner, list) else inner
        table = cast("Table", row)
    return table


def _plain(value: object) -> object:
    """A value as a reader would find it."""
    if isinstance(value, tuple):
        return list(cast("tuple[str, ...]", value))
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, object]", value))
    return value


def _write(table: Table, name: str, value: Value | Mapping[str, Value] | None) -> None:
    inner = table.get(name)
    if value is None:
        table.pop(name, None)
    elif isinstance(value, Mapping) and isinstance(inner, dict):
        if isinstance(inner, InlineTable):
            table[name] = tomlkit.value(written(value))
            return
        rows = cast("Table", inner)
        for gone in [each for each in rows if each not in value]:
            rows.pop(gone)
        for each, new in value.items():
            if each not in rows or rows[each] != new:
                rows[each] = tomlkit.value(written(new))
    else:
        table[name] = tomlkit.value(written(value))


def _known(value: object) -> object:
    """A value with its kind, so that `1`, `"1"`, `true` and a fraction are four."""
    if isinstance(value, dict):
        return {name: _known(each) for name, each in cast("Table", value).items()}
    if isinstance(value, list):
        return [_known(each) for each in cast("list[object]", value)]
    return type(value), value
