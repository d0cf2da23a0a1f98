from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.domain.observations import Word
from gateway.domain.orders import (
    EDGES,
    END_OF,
    ENDED,
    HELD,
    POLLED,
    PROGRESS_OF,
    Progress,
    Standing,
    State,
    as_customers_see,
)
from gateway.domain.services import ServiceType

ORDER = Standing(
    id=23501,
    state=State.ACTIVE,
    progress=Progress.IN_PROGRESS,
    closed_from=None,
    charge=Decimal("1.26"),
    currency="USD",
    quantity=1000,
    charged_quantity=1000,
    start_count=3572,
    remains=157,
)

EVERY_MOVE = """
queued sending, queued active, queued failed,
sending active, sending queued, sending failed, sending unconfirmed,
unconfirmed active, unconfirmed queued, unconfirmed failed, unconfirmed review,
review active, review failed,
active completed, active partial, active canceled,
completed active, completed partial, completed canceled, completed closed,
partial active, partial completed, partial canceled, partial closed,
canceled active, canceled completed, canceled partial, canceled closed
"""


def test_the_moves_are_those_of_the_design_and_no_others() -> None:
    moves = {tuple(move.split()) for move in EVERY_MOVE.split(",")}
    assert {(str(before), str(after)) for before, after in EDGES} == moves


def test_every_state_is_held_ended_or_one_of_three() -> None:
    assert {State.QUEUED, State.SENDING, State.UNCONFIRMED, State.REVIEW} == HELD
    assert {State.COMPLETED, State.PARTIAL, State.CANCELED} == ENDED
    assert {State.ACTIVE, State.COMPLETED, State.PARTIAL, State.CANCELED} == POLLED


@pytest.mark.parametrize("state", sorted(HELD))
def test_a_held_order_is_pending_in_full_and_shows_no_doubt(state: State) -> None:
    seen = as_customers_see(replace(ORDER, state=state, progress=None, start_count=None))
    assert (seen.word, seen.charge, seen.remains) == (Word.PENDING, Decimal("1.26"), 1000)
    assert (seen.start_count, seen.currency, seen.raw_word) == (None, "USD", "")


@pytest.mark.parametrize(
    ("progress", "word"),
    [
        (None, Word.PENDING),
        (Progress.PENDING, Word.PENDING),
        (Progress.PROCESSING, Word.PROCESSING),
        (Progress.IN_PROGRESS, Word.IN_PROGRESS),
    ],
)
def test_an_active_order_shows_its_progress(progress: Progress | None, word: Word) -> None:
    seen = as_customers_see(replace(ORDER, progress=progress))
    assert (seen.word, seen.charge, seen.remains) == (word, Decimal("1.26"), 157)
    assert (seen.start_count, seen.currency) == (3572, "USD")


@pytest.mark.parametrize(
    ("theirs", "ours"), [(None, 1000), (-3, 0), (0, 0), (1000, 1000), (1001, 1000)]
)
def test_what_remains_of_an_active_order_is_the_providers_word_within_bounds(
    theirs: int | None, ours: int
) -> None:
    assert as_customers_see(replace(ORDER, remains=theirs)).remains == ours


@pytest.mark.parametrize(
    ("state", "charged", "theirs", "word", "charge", "remains"),
    [
        (State.COMPLETED, 1000, 157, Word.COMPLETED, "1.26", 0),
        (State.COMPLETED, 843, 157, Word.COMPLETED, "1.06218", 0),
        (State.PARTIAL, 843, 157, Word.PARTIAL, "1.06218", 157),
        (State.PARTIAL, 843, None, Word.PARTIAL, "1.06218", 157),
        (State.PARTIAL, 0, 2000, Word.PARTIAL, "0", 1000),
        (State.PARTIAL, 1000, -5, Word.PARTIAL, "1.26", 0),
        (State.CANCELED, 0, None, Word.CANCELED, "0", 1000),
        (State.CANCELED, 0, 0, Word.CANCELED, "0", 0),
        (State.FAILED, 1000, 5, Word.CANCELED, "0", 1000),
    ],
)
def test_an_ended_order_costs_what_was_delivered(
    state: State, charged: int, theirs: int | None, word: Word, charge: str, remains: int
) -> None:
    order = replace(ORDER, state=state, progress=None, charged_quantity=charged, remains=theirs)
    seen = as_customers_see(order)
    assert (seen.word, seen.charge, seen.remains) == (word, Decimal(charge), remains)


