"""Kinds of entries in a dialect's document: each is read onto what the base holds, and said again.

A kind is declared once and works both ways, so that what is read is what was written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar, cast

from gateway.dialects.document_errors import Complaints, Path, unknown
from gateway.dialects.document_values import One, Said, Schema

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

ENTRIES_MAX = 500


class Kind(Protocol[T]):
    """What may stand at one place."""

    def read(self, held: T, said: object, at: Path, wrong: Complaints) -> T:
        """What holds once this was said: `held` where it is wrong."""
        ...

    def say(self, held: T | None, value: T) -> Said | None:
        """What must be said so that `value` holds instead of `held`; None = nothing."""
        ...

    def schema(self) -> Schema:
        """The JSON schema of what may be said."""
        ...


@dataclass(frozen=True, slots=True)
class OrFalse(Generic[T]):
    """A value that may be missing: `false` says so. `blank` is what a new one starts from."""

    kind: Kind[T]
    blank: T

    def read(self, held: T | None, said: object, at: Path, wrong: Complaints) -> T | None:
        if said is False:
            return None
        return self.kind.read(self.blank if held is None else held, said, at, wrong)

    def say(self, held: T | None, value: T | None) -> Said | None:
        if value is None:
            return None if held is None else False
        return _anew(self.kind, self.blank, value) if held is None else self.kind.say(held, value)

    def schema(self) -> Schema:
        return {"anyOf": [self.kind.schema(), {"const": False}]}


@dataclass(frozen=True, slots=True)
class Several(Generic[T]):
    """A whole list, said all at once. `blank` is what each of its tables starts from."""

    kind: Kind[T]
    blank: T
    entries_min: int = 0

    def read(self, held: tuple[T, ...], said: object, at: Path, wrong: Complaints) -> tuple[T, ...]:
        if not isinstance(said, list):
            wrong.add(at, "should be a list")
            return held
        rows = cast("list[object]", said)
        if not self.entries_min <= len(rows) <= ENTRIES_MAX:
            wrong.add(at, f"should have {self.entries_min} to {ENTRIES_MAX} entries")
            return held
        read: list[T] = []
        for number, row in enumerate(rows):
            value = self.kind.read(self.blank, row, (*at, number), wrong)
            if value in read and value != self.blank:
                wrong.add((*at, number), "stands there twice")
            read.append(value)
        return tuple(read)

    def say(self, held: tuple[T, ...] | None, value: tuple[T, ...]) -> Said | None:
        if held == value:
            return None
        return [_anew(self.kind, self.blank, each) for each in value]

    def schema(self) -> Schema:
        return {"type": "array", "items": self.kind.schema(), "minItems": self.entries_min}


@dataclass(frozen=True, slots=True)
class Table(Generic[K, V]):
    """Entries by name. What is said comes on top of the base, and `name = false` takes one away.

    Those in `needed` cannot be taken away. `blank` is what a new entry starts from.
    """

    names: One[K]
    values: Kind[V]
    blank: V
    needed: frozenset[K] = frozenset()

    def read(self, held: Mapping[K, V], said: object, at: Path, wrong: Complaints) -> Mapping[K, V]:
        if not isinstance(said, dict):
            wrong.add(at, "should be a table")
            return held
        read = dict(held)
        named: set[K] = set()
        for spelled, entry in cast("dict[str, object]", said).items():
            within = (*at, spelled)
            try:
                name = self.names.take(spelled)
            except ValueError as error:
                wrong.add(within, str(error))
                continue
            if name in named:
                wrong.add(within, "says again what another line of this table says")
            named.add(name)
            if entry is not False:
                read[name] = self.values.read(read.get(name, self.blank), entry, within, wrong)
            elif name in self.needed:
                wrong.add(within, "cannot be false: every dialect needs it")
            else:
                read.pop(name, None)
        if len(read) > ENTRIES_MAX:
            wrong.add(at, f"has more than {ENTRIES_MAX} entries")
        return read

    def say(self, held: Mapping[K, V] | None, value: Mapping[K, V]) -> Said | None:
        before = held or {}
        entries: dict[str, Said] = {}
        for name, each in value.items():
            if name not in before:
                entries[str(self.names.spell(name))] = _anew(self.values, self.blank, each)
            elif (said := self.values.say(before[name], each)) is not None:
                entries[str(self.names.spell(name))] = said
        for name in before:
            if name not in value:
                entries[str(self.names.spell(name))] = False
        return entries or None

    def schema(self) -> Schema:
        return {
            "type": "object",
            "propertyNames": self.names.schema(),
            "additionalProperties": {"anyOf": [self.values.schema(), {"const": False}]},
        }


@dataclass(frozen=True, slots=True)
class Part:
    """An entry of a record: its name, the attributes that lead to it (`requests.key`), its kind."""

    name: str
    attribute: str
    kind: Kind[object]


def part(name: str, kind: Kind[T], attribute: str = "") -> Part:
    """A part whose attribute has the same name when no other is given."""
    return Part(name, attribute or name, cast("Kind[object]", kind))


@dataclass(frozen=True, slots=True)
class Record(Generic[T]):
    """A table of known entries, each an attribute of a value.

    `alone` is the part that must not be empty, and that a text in the table's place says.
    """

    parts: tuple[Part, ...]
    alone: str = ""

    def read(self, held: T, said: object, at: Path, wrong: Complaints) -> T:
        if self.alone and isinstance(said, str):
            said = {self.alone: said}
        if not isinstance(said, dict):
            wrong.add(at, "should be a text or a table" if self.alone else "should be a table")
            return held
        known = {each.name: each for each in self.parts}
        read: object = held
        for name, entry in cast("dict[str, object]", said).items():
            if name not in known:
                wrong.add((*at, name), unknown("key", name, known))
                continue
            attributes = known[name].attribute.split(".")
            value = known[name].kind.read(_got(read, attributes), entry, (*at, name), wrong)
            read = _put(read, attributes, value)
        if self.alone and not _got(read, [self.alone]):
            wrong.add(at, f'wants "{self.alone}"')
        return cast("T", read)

    def say(self, held: T | None, value: T) -> Said | None:
        entries: dict[str, Said] = {}
        for each in self.parts:
            attributes = each.attribute.split(".")
            before = None if held is None else _got(held, attributes)
            said = each.kind.say(before, _got(value, attributes))
            if said is not None:
                entries[each.name] = said
        return entries[self.alone] if self.alone and [*entries] == [self.alone] else entries or None

    def schema(self) -> Schema:
        table: Schema = {
            "type": "object",
            "properties": {each.name: each.kind.schema() for each in self.parts},
            "additionalProperties": False,
        }
        return {"anyOf": [{"type": "string"}, table]} if self.alone else table


def _anew(kind: Kind[T], blank: T, value: T) -> Said:
    """What makes a value out of nothing: what differs from a blank one, or all of it."""
    said = kind.say(blank, value)
    if said is None:
        said = kind.say(None, value)
    return {} if said is None else said


def _got(value: object, attributes: list[str]) -> object:
    for name in attributes:
        value = getattr(value, name)
    return value


def _put(value: object, attributes: list[str], said: object) -> object:
    """The same dataclass with another value at the end of these attributes."""
    first, *rest = attributes
    inner = _put(getattr(value, first), rest, said) if rest else said
    return replace(cast("Part", value), **{first: inner})
