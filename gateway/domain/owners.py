"""Whose is what, when each found thing has just one owner and each owner has one thing at most.

What is the same in every way to give all things to owners is certain, however many ways there are.
"""

from collections import deque
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
    of: dict[Thing, Owner] = {}
    has: dict[Owner, Thing] = {}
    spent: set[Owner] = set()
    for thing in possible:
        for each, owner in _chain(possible, of, has, spent, thing):
            of[each] = owner
            has[owner] = each
    return of


def _given(possible: Mapping[Thing, Collection[Owner]]) -> dict[Thing, Owner] | None:
    """One way to give each thing to an owner of its own."""
    one_way = most(possible)
    return one_way if len(one_way) == len(possible) else None


def _chain(
    possible: Mapping[Thing, Collection[Owner]],
    of: Mapping[Thing, Owner],
    has: Mapping[Owner, Thing],
    spent: set[Owner],
    thing: Thing,
) -> list[tuple[Thing, Owner]]:
    """Who gets what, so that one thing more has an owner: those on the way pass on what they have.

    `spent`: owners from whom no way leads to one who has nothing, and never will.
    """
    asked: dict[Owner, Thing] = {}
    waiting = deque([thing])
    while waiting:
        each = waiting.popleft()
        for owner in possible[each]:
            if owner in asked or owner in spent:
                continue
            asked[owner] = each
            if owner not in has:
                return _back(asked, of, owner)
            waiting.append(has[owner])
    spent.update(asked)
    return []


def _back(
    asked: Mapping[Owner, Thing], of: Mapping[Thing, Owner], owner: Owner
) -> list[tuple[Thing, Owner]]:
    """From the last who was asked to the thing that nobody had."""
    chain = [(asked[owner], owner)]
    while (thing := chain[-1][0]) in of:
        chain.append((asked[of[thing]], of[thing]))
    return chain
