from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.money import EXACT, net_charge
from gateway.domain.observations import Observation, Word
from gateway.domain.orders import EDGES, ENDED, Progress, Standing, State
from gateway.domain.services import ServiceType
from gateway.domain.targets import EQUAL_AGAIN_AFTER, Class, Finding, Target, Wait, target
from tests.domain.standings import ORDER

NEW = timedelta()
AGAIN = timedelta(minutes=10)

PACKAGE = replace(ORDER, quantity=1, charged_quantity=1, kind=ServiceType.PACKAGE)


def seen(
    word: Word | None,
    remains: int | None = None,
    charge: str | None = None,
    currency: str | None = None,
) -> Observation:
    return Observation(
        word, None if charge is None else Decimal(charge), None, remains, currency, raw_word="?"
    )


@pytest.mark.parametrize(
    ("observed", "state", "charged", "cost"),
    [
        (seen(Word.COMPLETED, 0, "0.90"), State.COMPLETED, 1000, "0.90"),
        (seen(Word.COMPLETED, 157, None), State.COMPLETED, 1000, "0.90"),
        (seen(Word.COMPLETED, None, "0.95"), State.COMPLETED, 1000, "0.95"),
        (seen(Word.EXPIRED, 157, "0.90"), State.COMPLETED, 1000, "0.90"),
        (seen(Word.PARTIAL, 157, "0.7587"), State.PARTIAL, 843, "0.7587"),
        (seen(Word.PARTIAL, 157, None), State.PARTIAL, 843, "0.7587"),
        (seen(Word.PARTIAL, 0, None), State.PARTIAL, 1000, "0.90"),
        (seen(Word.PARTIAL, -3, None), State.PARTIAL, 1000, "0.90"),
        (seen(Word.PARTIAL, 1000, None), State.PARTIAL, 0, "0"),
        (seen(Word.PARTIAL, 5000, None), State.PARTIAL, 0, "0"),
        (seen(Word.CANCELED, 1000, None), State.CANCELED, 0, "0"),
        (seen(Word.CANCELED, 1000, "0.90"), State.CANCELED, 0, "0.90"),
        (seen(Word.CANCELED, 0, "0"), State.CANCELED, 0, "0"),
        (seen(Word.CANCELED, 400, "0.00"), State.CANCELED, 0, "0"),
        (seen(Word.CANCELED, None, "0"), State.CANCELED, 0, "0"),
        (seen(Word.CANCELED, 400, "0.54"), State.CANCELED, 600, "0.54"),
        (seen(Word.CANCELED, 999, None), State.CANCELED, 1, "0.0009"),
        (seen(Word.CANCELED, 1, None), State.CANCELED, 999, "0.8991"),
    ],
)
def test_an_end_word_says_what_was_delivered_and_what_it_cost(
    observed: Observation, state: State, charged: int, cost: str
) -> None:
    found = target(ORDER, observed, NEW)
    assert isinstance(found, Target)
    assert (found.state, found.progress, found.charged_quantity) == (state, None, charged)
    assert found.cost == Decimal(cost)


@pytest.mark.parametrize(
    "observed",
    [
        seen(Word.CANCELED, 0, "0.90"),
        seen(Word.CANCELED, None, "0.90"),
        seen(Word.CANCELED, 0, None),
        seen(Word.CANCELED, -1, "0.90"),
        seen(Word.CANCELED, 1001, None),
    ],
)
def test_a_canceled_order_without_evidence_is_refunded_when_seen_again(
    observed: Observation,
) -> None:
    assert EQUAL_AGAIN_AFTER == AGAIN
    assert target(ORDER, observed, AGAIN - timedelta(microseconds=1)) == Wait()
    found = target(ORDER, observed, AGAIN)
    assert isinstance(found, Target)
    assert (found.state, found.charged_quantity) == (State.CANCELED, 0)
    assert found.cost == (observed.charge or 0)


