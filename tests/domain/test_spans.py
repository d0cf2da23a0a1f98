"""Spans of ids behave like the sets of their ids."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.spans import Span, covers, first, merged, without

SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 12)).map(lambda x: Span(x[0], x[0] + x[1])),
    max_size=6,
)


def ids(spans: list[Span]) -> set[int]:
    return {number for span in spans for number in range(span.low, span.high + 1)}


@given(SPANS)
def test_merged_spans_hold_the_same_ids_with_gaps_between_them(spans: list[Span]) -> None:
    whole = merged(spans)
    assert ids(whole) == ids(spans)
    assert all(a.high + 1 < b.low for a, b in pairwise(whole))


@given(SPANS, SPANS)
def test_what_is_left_is_what_was_not_covered(spans: list[Span], covered: list[Span]) -> None:
    assert ids(without(spans, covered)) == ids(spans) - ids(covered)
    for span in spans:
        assert covers(covered, span) == (ids([span]) <= ids(covered))


@given(SPANS, st.integers(-1, 60))
def test_the_first_ids_are_the_lowest(spans: list[Span], most: int) -> None:
    whole = merged(spans)
    assert sorted(ids(first(whole, most))) == sorted(ids(whole))[: max(0, most)]


def test_a_span_without_ids_is_covered_by_nothing_at_all() -> None:
    assert covers([], Span(5, 4))
    assert not covers([], Span(5, 5))
