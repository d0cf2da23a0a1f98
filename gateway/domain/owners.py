"""Whose is what, when each found thing has just one owner and each owner has one thing at most.

What is the same in every way to give all things to owners is certain, however many ways there are.
"""

from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

Owner = TypeVar("Owner", bound=Hashable)
Thing = TypeVar("Thing", bound=Hashable)


def certain(possible: Mapping[Thing, Collection[Owner]]) -> dict[Thing, Owner] | None:
    """Whose each thing is that has the same owner in every way to give all of them away.

    None: there is no such way, as there are too many things for their possible owners.
    """
    one_way = _given(possible)
    if one_way is None:
        return None
    return {
        thing: owner
        for thing, owner in one_way.items()
        if _given({**possible, thing: [each for each in possible[thing] if each != owner]}) is None
    }


def most(possible: Mapping[Thing, Collection[Owner]]) -> dict[Thing, Owner]:
    """One way to give away as many as can be; owners are asked in their order."""
    has: dict[Owner, Thing] = {}
    for thing in possible:
        _give(possible, has, thing, set())
    return {thing: owner for owner, thing in has.items()}


def _given(possible: Mapping[Thing, Collection[Owner]]) -> dict[Thing, Owner] | None:
    """One way to give each thing to an owner of its own."""
    one_way = most(possible)
    return one_way if len(one_way) == len(possible) else None


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
