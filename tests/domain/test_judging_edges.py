"""What is said of each judgement, and how large a knot of suspects is still untied."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.domain.evidence import (
    Calibration,
    Controls,
    Orphan,
    Scales,
    Scene,
    Suspect,
    Window,
)
from gateway.domain.judging import Judgement, Rule, judge, lost, proves_lateness
from gateway.domain.observations import Word
from gateway.domain.orders import State

COST = Decimal("0.9")
RISING = Calibration(500, 0)
HELD = Controls(scoped=True, charges=True)


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


def orphan(number: int) -> Orphan:
    return Orphan(number, COST, Word.PENDING)


def scene(
    suspects: Sequence[Suspect], orphans: Sequence[Orphan] = (), scales: Scales | None = None
) -> Scene:
    return Scene(tuple(suspects), tuple(orphans), RISING, HELD, scales or Scales())


def said(of: Scene) -> set[Judgement]:
    return set(judge(of).values())


def chain(count: int) -> tuple[list[Suspect], list[Orphan]]:
    """Each id but the first may be of two suspects, and yet there is one reading only."""
    suspects = [suspect(each, 10 * each, 10 * each + 15) for each in range(count)]
    return suspects, [orphan(10 * each + 2) for each in range(count)]


def test_an_id_that_is_nobody_elses_is_surely_its_own() -> None:
    taken = Judgement(Rule.ACCEPTED, "15 can be no other order's", 15, surely_taken=True)
    assert said(scene([suspect()], [orphan(15)])) == {taken}


def test_of_what_was_not_found_it_is_said_where_it_was_sought() -> None:
    no = Judgement(Rule.NOT_ACCEPTED, "no unknown order of that cost between 10 and 20")
    assert said(scene([suspect()])) == {no}


@pytest.mark.parametrize(
    ("early", "because"),
    [
        (replace(suspect(), ripe=False), "it may still be executed"),
        (suspect(high=None), "no later order tells yet where its id would end"),
        (
            replace(suspect(), covered=False),
            "not every id between its neighbours was asked for yet",
        ),
    ],
)
def test_of_what_may_still_turn_up_it_is_said_why(early: Suspect, because: str) -> None:
    assert said(scene([early])) == {Judgement(Rule.WAIT, because)}


def test_while_another_of_that_cost_is_being_sent_nothing_is_decided() -> None:
    sending = replace(suspect(2), state=State.SENDING)
    wait = Judgement(Rule.WAIT, "another order of that cost is being sent")
    found = judge(scene([suspect(), sending], [orphan(15)]))
    assert {each.order: judgement for each, judgement in found.items()} == {1: wait}


def test_a_knot_of_forty_is_untied_and_a_larger_one_is_not() -> None:
    suspects, orphans = chain(40)
    assert {each.rule for each in judge(scene(suspects, orphans)).values()} == {Rule.ACCEPTED}
    suspects, orphans = chain(41)
    ids = ", ".join(str(each.number) for each in orphans[:10])
    panel = "compare the links in the provider's panel"
    every = Judgement(Rule.OPEN, f"accepted, as one of {ids}: {panel}", surely_taken=True)
    assert said(scene(suspects, orphans)) == {every}
    named = ", ".join(str(each) for each in range(10))
    ids = ", ".join(str(each.number) for each in orphans[1:11])
    some = f"40 of 41 orders ({named}) were accepted, as {ids}: {panel}"
    assert said(scene(suspects, orphans[1:])) == {Judgement(Rule.OPEN, some)}
    # too many of one kind are too many
    suspects, orphans = chain(40)
    twin = replace(suspects[-1], order=99)
    assert {each.rule for each in judge(scene([*suspects, twin], orphans)).values()} == {Rule.OPEN}


def test_what_may_be_one_of_two_waits_for_the_rest_to_be_asked_for() -> None:
    pair = [suspect(1), replace(suspect(2), covered=False)]
    wait = Judgement(Rule.WAIT, "15 may be its own; more may still turn up")
    assert said(scene(pair, [orphan(15)])) == {wait}


def test_who_has_no_id_for_sure_was_not_accepted_even_beside_others_who_have() -> None:
    first, second, third = suspect(1, 10, 20), suspect(2, 15, 30), suspect(3, 15, 30)
    found = judge(scene([first, second, third], [orphan(12), orphan(25), orphan(26)]))
    assert found[first].number == 12
    assert {found[second].rule, found[third].rule} == {Rule.OPEN}
    # the only id lies where but one of both can have it
    found = judge(scene([suspect(1, 10, 20), suspect(2, 18, 30)], [orphan(12), orphan(19)]))
    assert [each.number for each in found.values()] == [12, 19]


def test_without_ids_one_order_alone_is_told_by_what_the_balance_lacks() -> None:
    blind = Scene(
        (suspect(),),
        calibration=Calibration(500, 3),
        scales=Scales(COST, since_all_ripe=True),
    )
    lacks = "the balance lacks just its cost, 0.9: find its id in their panel"
    assert said(blind) == {Judgement(Rule.WAIT, lacks, surely_taken=True)}
    unknown = "ids are not known to rise (500 samples, 3 inversions)"
    assert said(replace(blind, scales=Scales())) == {Judgement(Rule.WAIT, unknown)}
    nothing = Judgement(Rule.NOT_ACCEPTED, "nothing is missing in the balance")
    even = replace(blind, scales=Scales(Decimal(0), since_all_ripe=True))
    assert said(even) == {nothing}


def test_a_balance_that_lacks_its_cost_speaks_against_a_look_that_found_nothing() -> None:
    lacks = "no id was found, but the balance lacks 0.9: ask the provider"
    against = scene([suspect()], scales=Scales(COST, since_all_ripe=True))
    assert said(against) == {Judgement(Rule.OPEN, lacks)}
    above = scene([suspect(high=None)], scales=Scales(Decimal(0), since_all_ripe=True))
    nothing = "nothing is missing in the balance, and no id found"
    assert said(above) == {Judgement(Rule.NOT_ACCEPTED, nothing)}


def test_what_the_unknown_orders_cost_is_not_missing_any_more() -> None:
    """Of two in doubt one has an id of its own; the balance lacks what that one cost."""
    first, second = suspect(1), suspect(2, 30, 40)
    orphans = [orphan(15)]
    explained = judge(scene([first, second], orphans, Scales(COST, since_all_ripe=True)))
    assert explained[second].rule is Rule.NOT_ACCEPTED
    twice = judge(scene([first, second], orphans, Scales(2 * COST, since_all_ripe=True)))
    assert twice[second].rule is Rule.OPEN
    # what no order in doubt explains says nothing against what the ids prove
    thrice = judge(scene([first, second], orphans, Scales(3 * COST, since_all_ripe=True)))
    assert thrice[second].rule is Rule.NOT_ACCEPTED


def test_without_ids_an_even_balance_says_nothing_of_what_may_still_be_executed() -> None:
    early = replace(suspect(2), ripe=False)
    even = Scene(
        (suspect(1), early),
        calibration=Calibration(500, 3),
        scales=Scales(Decimal(0), since_all_ripe=True),
    )
    found = {each.order: judgement.rule for each, judgement in judge(even).items()}
    assert found == {1: Rule.NOT_ACCEPTED, 2: Rule.WAIT}


@pytest.mark.parametrize(
    ("missing", "samples", "rule"),
    [
        ("0.0001", 200, Rule.NOT_ACCEPTED),
        ("0.000101", 200, Rule.WAIT),
        ("0", 199, Rule.WAIT),
    ],
)
def test_a_balance_is_even_to_its_rounding_after_two_hundred_orders(
    missing: str, samples: int, rule: Rule
) -> None:
    scales = Scales(Decimal(missing), since_all_ripe=True)
    blind = Scene((suspect(),), calibration=Calibration(samples, 3), scales=scales)
    assert {each.rule for each in said(blind)} == {rule}


def test_what_was_lost_is_of_the_first_that_it_may_be() -> None:
    later, earlier = suspect(2, 30, None), suspect(1, 10, None)
    both = [later, earlier]
    assert lost(scene([]), both, [orphan(40)]) == {later: orphan(40)}
    assert lost(scene([]), both, [orphan(30)]) == {earlier: orphan(30)}
    assert lost(scene([]), both, [orphan(20), orphan(40), orphan(50)]) == {
        earlier: orphan(20),
        later: orphan(40),
    }
    other = replace(orphan(40), charge=Decimal("0.91"))
    assert lost(scene([]), both, [other]) == {}


def test_what_may_be_of_one_in_doubt_was_not_lost() -> None:
    gone, doubtful = suspect(1, 10, None), suspect(2, 30, 45)
    found = lost(scene([doubtful]), [gone], [orphan(40), orphan(50)])
    assert found == {gone: orphan(50)}


def test_what_may_be_of_one_that_was_refunded_unproven_was_not_executed_late() -> None:
    gone, refunded = suspect(1, 10, None), replace(suspect(2, 30, 45), state=State.FAILED)
    assert lost(scene([refunded]), [gone], [orphan(40)]) == {refunded: orphan(40)}
    assert lost(scene([refunded]), [gone], [orphan(50)]) == {gone: orphan(50)}
    found = lost(scene([refunded]), [gone], [orphan(40), orphan(41)])
    assert found == {refunded: orphan(40), gone: orphan(41)}


def test_refunded_ones_share_the_ids_before_any_was_executed_late() -> None:
    gone = suspect(1, 10, None)
    wide, narrow = (replace(suspect(n, 30, n * 10), state=State.FAILED) for n in (6, 5))
    found = lost(scene([wide, narrow]), [gone], [orphan(40), orphan(55)])
    assert found == {narrow: orphan(40), wide: orphan(55)}


def test_only_what_can_be_of_none_that_was_refunded_came_too_late_for_sure() -> None:
    refunded, doubtful = replace(suspect(2, 30, 45), state=State.FAILED), suspect(3, 60, 70)
    given = replace(suspect(4, 80, 90), state=State.FAILED)
    told = scene([refunded, doubtful])
    proven = {number: proves_lateness(told, [given], orphan(number)) for number in (40, 65, 85, 95)}
    assert proven == {40: False, 65: True, 85: False, 95: True}


def test_what_may_be_of_one_whose_charge_tells_nothing_is_left() -> None:
    gone = suspect(1, 10, None)
    silent = replace(suspect(2, 30, 45), state=State.FAILED, exact=False)
    assert lost(scene([silent]), [gone], [orphan(40)]) == {}


def test_an_id_that_came_late_may_be_of_one_that_was_disproved() -> None:
    gone = suspect(7, 5, None)
    late = replace(scene([suspect()], [orphan(15)]), gone=(gone,))
    why = "15 may be its own, or of 7, executed late: compare the links"
    assert said(late) == {Judgement(Rule.OPEN, why)}
    both = replace(scene([suspect()], [orphan(15), orphan(16)]), gone=(gone,))
    why = "15, 16 may be its own, or of 7, executed late: compare the links"
    assert said(both) == {Judgement(Rule.OPEN, why)}
    for other in (replace(gone, cost=Decimal("0.91")), replace(gone, window=Window(15, None))):
        known = replace(late, gone=(other,))
        assert said(known) == said(scene([suspect()], [orphan(15)]))
    apart = suspect(2, 30, 40)
    found = judge(replace(scene([suspect(), apart], [orphan(4)]), gone=(gone,)))
    assert {each.rule for each in found.values()} == {Rule.NOT_ACCEPTED}


def test_more_ids_than_orders_are_for_a_person() -> None:
    why = "15, 16 are more than the orders that they may be: compare the links"
    assert said(scene([suspect()], [orphan(15), orphan(16)])) == {Judgement(Rule.OPEN, why)}


@pytest.mark.parametrize(("soon", "rule"), [(16, Rule.ACCEPTED), (15, Rule.OPEN)])
def test_an_id_that_came_at_once_is_of_what_was_sent_just_then(soon: int, rule: Rule) -> None:
    prompt = replace(suspect(), soon=soon)
    found = judge(replace(scene([prompt], [orphan(15)]), gone=(suspect(7, 5, None),)))
    assert found[prompt].rule is rule


@pytest.mark.parametrize(
    "vague", [Controls(scoped=False, charges=True), Controls(scoped=True, charges=False)]
)
def test_without_exact_charges_of_our_own_orders_nothing_was_lost(
    vague: Controls,
) -> None:
    unclear = replace(scene([]), controls=vague)
    assert lost(unclear, [suspect(1, 10, None)], [orphan(40)]) == {}