@pytest.mark.parametrize(
    ("observed", "progress"),
    [
        (seen(Word.PENDING, 0, "0"), Progress.PENDING),
        (seen(Word.PROCESSING, 500, "0.90"), Progress.PROCESSING),
        (seen(Word.IN_PROGRESS, None, "5"), Progress.IN_PROGRESS),
        (seen(Word.ACTIVE), Progress.IN_PROGRESS),
        (seen(Word.PAUSED, 1000, "0"), Progress.IN_PROGRESS),
    ],
)
def test_before_the_end_no_money_moves(observed: Observation, progress: Progress) -> None:
    assert target(ORDER, observed, NEW) == Target(State.ACTIVE, progress, 1000, None)


@pytest.mark.parametrize(
    ("order", "observed", "note"),
    [
        (ORDER, seen(None, 0, "0"), "unknown status '?'"),
        (
            ORDER,
            seen(Word.PARTIAL, None, "0.1"),
            "partial, but remains is missing or not a number",
        ),
        (PACKAGE, seen(Word.PARTIAL, 0, "0.1"), "a flat rate cannot end partly: refund by hand"),
    ],
)
def test_what_cannot_be_used_waits_and_is_told(
    order: Standing, observed: Observation, note: str
) -> None:
    assert target(order, observed, AGAIN) == Wait((Finding(Class.FORMAT, note),))


@pytest.mark.parametrize(
    ("observed", "charged"),
    [
        (seen(Word.COMPLETED, 1, None), 1),
        (seen(Word.CANCELED, 0, "0"), 0),
        (seen(Word.CANCELED, 1, "0.90"), 0),
    ],
)
def test_a_package_is_whole_or_nothing(observed: Observation, charged: int) -> None:
    found = target(PACKAGE, observed, NEW)
    assert isinstance(found, Target)
    assert found.charged_quantity == charged


def test_a_refund_that_was_given_is_not_taken_back() -> None:
    refunded = replace(ORDER, state=State.PARTIAL, charged_quantity=600, progress=None)
    found = target(refunded, seen(Word.COMPLETED, 0, "0.90"), NEW)
    assert isinstance(found, Target)
    assert (found.state, found.charged_quantity, found.cost) == (
        State.COMPLETED,
        600,
        Decimal("0.90"),
    )
    going_on = target(refunded, seen(Word.IN_PROGRESS), NEW)
    assert isinstance(going_on, Target)
    assert going_on.charged_quantity == 600


@pytest.mark.parametrize(
    ("observed", "cls", "expected", "charge"),
    [
        (seen(Word.COMPLETED, 0, "0.9001"), Class.ROUNDING, "0.90", "0.9001"),
        (seen(Word.COMPLETED, 0, "0.8999"), Class.ROUNDING, "0.90", "0.8999"),
        (seen(Word.COMPLETED, 0, "0.900101"), Class.RATE_MOVED, "0.90", "0.900101"),
        (seen(Word.COMPLETED, 0, "0.899899"), Class.RATE_MOVED, "0.90", "0.899899"),
        (seen(Word.COMPLETED, 0, "1.30"), Class.RATE_MOVED, "0.90", "1.30"),
        (seen(Word.COMPLETED, 0, "0"), Class.RATE_MOVED, "0.90", "0"),
        (seen(Word.PARTIAL, 500, "0.60"), Class.RATE_MOVED, "0.45", "0.60"),
        (seen(Word.PARTIAL, 500, "0.30"), Class.RATE_MOVED, "0.45", "0.30"),
        (seen(Word.PARTIAL, 500, "0.90"), Class.REFUND_OWED, "0.45", "0.90"),
        (seen(Word.PARTIAL, 500, "0.45005"), Class.ROUNDING, "0.45", "0.45005"),
        (seen(Word.PARTIAL, 1000, "0.00005"), Class.REFUND_OWED, "0", "0.00005"),
        (seen(Word.CANCELED, 1000, "0.90"), Class.REFUND_OWED, "0", "0.90"),
        (seen(Word.CANCELED, 1000, "0.00005"), Class.REFUND_OWED, "0", "0.00005"),
        (seen(Word.CANCELED, 400, "0.70"), Class.REFUND_OWED, "0.54", "0.70"),
        (seen(Word.CANCELED, 400, "0.54005"), Class.ROUNDING, "0.54", "0.54005"),
        (seen(Word.CANCELED, 400, "0.10"), Class.RATE_MOVED, "0.54", "0.10"),
    ],
)
def test_a_charge_that_is_not_expected_is_booked_and_told(
    observed: Observation, cls: Class, expected: str, charge: str
) -> None:
    found = target(ORDER, observed, NEW)
    assert isinstance(found, Target)
    assert found.cost == Decimal(charge)
    (finding,) = found.findings
    assert (finding.kind, finding.expected, finding.seen) == (
        cls,
        Decimal(expected),
        Decimal(charge),
    )
    assert finding.note


