"""Entries of services.toml switched, ordered, added and removed in its text."""

import re
import tomllib
from collections.abc import Callable, Collection
from typing import cast

from gateway.domain.edits import EDITS_MAX, CannotEdit, NewEntry, Value
from gateway.storage.documents_blocks import Block, Kept, arrange, lay
from gateway.storage.documents_written import Values, read, rewrite, written

_NAME = "services"
_ID = re.compile(r"^[ \t]*[\"']?id[\"']?[ \t]*=[ \t]*([0-9_]+)", re.MULTILINE)


def switch(text: str, services: Collection[int], *, enabled: bool) -> str:
    """The text with these services on sale or not. Raises `CannotEdit`."""
    return _with(text, services, lambda _: {"enabled": enabled})


def order_offers(text: str, service: int, offers: tuple[str, ...]) -> str:
    """The text with a service's offers in this order. Raises `CannotEdit`."""

    def ordered(block: Block) -> Values:
        (row,) = cast("list[dict[str, object]]", tomllib.loads(block.body)[_NAME])
        if sorted(cast("list[str]", row.get("offers", []))) != sorted(offers):
            raise CannotEdit(f"the offers of service {service} are others by now: load it again")
        return {"offers": offers}

    return _with(text, [service], ordered)


def remove(text: str, services: Collection[int]) -> str:
    """The text without these services. Raises `CannotEdit`."""
    parts = lay(text, _NAME)
    gone = _places(parts, services)
    count = sum(isinstance(part, Block) for part in parts)
    return arrange(parts, [Kept(place) for place in range(count) if place not in gone])


def append(text: str, entries: tuple[NewEntry, ...]) -> str:
    """The text with more entries at its end. Raises `CannotEdit`."""
    if len(entries) > EDITS_MAX:
        raise CannotEdit(f"{len(entries):,} entries are too many at once: at most {EDITS_MAX:,}")
    if not entries:
        return text
    before = text.rstrip("\n")
    return "\n".join([*([before + "\n"] if before else []), *map(entry_text, entries)])


def entry_text(entry: NewEntry) -> str:
    """One entry of services.toml. Raises `CannotEdit`."""
    values: dict[str, Value] = {
        "id": entry.id,
        "name": entry.name,
        "category": entry.category,
        "offers": entry.offers,
    }
    lines = [f"{name} = {written(value)}" for name, value in values.items()]
    hints = [f"# {_remark(hint)}" for hint in entry.hints]
    return "\n".join((f"[[{_NAME}]]", *lines, *hints)) + "\n"


def _remark(text: str) -> str:
    """On one line, and without what no remark may hold."""
    return "".join(each if each.isprintable() else " " for each in text)


def _with(text: str, services: Collection[int], values: Callable[[Block], Values]) -> str:
    parts = lay(text, _NAME)
    places = _places(parts, services)
    blocks = [part for part in parts if isinstance(part, Block)]
    bodies = {at: rewrite(blocks[at].body, (_NAME,), values(blocks[at])) for at in places}
    if all(bodies[at] == blocks[at].body for at in places):
        return text
    return arrange(parts, [Kept(at, bodies.get(at)) for at in range(len(blocks))])


def _places(parts: list[str | Block], services: Collection[int]) -> set[int]:
    """Where the services stand among the blocks; each must be there once."""
    if len(services) > EDITS_MAX:
        raise CannotEdit(f"{len(services):,} services are too many at once: at most {EDITS_MAX:,}")
    wanted, found = set(services), dict[int, int]()
    blocks = [part for part in parts if isinstance(part, Block)]
    for at, block in enumerate(blocks):
        # a look first: reading all of ten thousand would take most of a second
        if any(int(each[1].replace("_", "")) in wanted for each in _ID.finditer(block.body)):
            number = _id(block)
            if number in found:
                raise CannotEdit(f"service {number} stands in services.toml twice")
            if number in wanted:
                found[number] = at
    if missing := sorted(wanted - found.keys()):
        raise CannotEdit(f"services.toml has no [[services]] table with the id {missing[0]}")
    return set(found.values())


def _id(block: Block) -> int:
    (row,) = cast("list[dict[str, object]]", read(block.body)[_NAME])
    number = row.get("id")
    return number if isinstance(number, int) else 0
