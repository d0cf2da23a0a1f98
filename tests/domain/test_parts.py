from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.domain.observations import Observation, Refused, Word
from gateway.domain.orders import Standing
from gateway.domain.parts import Look, Part, amounts, charges, look, odd, sound_charge, units
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType
from gateway.domain.targets import Class, Finding
from tests.domain.standings import RUNS

NEW, LONG = timedelta(), timedelta(minutes=10)
OLD = timedelta(hours=1)

DRIP = RUNS
# 5 posts of at most 100 each, for 0.0009 a unit
POSTS = replace(
    DRIP,
    kind=ServiceType.SUBSCRIPTIONS,
    quantity=500,
    charged_quantity=500,
    cost=Decimal("0.45"),
    runs=None,
    self_run=False,
    posts=5,
)
RUN = Part(1, 1_000)
CHILD = Part(1, None)


def seen(
    word: Word | None,
    remains: int | None = None,
    charge: str | None = None,
    currency: str | None = None,
) -> Observation:
    money = None if charge is None else Decimal(charge)
    return Observation(word, money, None, remains, currency, raw_word="" if word else "Odd")


def after(order: Standing, part: Part, answer: Observation, equal_for: timedelta = NEW) -> Part:
    return look(order, part, answer, equal_for=equal_for, age=OLD).part


@pytest.mark.parametrize(
    ("answer", "brought"),
    [
        (seen(Word.COMPLETED), 1_000),
        (seen(Word.COMPLETED, 157), 1_000),
        (seen(Word.EXPIRED), 1_000),
        (seen(Word.PARTIAL, 300), 700),
        (seen(Word.PARTIAL, -3), 1_000),
        (seen(Word.PARTIAL, 5_000), 0),
        (seen(Word.CANCELED, 1_000, "0.9"), 0),
        (seen(Word.CANCELED, 0, "0"), 0),
        (seen(Word.CANCELED, 400, "0.54"), 600),
    ],
)
def test_a_run_brings_what_its_last_word_says(answer: Observation, brought: int) -> None:
    found = after(DRIP, RUN, answer)
    assert found.ended
    assert amounts(DRIP, [found]) == brought


@pytest.mark.parametrize(
    ("answer", "brought"),
    [
        # by its charge, and never more than its word allows
        (seen(Word.COMPLETED, None, "0.072"), 80),
        (seen(Word.COMPLETED, None, "0.0721"), 81),
        (seen(Word.COMPLETED, None, "0.09"), 100),
        (seen(Word.COMPLETED, None, "0.5"), 100),
        (seen(Word.PARTIAL, 40, "0.072"), 60),
        (seen(Word.PARTIAL, 40, "0.027"), 30),
        (seen(Word.PARTIAL, None, "0.027"), 30),
        (seen(Word.PARTIAL, None, "9"), 100),
        (seen(Word.CANCELED, 40, "0.09"), 60),
        (seen(Word.CANCELED, 40, "0.018"), 20),
        # by its word, where the charge is silent
        (seen(Word.COMPLETED), 100),
        (seen(Word.COMPLETED, None, "0"), 100),
        (seen(Word.COMPLETED, None, "0.072", "EUR"), 100),
        (seen(Word.COMPLETED, None, "-1"), 100),
        (seen(Word.COMPLETED, None, "1e12"), 100),
        (seen(Word.PARTIAL, 40), 60),
        (seen(Word.CANCELED, None, "0"), 0),
        (seen(Word.CANCELED, 100, "0.09"), 0),
    ],
)
def test_a_child_brings_what_it_was_charged_for(answer: Observation, brought: int) -> None:
    found = after(POSTS, CHILD, answer)
    assert found.ended
    assert amounts(POSTS, [found]) == brought