def test_an_expected_charge_is_no_finding() -> None:
    found = target(ORDER, seen(Word.COMPLETED, 0, "0.900", "USD"), NEW)
    assert isinstance(found, Target)
    assert found.findings == ()


@pytest.mark.parametrize("word", [Word.COMPLETED, Word.CANCELED])
def test_another_currency_leaves_the_booked_cost_and_is_told(word: Word) -> None:
    order = replace(ORDER, cost_booked=Decimal("0.88"))
    found = target(order, seen(word, 1000, "70", "INR"), NEW)
    assert isinstance(found, Target)
    assert found.cost == Decimal("0.88")
    assert found.findings == (Finding(Class.FORMAT, "charged in INR, agreed in USD"),)


def test_another_currency_is_told_before_the_end_too() -> None:
    found = target(ORDER, seen(Word.IN_PROGRESS, 500, "70", "INR"), NEW)
    assert isinstance(found, Target)
    assert (found.state, found.cost) == (State.ACTIVE, None)
    assert found.findings == (Finding(Class.FORMAT, "charged in INR, agreed in USD"),)


def test_a_charge_below_nothing_is_not_believed() -> None:
    found = target(ORDER, seen(Word.COMPLETED, 0, "-0.90"), NEW)
    assert isinstance(found, Target)
    assert (found.cost, found.findings) == (Decimal("0.90"), ())


def test_a_charge_finer_than_the_ledger_is_rounded_up() -> None:
    found = target(ORDER, seen(Word.COMPLETED, 0, "0.8999999999999999"), NEW)
    assert isinstance(found, Target)
    assert found.cost == Decimal("0.90")


@pytest.mark.parametrize(
    ("state", "observed", "told"),
    [
        (State.COMPLETED, seen(Word.PENDING), "was completed, now Pending"),
        (State.COMPLETED, seen(Word.PARTIAL, 500), "was completed, now Partial"),
        (State.CANCELED, seen(Word.IN_PROGRESS), "was canceled, now In progress"),
        (State.COMPLETED, seen(Word.COMPLETED), None),
        (State.COMPLETED, seen(Word.EXPIRED), None),
        (State.CANCELED, seen(Word.EXPIRED), "was canceled, now Expired"),
        (State.ACTIVE, seen(Word.COMPLETED), None),
        (State.ACTIVE, seen(Word.PENDING), None),
    ],
)
def test_going_back_from_an_end_is_told(
    state: State, observed: Observation, told: str | None
) -> None:
    found = target(replace(ORDER, state=state), observed, NEW)
    assert isinstance(found, Target)
    assert found.findings == (() if told is None else (Finding(Class.BACKWARDS, told),))


SUBSCRIPTION = replace(ORDER, kind=ServiceType.SUBSCRIPTIONS, posts=5)


@pytest.mark.parametrize(
    ("observed", "state", "charged", "cost"),
    [
        (seen(Word.COMPLETED, 400, "0.54"), State.COMPLETED, 600, "0.54"),
        (seen(Word.EXPIRED, 400, None), State.COMPLETED, 600, "0.54"),
        (seen(Word.COMPLETED, 0, "0.95"), State.COMPLETED, 1000, "0.95"),
        (seen(Word.COMPLETED, 1000, None), State.COMPLETED, 0, "0"),
        (seen(Word.CANCELED, 400, "0.9"), State.CANCELED, 600, "0.9"),
        (seen(Word.CANCELED, 0, "0"), State.CANCELED, 1000, "0"),
        (seen(Word.PARTIAL, -1, None), State.PARTIAL, 1000, "0.90"),
        (seen(Word.EXPIRED, 2000, None), State.COMPLETED, 0, "0"),
    ],
)
def test_a_subscription_ends_with_what_was_delivered_whatever_its_word(
    observed: Observation, state: State, charged: int, cost: str
) -> None:
    found = target(SUBSCRIPTION, observed, NEW)
    assert isinstance(found, Target)
    assert (found.state, found.charged_quantity) == (state, charged)
    assert found.cost == Decimal(cost)
    # what it owes is judged by each child
    assert Class.REFUND_OWED not in {finding.kind for finding in found.findings}


