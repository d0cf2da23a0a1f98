"""What is certain is what every way to give things away has in common."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.owners import certain, most

POSSIBLE = st.dictionaries(
    st.integers(0, 4), st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True)
)


@given(POSSIBLE)
def test_certain_is_what_all_ways_share(possible: dict[int, list[str]]) -> None:
    things = list(possible)
    ways = [
        dict(zip(things, chosen, strict=True))
        for chosen in product(*(possible[thing] for thing in things))
        if len(set(chosen)) == len(chosen)
    ]
    found = certain(possible)
    if not ways:
        assert found is None
        return
    assert found is not None
    shared = {thing: ways[0][thing] for thing in things if len({way[thing] for way in ways}) == 1}
    assert found == shared


@given(POSSIBLE)
def test_most_leaves_no_more_ungiven_than_any_way(possible: dict[int, list[str]]) -> None:
    found = most(possible)
    assert all(owner in possible[thing] for thing, owner in found.items())
    assert len(set(found.values())) == len(found)
    given_away = [
        len({owner for owner in chosen if owner})
        for chosen in product(*(["", *each] for each in possible.values()))
        if len({owner for owner in chosen if owner}) == sum(map(bool, chosen))
    ]
    assert len(found) == max(given_away)


def test_nothing_to_give_is_given() -> None:
    nothing: dict[int, list[str]] = {}
    assert certain(nothing) == {}


def test_so_many_that_all_could_be_each_others_are_given_away_as_well() -> None:
    owners = range(1_500)
    assert len(most(dict.fromkeys(range(2_000), owners))) == 1_500


def test_all_pass_on_what_they_have_where_that_makes_room_for_one_more() -> None:
    possible = {thing: [thing, thing + 1] for thing in range(3_000)}
    assert most({**possible, -1: [0]}) == {-1: 0} | {thing: thing + 1 for thing in range(3_000)}
