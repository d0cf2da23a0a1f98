from collections import Counter
from decimal import Decimal

import pytest

from gateway.domain.observations import Word
from gateway.sandbox.fates import Course, Fate, Fates, Step, step
from gateway.sandbox.marks import NONE, Marks, read_marks

COURSE = Course(Fate.PARTIAL, quantity=1_000, delivered=700, start_count=40, milliseconds=10_000)


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        (0, Step(Word.PENDING, 1_000, None)),
        (1_499, Step(Word.PENDING, 1_000, None)),
        (1_500, Step(Word.PROCESSING, 1_000, 40)),
        (3_000, Step(Word.IN_PROGRESS, 1_000, 40)),
        (6_500, Step(Word.IN_PROGRESS, 650, 40)),
        (9_999, Step(Word.IN_PROGRESS, 301, 40)),
        (10_000, Step(Word.PARTIAL, 300, 40)),
        (10**12, Step(Word.PARTIAL, 300, 40)),
    ],
)
def test_an_order_walks_to_its_end(elapsed: int, expected: Step) -> None:
    assert step(COURSE, elapsed) == expected


def test_an_order_without_a_pace_ends_at_once() -> None:
    course = Fates(pace_milliseconds=0).draw(Marks(fate="canceled"), 10)
    assert step(course, 0) == Step(Word.CANCELED, 10, course.start_count)


@pytest.mark.parametrize(
    ("link", "fate"),
    [
        ("https://a.example/x#completed", Fate.COMPLETED),
        ("https://a.example/x#Partial", Fate.PARTIAL),
        ("https://a.example/x#row-7,canceled", Fate.CANCELED),
        ("https://a.example/x?fate=partial", Fate.PARTIAL),
        ("https://a.example/x?a=1&fate=canceled#top", Fate.CANCELED),
        ("name?fate=partial#fate=canceled", Fate.CANCELED),
    ],
)
def test_a_link_chooses_its_fate_whatever_chance_says(link: str, fate: Fate) -> None:
    other = Fate.COMPLETED if fate is not Fate.COMPLETED else Fate.CANCELED
    fates = Fates({other: Decimal(1)})
    assert fates.draw(read_marks(link), 50).fate is fate
    assert fates.draw(read_marks("https://a.example/partial/x"), 50).fate is other


def test_marks_name_a_fault_too() -> None:
    assert read_marks("https://a.example/?fault=liar&fate=partial") == Marks("partial", "liar")
    assert read_marks("https://a.example/") == NONE


def test_fates_come_in_their_shares_and_again_with_the_seed() -> None:
    first, again, other = Fates(seed="3"), Fates(seed="3"), Fates(seed="4")
    courses = [first.draw(NONE, 1_000) for _ in range(2_000)]
    assert courses == [again.draw(NONE, 1_000) for _ in range(2_000)]
    assert courses != [other.draw(NONE, 1_000) for _ in range(2_000)]
    seen = Counter(course.fate for course in courses)
    assert 1_500 < seen[Fate.COMPLETED] < 1_700
    assert 140 < seen[Fate.PARTIAL] < 260
    assert 140 < seen[Fate.CANCELED] < 260
    assert all(0 < c.delivered < 1_000 for c in courses if c.fate is Fate.PARTIAL)
    assert all(3_750 <= c.milliseconds <= 6_250 for c in courses)


@pytest.mark.parametrize("quantity", [1, 2, 3])
def test_only_what_has_parts_ends_partly(quantity: int) -> None:
    course = Fates().draw(Marks(fate="partial"), quantity)
    expected = (Fate.COMPLETED, 1) if quantity == 1 else (Fate.PARTIAL, course.delivered)
    assert (course.fate, course.delivered) == expected
    assert 0 < course.delivered <= max(1, quantity - 1)


@pytest.mark.parametrize(
    ("shares", "text"),
    [
        ({"done": Decimal("0.1")}, "completed, partial, canceled"),
        ({"partial": Decimal("1.1")}, "partial: 1.1 is not within 0 and 1"),
        ({"partial": Decimal("0.6"), "canceled": Decimal("0.6")}, "above 1"),
    ],
)
def test_bad_shares_are_named(shares: dict[str, Decimal], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Fates(shares)


def test_a_pace_has_bounds() -> None:
    with pytest.raises(ValueError, match="7 days"):
        Fates(pace_milliseconds=10**12)