@pytest.mark.parametrize("state", sorted(ENDED))
def test_a_closed_order_keeps_its_word_and_its_charge(state: State) -> None:
    order = replace(ORDER, state=state, progress=None, charged_quantity=500, remains=500)
    closed = replace(order, state=State.CLOSED, closed_from=state)
    assert as_customers_see(closed) == as_customers_see(order)
    assert closed.net == Decimal("0.63")


def test_every_word_goes_on_or_ends() -> None:
    assert set(PROGRESS_OF) | set(END_OF) == set(Word)
    assert not set(PROGRESS_OF) & set(END_OF)
    assert {PROGRESS_OF[Word.ACTIVE], PROGRESS_OF[Word.PAUSED]} == {Progress.IN_PROGRESS}
    assert END_OF[Word.EXPIRED] is State.COMPLETED


@pytest.mark.parametrize(
    ("kind", "flat", "subscribes"),
    [
        (ServiceType.DEFAULT, False, False),
        (ServiceType.PACKAGE, True, False),
        (ServiceType.CUSTOM_COMMENTS_PACKAGE, True, False),
        (ServiceType.SUBSCRIPTIONS, False, True),
    ],
)
def test_a_type_says_how_its_end_is_told(
    *, kind: ServiceType, flat: bool, subscribes: bool
) -> None:
    order = replace(ORDER, kind=kind)
    assert (order.flat, order.subscribes) == (flat, subscribes)


DRIP = replace(ORDER, runs=5)


@pytest.mark.parametrize(
    ("order", "started"),
    [
        (replace(DRIP, state=State.QUEUED, progress=None), 0),
        (replace(DRIP, state=State.FAILED, progress=None), 0),
        (replace(DRIP, parts=2), 2),
        (replace(DRIP, parts=2, state=State.PARTIAL, progress=None), 2),
        (replace(DRIP, self_run=True), 0),
        # its provider does not tell
        (DRIP, None),
        (ORDER, None),
        (replace(ORDER, parts=2), None),
    ],
)
def test_a_drip_feed_shows_the_runs_that_have_started(order: Standing, started: int | None) -> None:
    seen = as_customers_see(order)
    assert seen.runs == started
    assert seen == replace(as_customers_see(replace(order, runs=None)), runs=started)


# 5 posts of at most 200 each
POSTS = replace(ORDER, kind=ServiceType.SUBSCRIPTIONS, posts=5, parts=2, delivered=250, remains=750)


@pytest.mark.parametrize(
    ("changes", "word", "charge", "to_come"),
    [
        ({"state": State.QUEUED, "parts": 0, "delivered": None}, Word.PENDING, "0", 5),
        ({"state": State.UNCONFIRMED, "parts": 0, "delivered": None}, Word.PENDING, "0", 5),
        ({"parts": 0, "delivered": None}, Word.ACTIVE, "0", 5),
        ({}, Word.ACTIVE, "0.315", 3),
        ({"seen_word": Word.PENDING}, Word.ACTIVE, "0.315", 3),
        ({"seen_word": Word.PAUSED}, Word.PAUSED, "0.315", 3),
        # its last children are still running
        ({"seen_word": Word.COMPLETED, "parts": 5}, Word.ACTIVE, "0.315", 0),
        ({"parts": 9, "delivered": 5_000}, Word.ACTIVE, "1.26", 0),
        ({"state": State.FAILED}, Word.CANCELED, "0", 3),
        (
            {"state": State.COMPLETED, "seen_word": Word.COMPLETED, "charged_quantity": 250},
            *(Word.COMPLETED, "0.315", 0),
        ),
        (
            {"state": State.COMPLETED, "seen_word": Word.EXPIRED, "charged_quantity": 250},
            *(Word.EXPIRED, "0.315", 3),
        ),
        (
            {"state": State.CANCELED, "seen_word": Word.EXPIRED, "charged_quantity": 0},
            *(Word.CANCELED, "0", 3),
        ),
        # a refund that was given is not taken back when it goes on after all
        ({"charged_quantity": 100, "delivered": 250}, Word.ACTIVE, "0.126", 3),
    ],
)
def test_a_subscription_is_told_by_its_children(
    changes: dict[str, Any], word: Word, charge: str, to_come: int
) -> None:
    order = replace(POSTS, **changes)
    if order.state is not State.ACTIVE:
        order = replace(order, progress=None)
    seen = as_customers_see(order)
    assert (seen.word, seen.charge, seen.remains) == (word, Decimal(charge), to_come)
    assert (seen.currency, seen.children, seen.runs) == ("USD", None, None)
    if order.state in ENDED:
        closed = replace(order, state=State.CLOSED, closed_from=order.state)
        assert as_customers_see(closed) == seen
