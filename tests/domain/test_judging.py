"""Whose an unknown id is: decided only where there is one reading (money.md 4, R1 to R3)."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.evidence import (
    Calibration,
    Controls,
    Orphan,
    Scales,
    Scene,
    Suspect,
    Window,
)
from gateway.domain.judging import Judgement, Rule, judge
from gateway.domain.observations import Word
from gateway.domain.orders import State

COST = Decimal("0.9")
OTHER = Decimal("1.8")
RISING = Calibration(500, 0)
HELD = Controls(scoped=True, charges=True)
EXACT = Scales(Decimal(0), since_all_ripe=True, note="unexplained 0")


def suspect(order: int = 1, low: int | None = 10, high: int | None = 20) -> Suspect:
    return Suspect(
        order=order,
        number=1,
        run=1,
        state=State.UNCONFIRMED,
        cost=COST,
        quantity=1_000,
        exact=True,
        window=Window(low, high),
        ripe=True,
        covered=high is not None,
    )


def orphan(number: int, charge: Decimal | None = COST, word: Word | None = Word.PENDING) -> Orphan:
    return Orphan(number, charge, word)


def scene(
    *suspects: Suspect, orphans: Iterable[Orphan] = (), scales: Scales | None = None
) -> Scene:
    return Scene(suspects, tuple(orphans), RISING, HELD, scales or Scales())


def rules(of: Scene) -> list[tuple[int, Rule, int | None]]:
    return [(each.order, said.rule, said.number) for each, said in judge(of).items()]


def only(of: Scene) -> Judgement:
    (judgement,) = judge(of).values()
    return judgement


def test_the_only_unknown_order_of_that_cost_is_its_own() -> None:
    found = only(scene(suspect(), orphans=[orphan(15), orphan(16, OTHER)]))
    assert (found.rule, found.number) == (Rule.ACCEPTED, 15)
    # the charge is rounded there
    found = only(scene(suspect(), orphans=[orphan(15, Decimal("0.8999"))]))
    assert found.number == 15


def test_a_positive_proof_does_not_wait_for_the_window_to_close() -> None:
    early = replace(suspect(high=None), ripe=False)
    assert only(scene(early, orphans=[orphan(15)])).rule is Rule.ACCEPTED


def test_without_any_such_order_it_was_not_accepted() -> None:
    assert only(scene(suspect())).rule is Rule.NOT_ACCEPTED
    outside = [orphan(10), orphan(20), orphan(9), orphan(15, OTHER)]
    assert only(scene(suspect(), orphans=outside)).rule is Rule.NOT_ACCEPTED


@pytest.mark.parametrize(
    "lacking",
    [
        {"ripe": False},
        {"covered": False},
        {"window": Window(10, None)},
        {"window": Window(None, 20)},
    ],
)
def test_a_negative_proof_needs_all_of_it(lacking: dict[str, object]) -> None:
    assert only(scene(replace(suspect(), **lacking))).rule is Rule.WAIT  # pyright: ignore[reportArgumentType]  any field


def test_two_alike_and_one_unknown_order_are_for_a_person() -> None:
    found = judge(scene(suspect(1), suspect(2), orphans=[orphan(15)]))
    assert {each.rule for each in found.values()} == {Rule.OPEN}
    assert not any(each.surely_taken for each in found.values())
    assert all("15" in each.because for each in found.values())


def test_two_alike_and_two_unknown_orders_were_both_accepted() -> None:
    found = judge(scene(suspect(1), suspect(2), orphans=[orphan(15), orphan(16)]))
    assert {each.rule for each in found.values()} == {Rule.OPEN}
    assert all(each.surely_taken for each in found.values())


def test_windows_that_overlap_in_part_may_leave_one_reading() -> None:
    first, second = suspect(1, 10, 20), suspect(2, 15, 30)
    found = rules(scene(first, second, orphans=[orphan(12), orphan(18)]))
    assert found == [(1, Rule.ACCEPTED, 12), (2, Rule.ACCEPTED, 18)]
    # one that only the second can have leaves the other for the first
    found = rules(scene(first, second, orphans=[orphan(17), orphan(25)]))
    assert found == [(1, Rule.ACCEPTED, 17), (2, Rule.ACCEPTED, 25)]
    found = rules(scene(first, second, orphans=[orphan(17)]))
    assert {rule for _, rule, _ in found} == {Rule.OPEN}


def test_one_that_is_being_sent_makes_its_likes_wait() -> None:
    sent = replace(suspect(2, 10, None), state=State.SENDING, ripe=False, covered=False)
    assert rules(scene(suspect(1), sent, orphans=[orphan(15)])) == [(1, Rule.WAIT, None)]
    dear = replace(sent, cost=OTHER)
    assert rules(scene(suspect(1), dear, orphans=[orphan(15)])) == [(1, Rule.ACCEPTED, 15)]


@pytest.mark.parametrize("state", [State.REVIEW, State.FAILED, State.ACTIVE])
def test_whoever_is_in_doubt_is_a_rival_in_whatever_state(state: State) -> None:
    other = replace(suspect(2), state=state)
    assert {rule for _, rule, _ in rules(scene(suspect(1), other, orphans=[orphan(15)]))} == {
        Rule.OPEN
    }


@pytest.mark.parametrize(
    "vague",
    [
        orphan(15, None),
        orphan(15, Decimal("0.4"), Word.PARTIAL),
        orphan(15, Decimal(0), Word.CANCELED),
    ],
)
def test_an_order_of_which_the_charge_is_not_told_may_be_its_own(vague: Orphan) -> None:
    assert only(scene(suspect(), orphans=[vague])).rule is Rule.OPEN
    young = replace(suspect(high=None), ripe=False)
    assert only(scene(young, orphans=[vague])).rule is Rule.WAIT


def test_a_charge_above_its_cost_is_not_its_own_even_when_canceled() -> None:
    dear = orphan(15, OTHER, Word.CANCELED)
    assert only(scene(suspect(), orphans=[dear])).rule is Rule.NOT_ACCEPTED


def test_an_order_whose_charge_says_little_is_not_taken_for_another() -> None:
    drips = replace(suspect(), exact=False)
    assert only(scene(drips, orphans=[orphan(15)])).rule is Rule.OPEN
    assert only(scene(drips)).rule is Rule.NOT_ACCEPTED


def test_charges_that_cannot_be_believed_decide_nothing_but_their_absence_does() -> None:
    vague = replace(
        scene(suspect(), orphans=[orphan(15, OTHER)]), controls=Controls(scoped=True, charges=False)
    )
    assert only(vague).rule is Rule.OPEN
    assert only(replace(vague, orphans=())).rule is Rule.NOT_ACCEPTED


def test_a_balance_that_lacks_its_cost_contradicts_that_it_was_not_accepted() -> None:
    lacks = Scales(COST, since_all_ripe=True)
    found = only(scene(suspect(), scales=lacks))
    assert found.rule is Rule.OPEN
    assert "0.9" in found.because
    # what other unknown orders were charged does not count twice
    dear = [orphan(15, OTHER)]
    both = Scales(OTHER, since_all_ripe=True)
    assert only(scene(suspect(), orphans=dear, scales=both)).rule is Rule.NOT_ACCEPTED
    # and a lack of something else has another reason
    odd = Scales(Decimal("0.1"), since_all_ripe=True)
    assert only(scene(suspect(), scales=odd)).rule is Rule.NOT_ACCEPTED
    # read too early it says nothing
    early = Scales(COST, since_all_ripe=False)
    assert only(scene(suspect(), scales=early)).rule is Rule.NOT_ACCEPTED


def test_a_lack_that_two_explain_together_is_told_of_both() -> None:
    dear = replace(suspect(2, 30, 40), cost=OTHER)
    lacks = Scales(COST + OTHER, since_all_ripe=True)
    assert {rule for _, rule, _ in rules(scene(suspect(1), dear, scales=lacks))} == {Rule.OPEN}


def test_without_a_later_order_an_exact_balance_closes_the_window() -> None:
    late = suspect(high=None)
    assert only(scene(late)).rule is Rule.WAIT
    assert only(scene(late, scales=EXACT)).rule is Rule.NOT_ACCEPTED
    assert only(scene(replace(late, ripe=False), scales=EXACT)).rule is Rule.WAIT


class TestWhereIdsSayNothing:
    """Random ids, or too few orders yet to know."""

    def nothing(self, *suspects: Suspect, scales: Scales | None = None) -> Scene:
        plain = scene(*suspects, orphans=[orphan(15)], scales=scales)
        return replace(plain, calibration=Calibration(500, 3))

    def test_an_id_is_never_taken(self) -> None:
        found = only(self.nothing(suspect()))
        assert (found.rule, found.number) == (Rule.WAIT, None)
        assert "3 inversions" in found.because

    def test_only_an_exact_balance_proves_that_nothing_was_charged(self) -> None:
        assert only(self.nothing(suspect(), scales=EXACT)).rule is Rule.NOT_ACCEPTED
        young = replace(suspect(), ripe=False)
        assert only(self.nothing(young, scales=EXACT)).rule is Rule.WAIT
        off = Scales(Decimal("0.3"), since_all_ripe=True)
        assert only(self.nothing(suspect(), scales=off)).rule is Rule.WAIT
        early = replace(EXACT, since_all_ripe=False)
        assert only(self.nothing(suspect(), scales=early)).rule is Rule.WAIT

    def test_after_few_orders_no_balance_is_believed(self) -> None:
        few = replace(self.nothing(suspect(), scales=EXACT), calibration=Calibration(199, 0))
        assert only(few).rule is Rule.WAIT

    def test_a_lack_of_just_its_cost_shows_that_it_was_accepted(self) -> None:
        lacks = Scales(COST, since_all_ripe=True)
        found = only(self.nothing(suspect(), scales=lacks))
        assert found.rule is Rule.WAIT
        assert found.surely_taken
        both = judge(self.nothing(suspect(1), suspect(2), scales=lacks))
        assert not any(each.surely_taken for each in both.values())

    def test_a_panel_whose_status_is_not_ours_alone_proves_nothing(self) -> None:
        unscoped = replace(
            scene(suspect()), controls=Controls(scoped=False, charges=False, why="not scoped")
        )
        assert only(unscoped).because == "not scoped"


@st.composite
def truths(draw: st.DrawFn) -> tuple[Scene, dict[int, int]]:
    """Orders in doubt, of which some were accepted within their windows, and all that is told."""
    suspects: list[Suspect] = []
    orphans: list[Orphan] = []
    truth: dict[int, int] = {}
    free = list(range(11, 40))
    for order in range(1, draw(st.integers(1, 6)) + 1):
        low = draw(st.integers(9, 30))
        high = low + draw(st.integers(2, 20))
        cost = draw(st.sampled_from([COST, COST, OTHER]))
        one = replace(suspect(order, low, high), cost=cost)
        inside = [number for number in free if one.window.holds(number)]
        if inside and draw(st.booleans()):
            number = draw(st.sampled_from(inside))
            free.remove(number)
            truth[order] = number
            orphans.append(orphan(number, cost))
        suspects.append(one)
    return scene(*suspects, orphans=sorted(orphans, key=lambda each: each.number)), truth


@given(truths())
def test_what_is_decided_is_never_wrong(found: tuple[Scene, dict[int, int]]) -> None:
    told, truth = found
    for each, judgement in judge(told).items():
        if judgement.rule is Rule.ACCEPTED:
            assert truth.get(each.order) == judgement.number
        elif judgement.rule is Rule.NOT_ACCEPTED:
            assert each.order not in truth
        elif judgement.surely_taken:
            assert each.order in truth


@given(truths())
def test_whoever_has_the_same_id_in_every_reading_is_decided(
    found: tuple[Scene, dict[int, int]],
) -> None:
    """Beside every way to give the unknown orders to the suspects of a cost, tried one by one."""
    told, _ = found
    judged = judge(told)
    for cost in {each.cost for each in told.suspects}:
        alike = [each for each in told.suspects if each.cost == cost]
        theirs = [each for each in told.orphans if each.charge == cost]
        readings = [
            dict(zip(chosen, theirs, strict=True))
            for chosen in permutations(alike, len(theirs))
            if all(who.window.holds(what.number) for who, what in zip(chosen, theirs, strict=True))
        ]
        for each in alike:
            numbers = {reading[each].number if each in reading else None for reading in readings}
            if len(numbers) > 1:
                assert judged[each].rule is Rule.OPEN
            elif numbers == {None}:
                assert judged[each].rule is Rule.NOT_ACCEPTED
            else:
                assert judged[each].number in numbers


def test_what_is_certain_does_not_wait_for_windows_to_close() -> None:
    first = replace(suspect(1, 10, None), ripe=False)
    second = replace(suspect(2, 15, None), ripe=False)
    found = rules(scene(first, second, orphans=[orphan(12), orphan(18)]))
    assert found == [(1, Rule.ACCEPTED, 12), (2, Rule.ACCEPTED, 18)]


def test_more_unknown_orders_than_suspects_are_for_a_person() -> None:
    found = only(scene(suspect(), orphans=[orphan(15), orphan(16)]))
    assert found.rule is Rule.OPEN


def test_a_crowd_is_judged_in_time() -> None:
    crowd = [suspect(each, each, each + 30) for each in range(1, 40)]
    many = [orphan(each + 10) for each in range(1, 35)]
    found = judge(scene(*crowd, orphans=many))
    assert len(found) == len(crowd)


def test_one_that_ended_partly_is_known_by_what_was_delivered() -> None:
    half = Orphan(15, Decimal("0.45"), Word.PARTIAL, 500)
    assert only(scene(suspect(), orphans=[half])).number == 15
    other = Orphan(15, Decimal("0.45"), Word.PARTIAL, 400)
    assert only(scene(suspect(), orphans=[other])).rule is Rule.NOT_ACCEPTED
    for remains in (0, 1_000, 2_000, -1):
        vague = Orphan(15, Decimal("0.45"), Word.CANCELED, remains)
        assert only(scene(suspect(), orphans=[vague])).rule is Rule.OPEN


def test_costs_that_differ_by_less_than_the_rounding_are_told_apart_where_nothing_is_rounded() -> (
    None
):
    long = replace(suspect(2), cost=Decimal("0.90005"))
    both = [orphan(15, Decimal("0.90005")), orphan(16, COST)]
    rounds = scene(suspect(1), long, orphans=both)
    assert {rule for _, rule, _ in rules(rounds)} == {Rule.OPEN}
    exact = replace(rounds, controls=replace(HELD, decimals=5))
    assert rules(exact) == [(1, Rule.ACCEPTED, 16), (2, Rule.ACCEPTED, 15)]
    # more decimals than were ever seen may be rounded
    fewer = replace(rounds, controls=replace(HELD, decimals=4))
    assert rules(fewer) == [(1, Rule.ACCEPTED, 16), (2, Rule.ACCEPTED, 15)]
    neither = replace(rounds, controls=replace(HELD, decimals=0))
    assert {rule for _, rule, _ in rules(neither)} == {Rule.OPEN}
