"""Several parts together, flat rates, and answers that are told twice."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from gateway.domain.observations import Observation, Refused, Word
from gateway.domain.parts import CHILDREN_MAX, Part, amounts, look, odd
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType
from gateway.domain.targets import Class
from tests.domain.standings import RUNS

HOUR = timedelta(hours=1)
POSTS = replace(
    RUNS,
    kind=ServiceType.SUBSCRIPTIONS,
    quantity=500,
    charged_quantity=500,
    cost=Decimal("0.45"),
    runs=None,
    self_run=False,
    posts=5,
)


def ended(word: Word, remains: int | None = None, number: int = 1) -> Part:
    return Part(number, 1_000, Observation(word, remains=remains), ended=True)


def test_what_parts_brought_is_the_sum_of_those_that_have_ended() -> None:
    parts = [
        ended(Word.COMPLETED),
        ended(Word.PARTIAL, 300),
        # its end is believed no more, or was never seen
        replace(ended(Word.COMPLETED), ended=False),
        Part(4, 1_000, ended=True),
        ended(Word.PARTIAL, None),  # nobody says how much
        ended(Word.CANCELED, 1_000),
    ]
    assert amounts(RUNS, parts) == 1_700


def test_of_a_subscription_without_a_bound_of_posts_a_child_may_be_all() -> None:
    child = Part(1, None, Observation(Word.COMPLETED), ended=True)
    assert amounts(POSTS, [child]) == 100
    assert amounts(replace(POSTS, posts=None), [child]) == 500
    assert amounts(replace(POSTS, posts=1), [child]) == 500


def test_each_class_is_told_once_and_no_class_for_another() -> None:
    unknown = Part(1, 1_000, Observation(None, raw_word="Odd"))
    gone = Part(2, 1_000, refused="who knows")
    again = replace(gone, number=3)
    found = odd(RUNS, [unknown, gone, again])
    assert [(each.kind, each.note) for each in found] == [
        (Class.FORMAT, "part 1: unknown status 'Odd'"),
        (Class.VANISHED, "part 2: status refused: who knows"),
    ]


def test_another_unknown_word_is_another_answer() -> None:
    part = Part(1, 1_000, Observation(None, raw_word="Odd"))
    other = Observation(None, raw_word="Strange")
    assert look(RUNS, part, other, equal_for=timedelta(), age=HOUR).matters
    same = Observation(None, raw_word="Odd")
    assert not look(RUNS, part, same, equal_for=timedelta(), age=HOUR).matters


def test_a_flat_rates_part_is_whole_or_nothing() -> None:
    flat = replace(RUNS, kind=ServiceType.PACKAGE)
    half = Observation(Word.CANCELED, remains=400)
    found = look(flat, Part(1, 1_000), half, equal_for=timedelta(), age=HOUR)
    assert not found.part.ended
    found = look(RUNS, Part(1, 1_000), half, equal_for=timedelta(), age=HOUR)
    assert found.part.ended


def test_a_refusal_counts_only_as_often_as_it_was_told() -> None:
    part = Part(1, 1_000)
    silent = Refused(Code.ORDER_NOT_FOUND, "")
    for times in (0, 1, 2):
        found = look(RUNS, part, silent, equal_for=timedelta(), age=HOUR, times=times)
        assert found.part.refused == ""
    told = look(RUNS, part, silent, equal_for=timedelta(), age=HOUR, times=3)
    assert told.part.refused == "without a word"
    assert CHILDREN_MAX == 10_000