def test_a_subscription_of_which_nobody_tells_what_it_delivered_waits() -> None:
    note = "Expired, but neither children nor a charge tell what was delivered"
    found = target(SUBSCRIPTION, seen(Word.EXPIRED, None, "0.9"), AGAIN)
    assert found == Wait((Finding(Class.FORMAT, note),))


OBSERVATIONS = st.builds(
    Observation,
    word=st.one_of(st.none(), st.sampled_from(Word)),
    charge=st.one_of(st.none(), st.decimals(min_value=-1, max_value=3, allow_nan=False, places=13)),
    remains=st.one_of(st.none(), st.integers(-10, 1_200)),
    currency=st.sampled_from([None, "USD", "INR"]),
)


class Books:
    """An order with what its postings come to: only differences to the target are posted."""

    def __init__(self, order: Standing) -> None:
        self.order = order
        self.refunded = Decimal(0)
        self.cost = order.cost_booked

    def observe(self, observed: Observation, equal_for: timedelta) -> bool:
        found = target(self.order, observed, equal_for)
        if isinstance(found, Wait):
            return False
        assert found.state is self.order.state or (self.order.state, found.state) in EDGES
        now = replace(
            self.order,
            state=found.state,
            progress=found.progress,
            charged_quantity=found.charged_quantity,
            cost_booked=self.order.cost_booked if found.cost is None else found.cost,
        )
        posted = EXACT.subtract(self.order.net, now.net)
        assert posted >= 0
        self.refunded = EXACT.add(self.refunded, posted)
        corrected = EXACT.subtract(now.cost_booked, self.order.cost_booked)
        self.cost = EXACT.add(self.cost, corrected)
        self.order = now
        return bool(posted or corrected)


@given(
    sequence=st.lists(st.tuples(OBSERVATIONS, st.sampled_from([NEW, AGAIN])), max_size=12),
    quantity=st.integers(1, 1_000),
    millionths=st.integers(0, 10**9),
    kind=st.sampled_from([ServiceType.DEFAULT, ServiceType.PACKAGE, ServiceType.SUBSCRIPTIONS]),
)
def test_any_sequence_ends_exact_and_the_same_answer_twice_posts_nothing(
    sequence: list[tuple[Observation, timedelta]],
    quantity: int,
    millionths: int,
    kind: ServiceType,
) -> None:
    charge = Decimal(millionths).scaleb(-6)
    size = 1 if kind is ServiceType.PACKAGE else quantity
    books = Books(replace(ORDER, charge=charge, quantity=size, charged_quantity=size, kind=kind))
    for observed, equal_for in sequence:
        books.observe(observed, equal_for)
        assert 0 <= books.refunded <= charge
        assert EXACT.subtract(charge, books.refunded) == books.order.net
        assert books.order.net == net_charge(charge, size, books.order.charged_quantity)
        assert books.cost == books.order.cost_booked >= 0
        assert books.observe(observed, equal_for) is False
        assert (books.order.progress is None) == (books.order.state in ENDED)


@pytest.mark.parametrize(
    ("word", "hours", "stuck"),
    [
        (Word.PENDING, 71, False),
        (Word.PENDING, 72, True),
        (Word.IN_PROGRESS, 999, False),
        (Word.ACTIVE, 999, False),
    ],
)
def test_what_stays_pending_is_told_and_books_nothing(
    word: Word, hours: int, *, stuck: bool
) -> None:
    found = target(ORDER, Observation(word, Decimal("0.9")), timedelta(hours=hours))
    assert isinstance(found, Target)
    assert (found.state, found.cost) == (State.ACTIVE, None)
    assert [each.kind for each in found.findings] == ([Class.STUCK] if stuck else [])
