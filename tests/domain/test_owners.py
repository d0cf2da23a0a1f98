"""What is certain is what every way to give things away has in common."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.owners import certain

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


def test_nothing_to_give_is_given() -> None:
    nothing: dict[int, list[str]] = {}
    assert certain(nothing) == {}