@pytest.mark.parametrize(("order", "part"), [(DRIP, RUN), (POSTS, CHILD)])
@pytest.mark.parametrize(
    "answer",
    [seen(Word.CANCELED, 0, "0.09"), seen(Word.CANCELED, None, "0.09"), seen(Word.CANCELED, 0)],
)
def test_canceled_without_evidence_is_believed_when_seen_again(
    order: Standing, part: Part, answer: Observation
) -> None:
    first = after(order, part, answer)
    assert (first.ended, first.seen) == (False, answer)
    assert not after(order, first, answer, LONG - timedelta(microseconds=1)).ended
    again = after(order, first, answer, LONG)
    assert again.ended
    assert amounts(order, [again]) == 0
    # of another answer it does not matter how long the one before stood
    other = after(order, first, replace(answer, remains=-1), LONG)
    assert not other.ended


@pytest.mark.parametrize("word", [Word.PENDING, Word.IN_PROGRESS, Word.ACTIVE, Word.PAUSED, None])
def test_what_has_not_ended_brought_nothing(word: Word | None) -> None:
    found = after(DRIP, replace(RUN, ended=True), seen(word, 0, "0.9"), LONG)
    assert not found.ended
    assert amounts(DRIP, [found, RUN]) == 0


def test_a_look_tells_what_is_new_and_what_matters() -> None:
    running, done = seen(Word.IN_PROGRESS, 400, "0.9"), seen(Word.COMPLETED, 0, "0.9")
    one = look(DRIP, RUN, running, equal_for=NEW, age=OLD)
    assert one == Look(replace(RUN, seen=running), same=False, matters=False)
    two = look(DRIP, one.part, done, equal_for=NEW, age=OLD)
    assert two == Look(replace(RUN, seen=done, ended=True), same=False, matters=True)
    three = look(DRIP, two.part, done, equal_for=NEW, age=OLD)
    assert three == Look(two.part, same=True, matters=False)
    part = seen(Word.PARTIAL, 1, "0.8991")
    four = look(DRIP, three.part, part, equal_for=NEW, age=OLD)
    assert (four.part.ended, four.matters) == (True, True)
    back = look(DRIP, four.part, running, equal_for=NEW, age=OLD)
    assert (back.part.ended, back.matters) == (False, True)
    odd_word = look(DRIP, one.part, seen(None), equal_for=NEW, age=OLD)
    assert (odd_word.part.ended, odd_word.matters) == (False, True)


def test_a_provider_that_does_not_know_a_part_is_given_an_hour_and_asked_three_times() -> None:
    ended = after(DRIP, RUN, seen(Word.COMPLETED))
    unknown = Refused(Code.ORDER_NOT_FOUND, "Incorrect order ID")
    soon = look(DRIP, ended, unknown, equal_for=NEW, age=OLD - timedelta(seconds=1), times=3)
    assert soon == Look(ended, same=True, matters=False)
    twice = look(DRIP, ended, unknown, equal_for=NEW, age=OLD, times=2)
    assert twice == Look(ended, same=True, matters=False)
    late = look(DRIP, ended, unknown, equal_for=NEW, age=OLD, times=3)
    assert late == Look(replace(ended, refused="Incorrect order ID"), same=True, matters=True)
    (finding,) = odd(DRIP, [late.part])
    assert finding == Finding(Class.VANISHED, "part 1: status refused: Incorrect order ID")
    assert look(DRIP, late.part, unknown, equal_for=NEW, age=OLD, times=4).matters is False
    # a day later counting begins anew, and what was believed stays so
    assert look(DRIP, late.part, unknown, equal_for=NEW, age=OLD, times=1).part == late.part
    nameless = look(DRIP, RUN, Refused(None, ""), equal_for=NEW, age=OLD, times=3)
    assert nameless.part.refused
    found = look(DRIP, late.part, seen(Word.COMPLETED), equal_for=NEW, age=OLD)
    assert (found.part, found.matters) == (ended, True)


@pytest.mark.parametrize(
    ("part", "finding"),
    [
        (replace(RUN, seen=seen(None)), Finding(Class.FORMAT, "part 1: unknown status 'Odd'")),
        (
            replace(RUN, seen=seen(Word.PARTIAL)),
            Finding(Class.FORMAT, "part 1: partial, but remains is missing or not a number"),
        ),
        (
            replace(RUN, seen=seen(Word.CANCELED, 1_000, "0.9"), ended=True),
            Finding(
                Class.REFUND_OWED,
                "part 1: Canceled, and still charged",
                Decimal(0),
                Decimal("0.9"),
            ),
        ),
    ],
)
def test_what_is_odd_about_a_part_is_told(part: Part, finding: Finding) -> None:
    assert odd(DRIP, [part, replace(part, number=2)]) == (finding,)


