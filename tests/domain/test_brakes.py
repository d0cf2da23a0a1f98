"""Brakes hold refunds back, and yet any sequence of answers ends where it should."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gateway.domain.brakes import (
    BRAKES,
    WAITS_AT_MOST,
    Brakes,
    is_released,
    many_turned,
    orders_enough,
    refund_of,
    turns,
    why_braked,
)
from gateway.domain.following import Booking, booking, spelled, standing_still
from gateway.domain.money import EXACT, ZERO, net_charge
from gateway.domain.observations import Observation, Word
from gateway.domain.orders import EDGES, END_OF, Progress, Standing, State
from gateway.domain.postings import CostTerms
from gateway.domain.services import ServiceType
from gateway.domain.targets import EQUAL_AGAIN_AFTER

TERMS = CostTerms("acme", "USD", "USD", Decimal(1))
ORDER = Standing(
    id=1,
    state=State.ACTIVE,
    progress=Progress.PENDING,
    closed_from=None,
    charge=Decimal(40),
    currency="USD",
    quantity=1_000,
    charged_quantity=1_000,
    start_count=None,
    remains=None,
    cost=Decimal(30),
    cost_booked=Decimal(30),
    cost_currency="USD",
)


@pytest.mark.parametrize(
    ("refund", "asked", "many", "why"),
    [
        ("20", False, False, ""),
        ("20.000001", False, False, "a refund above 20.00"),
        # that its cancel was asked for explains that it ends, not that it ends so expensively
        ("20.000001", True, False, "a refund above 20.00"),
        ("0.01", False, True, "more than 5 % of the day's orders ended so within an hour"),
        ("0.01", True, True, ""),
        ("0", False, True, ""),
    ],
)
def test_large_refunds_and_too_many_wait(refund: str, why: str, *, asked: bool, many: bool) -> None:
    assert why_braked(BRAKES, Decimal(refund), asked=asked, many=many) == why


@pytest.mark.parametrize(
    ("turned", "orders", "many"),
    [
        (1, 20, False),
        (2, 20, True),
        (19, 19, False),
        (5, 100, False),
        (6, 100, True),
        # older ones than of today turn, too
        (20, 0, True),
        (20, 400, False),
        (0, 1_000, False),
    ],
)
def test_a_share_of_the_day_is_many(turned: int, orders: int, *, many: bool) -> None:
    assert many_turned(BRAKES, turned, orders) is many
    # and it is enough to count so far
    assert many_turned(BRAKES, turned, min(orders, orders_enough(BRAKES, turned))) is many


@given(
    turned=some.integers(0, 500),
    orders=some.integers(0, 20_000),
    percent=some.decimals("0.1", 100, places=1),
    least=some.integers(1, 100),
)
def test_counting_may_stop_where_more_orders_change_nothing(
    turned: int, orders: int, percent: Decimal, least: int
) -> None:
    brakes = Brakes(turned_percent=percent, orders_min=least)
    counted = min(orders, orders_enough(brakes, turned))
    assert many_turned(brakes, turned, counted) is many_turned(brakes, turned, orders)


@pytest.mark.parametrize(
    ("before", "after", "so"),
    [
        (State.ACTIVE, State.CANCELED, True),
        (State.COMPLETED, State.PARTIAL, True),
        (State.PARTIAL, State.CANCELED, True),
        (State.CANCELED, State.CANCELED, False),
        (State.ACTIVE, State.COMPLETED, False),
        (State.CANCELED, State.ACTIVE, False),
    ],
)
def test_turning_is_a_change_to_an_end_without_delivery(
    before: State, after: State, *, so: bool
) -> None:
    assert turns(before, after) is so


def test_a_refund_is_what_the_net_charge_falls_by() -> None:
    half = replace(standing_still(ORDER), state=State.PARTIAL, charged_quantity=500)
    assert refund_of(ORDER, half) == 20
    assert refund_of(replace(ORDER, charged_quantity=500), half) == 0


def test_a_refund_waits_for_its_second_word_and_at_most_a_day() -> None:
    assert not is_released(again=False, waited=None)
    assert is_released(again=True, waited=None)
    assert not is_released(again=False, waited=WAITS_AT_MOST - timedelta(microseconds=1))
    assert is_released(again=False, waited=WAITS_AT_MOST)


WORDS = (*Word, None)
CHARGES = (None, "0", "30", "15.00000000001", "-1", "9e30")
REMAINS = (None, 0, 1, 500, 999, 1_000, -7, 10**17)
CURRENCIES = (None, "USD", "INR")
MINUTES = (1, 11, 800)
STEPS = len(WORDS) * len(CHARGES) * len(REMAINS) * len(CURRENCIES) * len(MINUTES) * 2


@dataclass(frozen=True)
class Step:
    """One look: what is said, how long after the one before, whether many orders end so."""

    seen: Observation
    wait: timedelta
    many: bool


def step(number: int) -> Step:
    """One of all there are: to draw a number is far quicker than to draw each of its parts."""
    picked: list[int] = []
    for choices in (WORDS, CHARGES, REMAINS, CURRENCIES, MINUTES, (False, True)):
        number, at = divmod(number, len(choices))
        picked.append(at)
    word, charge, remains, currency, minutes, many = picked
    said = CHARGES[charge]
    seen = Observation(
        WORDS[word],
        None if said is None else Decimal(said),
        None,
        REMAINS[remains],
        CURRENCIES[currency],
        raw_word="Odd",
    )
    return Step(seen, timedelta(minutes=MINUTES[minutes]), bool(many))


def steps(drawn: bytes) -> list[Step]:
    """Two bytes for each."""
    pairs = zip(drawn[::2], drawn[1::2], strict=False)
    return [step((high * 256 + low) % STEPS) for high, low in pairs]


def delivered(order: Standing, seen: Observation, equal_for: timedelta) -> int | None:
    """The table of what each word means for what is paid, written down once more."""
    whole, left = order.quantity, seen.remains
    if seen.word is None or seen.word not in END_OF:
        return None
    if order.kind is ServiceType.SUBSCRIPTIONS:
        return None if left is None else min(max(whole - left, 0), whole)
    if END_OF[seen.word] is State.COMPLETED:
        return whole
    flat = order.kind is ServiceType.PACKAGE
    if seen.word is Word.PARTIAL:
        return None if flat or left is None else min(max(whole - left, 0), whole)
    if seen.charge == 0 or left == whole:
        return 0
    if not flat and left is not None and 0 < left < whole:
        return whole - left
    return 0 if equal_for >= EQUAL_AGAIN_AFTER else None


class Books:
    """An order, what its entries come to, and the refund that waits."""

    def __init__(self, order: Standing) -> None:
        self.order = order
        self.refunded = self.cost = ZERO
        self.times = 0
        self.seen_as = ""
        self.equal_for = timedelta()
        self.waited: timedelta | None = None
        self.least = order.quantity

    def observe(self, step: Step) -> None:
        """As orders are followed: judged, then braked, then booked."""
        seen, wait = step.seen, step.wait
        again = spelled(seen) == self.seen_as
        self.equal_for = self.equal_for + wait if again else timedelta()
        self.seen_as = spelled(seen)
        self.times += 1
        if self.waited is not None:
            self.waited += wait
        key = f"seen:{self.times}"
        booked = booking(self.order, TERMS, 7, seen, key=key, equal_for=self.equal_for)
        refund = refund_of(self.order, booked)
        why = why_braked(BRAKES, refund, asked=False, many=step.many)
        if why and not is_released(again=again, waited=self.waited):
            self.waited = self.waited or timedelta()
            return
        self.waited = None
        told = delivered(self.order, seen, self.equal_for)
        self.least = self.least if told is None else min(self.least, told)
        self.book(booked)

    def book(self, booked: Booking) -> None:
        """Post the entries; the move must be one that the database lets pass."""
        before = self.order
        assert booked.state is before.state or (before.state, booked.state) in EDGES
        for entry in booked.entries:
            if entry.kind == "refund":
                self.refunded = EXACT.add(self.refunded, entry.legs[0].amount)
            else:
                assert entry.kind == "cost"
        self.order = replace(
            before,
            state=booked.state,
            progress=booked.progress,
            charged_quantity=booked.charged_quantity,
            cost_booked=booked.cost_booked,
        )


@settings(max_examples=10_000, deadline=None)
@given(
    drawn=some.binary(max_size=16),
    quantity=some.integers(1, 1_000),
    millionths=some.integers(1, 10**8),
    kind=some.sampled_from([ServiceType.DEFAULT, ServiceType.PACKAGE, ServiceType.SUBSCRIPTIONS]),
)
def test_any_sequence_ends_exact_with_brakes_on(
    drawn: bytes, quantity: int, millionths: int, kind: ServiceType
) -> None:
    charge = Decimal(millionths).scaleb(-6)
    size = 1 if kind is ServiceType.PACKAGE else quantity
    books = Books(replace(ORDER, charge=charge, quantity=size, charged_quantity=size, kind=kind))
    for each in steps(drawn):
        net = books.order.net
        books.observe(each)
        # nothing ever charges again, whatever goes back, is refilled or completed after all
        assert books.order.net <= net
    order = books.order
    assert order.charged_quantity == books.least
    assert order.net == net_charge(charge, size, books.least)
    assert books.refunded == EXACT.subtract(charge, order.net) <= charge


@settings(max_examples=1_000, deadline=None)
@given(drawn=some.binary(max_size=10), last=some.integers(0, STEPS - 1))
def test_what_is_seen_twice_is_booked_whatever_came_before(drawn: bytes, last: int) -> None:
    books = Books(ORDER)
    for each in steps(drawn):
        books.observe(each)
    seen = step(last).seen
    for wait in (timedelta(minutes=1), EQUAL_AGAIN_AFTER):
        books.observe(Step(seen, wait, many=True))
    assert books.waited is None
    told = delivered(ORDER, seen, EQUAL_AGAIN_AFTER)
    assert told is None or books.order.charged_quantity <= told


def test_a_provider_that_cannot_make_up_its_mind_is_taken_at_its_word_after_a_day() -> None:
    books = Books(ORDER)
    for minutes, left in ((0, 700), (700, 710), (700, 720)):
        books.observe(partial(left, minutes))
        assert (books.order.state, books.refunded) == (State.ACTIVE, 0)
    books.observe(partial(650, 41))
    assert (books.order.state, books.refunded) == (State.PARTIAL, 26)


def partial(left: int, minutes: int) -> Step:
    return Step(Observation(Word.PARTIAL, None, None, left), timedelta(minutes=minutes), many=False)
