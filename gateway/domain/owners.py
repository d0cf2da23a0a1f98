"""Whose is what, when each found thing has just one owner and each owner has one thing at most.

What is the same in every way to give all things to owners is certain, however many ways there are.
"""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Owner = TypeVar("Owner", bound=Hashable)
Thing = TypeVar("Thing", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Certain(Generic[Thing, Owner]):
    """`owner` of the things that can be nobody else's; `without`: who has nothing for sure."""

    owner: Mapping[Thing, Owner]
    without: frozenset[Owner]


def certain(possible: Mapping[Thing, Collection[Owner]]) -> Certain[Thing, Owner] | None:
    """What holds in every way to give each thing to one of its possible owners.

    None: there is no such way, as there are too many things for them.
    """
    one_way = _given(possible)
    if one_way is None:
        return None
    sure = {
        thing: owner
        for thing, owner in one_way.items()
        if _given({**possible, thing: [each for each in possible[thing] if each != owner]}) is None
    }
    everybody = {owner for owners in possible.values() for owner in owners}
    idle = {owner for owner in everybody - set(one_way.values()) if not _may_have(possible, owner)}
    return Certain(sure, frozenset(idle))


def _may_have(possible: Mapping[Thing, Collection[Owner]], owner: Owner) -> bool:
    return any(
        _given({**possible, thing: [owner]}) is not None
        for thing, owners in possible.items()
        if owner in owners
    )


def _given(possible: Mapping[Thing, Collection[Owner]]) -> dict[Thing, Owner] | None:
    """One way to give each thing to an owner of its own."""
    has: dict[Owner, Thing] = {}
    for thing in possible:
        if not _give(possible, has, thing, set()):
            return None
    return {thing: owner for owner, thing in has.items()}


def _give(
    possible: Mapping[Thing, Collection[Owner]],
    has: dict[Owner, Thing],
    thing: Thing,
    asked: set[Owner],
) -> bool:
    """Give one thing away; who has another one already passes that on, if he can."""
    for owner in possible[thing]:
        if owner in asked:
            continue
        asked.add(owner)
        if owner not in has or _give(possible, has, has[owner], asked):
            has[owner] = thing
            return True
    return False