@pytest.mark.parametrize(
    "part",
    [
        RUN,
        replace(RUN, seen=seen(Word.IN_PROGRESS, 0)),
        replace(RUN, seen=seen(Word.COMPLETED, 0, "0.9"), ended=True),
        replace(RUN, seen=seen(Word.CANCELED, 400, "0.54"), ended=True),
        replace(RUN, seen=seen(Word.CANCELED, 0, "0.9")),
        replace(RUN, seen=seen(Word.CANCELED, 0, "0"), ended=True),
    ],
)
def test_an_ordinary_part_is_not_odd(part: Part) -> None:
    assert odd(DRIP, [part]) == ()


def test_a_sum_of_charges_is_known_when_all_are() -> None:
    ended = [replace(RUN, seen=seen(Word.COMPLETED, 0, "0.9"), ended=True)] * 2
    assert charges(DRIP, ended) == (Decimal("1.8"), None)
    assert charges(DRIP, [*ended, RUN]) == (None, None)
    assert charges(DRIP, [*ended, replace(RUN, seen=seen(Word.COMPLETED))]) == (None, None)
    abroad = replace(RUN, seen=seen(Word.COMPLETED, 0, "0.9", "EUR"), ended=True)
    assert charges(DRIP, [abroad, *ended]) == (Decimal("2.7"), "EUR")
    assert charges(DRIP, []) == (Decimal(0), None)


def test_units_are_rounded_up_and_silent_where_nothing_can_be_told() -> None:
    assert units(POSTS, seen(Word.COMPLETED, None, "0.0009000000001")) == 2
    assert units(POSTS, seen(Word.COMPLETED, None, "0.0000000000001")) == 1
    assert units(POSTS, seen(Word.COMPLETED, None, "0.45", "USD")) == 500
    assert units(POSTS, seen(Word.COMPLETED, None, "0.45", "EUR")) is None
    assert units(replace(POSTS, cost=Decimal(0)), seen(Word.COMPLETED, None, "0.45")) is None
    assert sound_charge(seen(None, None, "-0.01")) is None
    assert sound_charge(seen(None, None, "1e12")) is None
    assert sound_charge(seen(None, None, "0.0000000000001")) == Decimal("1e-12")


ANSWERS = some.one_of(
    some.builds(
        Observation,
        word=some.one_of(some.none(), some.sampled_from(Word)),
        charge=some.one_of(
            some.none(), some.decimals(-1, 2, places=13), some.just(Decimal("9" * 30))
        ),
        remains=some.one_of(some.none(), some.integers(-5, 1_100), some.just(10**17)),
        currency=some.sampled_from([None, "USD", "EUR"]),
    ),
    some.builds(Refused, some.sampled_from([None, Code.ORDER_NOT_FOUND]), some.just("no")),
)


@given(
    order=some.sampled_from(
        [DRIP, POSTS, replace(POSTS, posts=None), replace(POSTS, cost=Decimal(0))]
    ),
    quantity=some.sampled_from([None, 1, 1_000]),
    answers=some.lists(some.tuples(ANSWERS, some.sampled_from([NEW, LONG])), max_size=6),
)
def test_looking_is_total(
    order: Standing,
    quantity: int | None,
    answers: list[tuple[Observation | Refused, timedelta]],
) -> None:
    part = Part(1, quantity)
    for answer, equal_for in answers:
        found = look(order, part, answer, equal_for=equal_for, age=OLD)
        part = found.part
        assert 0 <= amounts(order, [part]) <= (quantity or order.quantity)
        total, _ = charges(order, [part])
        assert total is None or total >= 0
        odd(order, [part])
        again = look(order, part, answer, equal_for=equal_for, age=OLD)
        assert again.same
        if equal_for == NEW:
            assert again == Look(part, same=True, matters=False)
