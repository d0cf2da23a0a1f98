"""Spans of a provider's order ids: which were asked for, and which still have to be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Ids from `low` to `high`, both inclusive."""

    low: int
    high: int


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same ids in as few spans as can be, rising."""
    found: list[Span] = []
    for span in sorted(each for each in spans if each.low <= each.high):
        if found and span.low <= found[-1].high + 1:
            found[-1] = Span(found[-1].low, max(found[-1].high, span.high))
        else:
            found.append(span)
    return found


def without(spans: Iterable[Span], covered: Sequence[Span]) -> list[Span]:
    """What of some spans is not covered."""
    left: list[Span] = []
    for span in merged(spans):
        low = span.low
        for done in merged(covered):
            if done.high < low or done.low > span.high:
                continue
            if done.low > low:
                left.append(Span(low, done.low - 1))
            low = done.high + 1
        if low <= span.high:
            left.append(Span(low, span.high))
    return left


def first(spans: Sequence[Span], most: int) -> list[Span]:
    """The first ids of rising spans, at most so many."""
    found: list[Span] = []
    for span in spans:
        if most <= 0:
            break
        taken = Span(span.low, min(span.high, span.low + most - 1))
        found.append(taken)
        most -= taken.high - taken.low + 1
    return found


def covers(covered: Sequence[Span], span: Span) -> bool:
    """Whether each id of a span is covered; one without ids always is."""
    return span.low > span.high or not without([span], covered)
