"""Tables of providers.toml added and changed in its text."""

import re
from typing import cast

from gateway.domain.edits import CannotEdit, Value
from gateway.storage.documents_blocks import chunks_of
from gateway.storage.documents_models import ProviderEntry
from gateway.storage.documents_values import PROVIDER_NAME
from gateway.storage.documents_written import Table, read, rewrite, written

_NAME = "providers"


def add_provider(text: str, name: str, values: tuple[tuple[str, Value], ...]) -> str:
    """The text with one more provider's table at its end. Raises `CannotEdit`."""
    if not re.fullmatch(PROVIDER_NAME, name):
        raise CannotEdit("a name is a letter, then letters, digits, - and _, at most 40")
    known = _tables(text)
    if name.casefold() in {each.casefold() for each in known}:
        raise CannotEdit(f'there is a provider "{name}" already')
    lines = [f"[{_NAME}.{name}]", *(f"{_known(key)} = {written(value)}" for key, value in values)]
    if len({key for key, _ in values}) < len(values):
        raise CannotEdit("a field is given twice")
    before = text.rstrip("\n")
    made = (before + "\n\n" if before else "") + "\n".join(lines) + "\n"
    if _tables(made).keys() != {*known, name}:
        raise CannotEdit("no table can be added to this document by a form: edit it itself")
    return made


def set_provider(text: str, name: str, field: str, value: Value | None) -> str:
    """The text with another value of a provider's field, or without it. Raises `CannotEdit`."""
    _known(field)
    if name not in _tables(text):
        raise CannotEdit(f'there is no provider "{name}"')
    pieces = list(chunks_of(text))
    for at, (path, code, _) in enumerate(pieces):
        if path == (_NAME, name):
            made = rewrite(code, path, {field: value})
            texts = [made if at == each else code for each, (_, code, _) in enumerate(pieces)]
            rests = (rest for _, _, rest in pieces)
            return "".join(part for pair in zip(texts, rests, strict=True) for part in pair)
    raise CannotEdit(f"it is not written as a [{_NAME}.{name}] table: edit the document itself")


def _tables(text: str) -> Table:
    found = read(text).get(_NAME, {})
    if not isinstance(found, dict):
        raise CannotEdit(f"they are not written as [{_NAME}.NAME] tables: edit the document itself")
    return cast("Table", found)


def _known(field: str) -> str:
    if field not in ProviderEntry.model_fields:
        raise CannotEdit(f'a provider has no field "{field[:50]}"')
    return field
