from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.domain.following import Booking, booking, spelled, standing_still
from gateway.domain.money import EXACT, net_charge
from gateway.domain.observations import Observation, Word
from gateway.domain.orders import EDGES, ENDED, Standing, State
from gateway.domain.parts import Part, look
from gateway.domain.postings import CostTerms
from gateway.domain.services import ServiceType
from gateway.domain.targets import Class, Finding, Target, Wait, target
from gateway.domain.wholes import Whole, from_row, from_runs, unproven_run
from tests.domain.standings import RUNS

NEW, LONG = timedelta(), timedelta(minutes=10)
TERMS = CostTerms("acme", "USD", "USD", Decimal(1))

DRIP = replace(RUNS, self_run=False, cost_booked=Decimal("2.70"))
# 5 posts of at most 100 each, for 0.0009 a unit
POSTS = replace(
    DRIP,
    kind=ServiceType.SUBSCRIPTIONS,
    charge=Decimal("0.675"),
    quantity=500,
    charged_quantity=500,
    cost=Decimal("0.45"),
    cost_booked=Decimal("0.45"),
    runs=None,
    posts=5,
)
PLAIN = replace(DRIP, runs=None)


def row(
    word: Word | None,
    charge: str | None = None,
    remains: int | None = None,
    children: tuple[str, ...] | None = None,
    runs: int | None = None,
) -> Observation:
    money = None if charge is None else Decimal(charge)
    return Observation(word, money, None, remains, children=children, runs=runs, raw_word="Odd")


def run(number: int, word: Word, remains: int | None = None, charge: str | None = None) -> Part:
    start_count = 70 + number
    seen = replace(row(word, charge, remains), start_count=start_count, raw_word="")
    return look(RUNS, Part(number, 1_000), seen, equal_for=NEW, age=NEW).part


def child(number: int, word: Word, charge: str | None = None, remains: int | None = None) -> Part:
    return look(POSTS, Part(number, None), row(word, charge, remains), equal_for=NEW, age=NEW).part


DONE, PART, GONE = (
    run(1, Word.COMPLETED, 0, "0.9"),
    run(2, Word.PARTIAL, 400, "0.54"),
    run(3, Word.CANCELED, 1_000, "0"),
)


def ends(whole: Whole, order: Standing) -> tuple[State, int, Decimal | None]:
    """What judging a whole comes to: the state, what is charged, the cost."""
    assert whole.seen is not None
    found = target(order, whole.seen, NEW)
    assert isinstance(found, Target)
    return found.state, found.charged_quantity, found.cost


@pytest.mark.parametrize(
    ("parts", "more", "remains", "delivered"),
    [
        ([Part(1, 1_000)], True, 3_000, 0),
        ([run(1, Word.PENDING, 1_000)], True, 3_000, 0),
        ([run(1, Word.IN_PROGRESS, 400)], True, 2_400, 0),
        ([run(1, Word.IN_PROGRESS, 0)], True, 3_000, 0),
        ([run(1, Word.IN_PROGRESS, 5_000)], True, 3_000, 0),
        ([DONE], True, 2_000, 1_000),
        ([DONE, run(2, Word.IN_PROGRESS, 999)], True, 1_999, 1_000),
        ([DONE, PART, run(3, Word.IN_PROGRESS, 1)], False, 401, 1_600),
        ([], False, 3_000, 0),
    ],
)
def test_a_drip_feed_goes_on_while_runs_are_to_come_or_running(
    *, parts: Sequence[Part], more: bool, remains: int, delivered: int
) -> None:
    found = from_runs(RUNS, parts, more=more)
    start_count = 71 if parts and parts[0].seen else None
    seen = Observation(Word.IN_PROGRESS, start_count=start_count, remains=remains)
    assert found == Whole(seen, len(parts), delivered, Word.IN_PROGRESS)
    assert ends(found, RUNS) == (State.ACTIVE, 3_000, None)


@pytest.mark.parametrize(
    ("parts", "state", "charged", "cost"),
    [
        (
            [DONE, run(2, Word.COMPLETED, 0, "0.9"), run(3, Word.COMPLETED, 0, "0.95")],
            *((State.COMPLETED, 3_000, "2.75")),
        ),
        ([DONE, run(2, Word.COMPLETED), run(3, Word.COMPLETED)], State.COMPLETED, 3_000, "2.70"),
        ([DONE, PART, GONE], State.PARTIAL, 1_600, "1.44"),
        ([DONE, PART], State.PARTIAL, 1_600, "1.44"),
        ([DONE], State.PARTIAL, 1_000, "0.9"),
        ([run(1, Word.PARTIAL, 999)], State.PARTIAL, 1, "0.0009"),
        ([GONE], State.CANCELED, 0, "0"),
        ([GONE, GONE, GONE], State.CANCELED, 0, "0"),
        ([run(1, Word.CANCELED, 1_000, "0.9")], State.CANCELED, 0, "0.9"),
        ([run(1, Word.CANCELED, 1_000)], State.CANCELED, 0, "0"),
    ],
)
def test_a_drip_feed_ends_with_what_its_runs_brought(
    parts: Sequence[Part], state: State, charged: int, cost: str
) -> None:
    found = from_runs(RUNS, parts, more=False)
    assert ends(found, RUNS) == (state, charged, Decimal(cost))
    assert (found.started, found.delivered) == (len(parts), charged)


def test_an_unproven_run_is_told_until_it_is_decided() -> None:
    found = from_runs(RUNS, [DONE], more=True, unproven=2)
    note = "run 2 is unconfirmed: later runs wait"
    assert found.findings == (Finding(Class.STUCK, note),) == (unproven_run(2),)
    assert ends(found, RUNS)[0] is State.ACTIVE


def test_an_end_that_is_not_believed_yet_takes_nothing_back() -> None:
    doubtful = run(1, Word.CANCELED, 0, "0.9")
    assert not doubtful.ended
    running = from_runs(RUNS, [doubtful], more=False)
    assert ends(running, RUNS)[0] is State.ACTIVE
    ended = replace(RUNS, state=State.COMPLETED, progress=None)
    for part in (doubtful, run(1, Word.PARTIAL), replace(DONE, seen=row(None), ended=False)):
        assert from_runs(ended, [part], more=False).seen is None
    # a word that says that work goes on is believed at once, as of every order
    again = from_runs(ended, [run(1, Word.IN_PROGRESS)], more=False)
    assert ends(again, ended)[0] is State.ACTIVE


@pytest.mark.parametrize("order", [PLAIN, DRIP])
@pytest.mark.parametrize(
    "seen",
    [
        row(Word.PARTIAL, "0.5", 300, ("11",)),
        row(Word.COMPLETED, "0.5", None, ("11",)),
        row(Word.IN_PROGRESS, None, 0, ("11",)),
        row(None, None, None, ("11",)),
    ],
)
def test_a_row_that_tells_by_itself_is_judged_as_it_is(order: Standing, seen: Observation) -> None:
    found = from_row(order, [] if order is PLAIN else [DONE, run(2, Word.PARTIAL)], seen)
    assert (found.seen, found.word, found.findings) == (seen, seen.word, ())


def test_a_row_without_children_is_judged_as_it_is() -> None:
    for word in Word:
        seen = row(word, runs=2)
        assert from_row(DRIP, [], seen).seen == seen
        assert from_row(DRIP, [], seen).started == 2
    assert from_row(DRIP, [], row(Word.COMPLETED, runs=10**9)).started == 3
    assert from_row(replace(DRIP, parts=3), [], row(Word.COMPLETED, runs=1)).started == 3


@pytest.mark.parametrize(
    ("word", "parts", "runs", "state", "charged", "cost"),
    [
        (Word.IN_PROGRESS, [DONE, PART, GONE], 3, State.ACTIVE, 3_000, None),
        (Word.COMPLETED, [DONE, PART, Part(3, 1_000)], 3, State.ACTIVE, 3_000, None),
        (Word.COMPLETED, [DONE, PART, GONE], 3, State.PARTIAL, 1_600, "1.44"),
        (Word.COMPLETED, [DONE, DONE, DONE], 3, State.COMPLETED, 3_000, "2.7"),
        (Word.CANCELED, [DONE, PART], 2, State.PARTIAL, 1_600, "1.44"),
        (Word.PARTIAL, [DONE], None, State.PARTIAL, 1_000, "0.9"),
        # said of the runs whose children it does not name
        (Word.COMPLETED, [DONE], None, State.COMPLETED, 3_000, "0.9"),
        (Word.COMPLETED, [DONE], 2, State.PARTIAL, 2_000, "0.9"),
        (Word.COMPLETED, [PART], None, State.PARTIAL, 2_600, "0.54"),
    ],
)
def test_a_drip_feed_that_was_passed_on_ends_with_what_its_children_brought(
    word: Word,
    parts: Sequence[Part],
    runs: int | None,
    state: State,
    charged: int,
    cost: str | None,
) -> None:
    found = from_row(DRIP, parts, row(word, runs=runs))
    assert ends(found, DRIP) == (state, charged, None if cost is None else Decimal(cost))


def test_more_children_than_runs_are_told() -> None:
    four = [run(number, Word.COMPLETED, 0, "0.9") for number in (1, 2, 3, 4)]
    found = from_row(DRIP, four, row(Word.COMPLETED))
    assert ends(found, DRIP) == (State.COMPLETED, 3_000, Decimal("3.6"))
    assert found.findings == (Finding(Class.FOREIGN, "4 children, beyond the bound of 3"),)


FULL = [child(number, Word.COMPLETED, "0.09") for number in (1, 2, 3)]
SMALL = child(4, Word.COMPLETED, "0.045")
CUT = child(5, Word.PARTIAL, "0.018", 80)


@pytest.mark.parametrize(
    ("word", "parts", "state", "charged", "cost"),
    [
        (Word.ACTIVE, FULL, State.ACTIVE, 500, None),
        (Word.PAUSED, FULL, State.ACTIVE, 500, None),
        (Word.PENDING, [], State.ACTIVE, 500, None),
        (Word.COMPLETED, [*FULL, SMALL, Part(5, None)], State.ACTIVE, 500, None),
        (Word.COMPLETED, [*FULL, SMALL, CUT], State.COMPLETED, 370, "0.333"),
        (Word.EXPIRED, [*FULL, SMALL], State.COMPLETED, 350, "0.315"),
        (Word.CANCELED, FULL, State.CANCELED, 300, "0.27"),
        (Word.EXPIRED, [child(1, Word.CANCELED, "0")], State.COMPLETED, 0, "0"),
        (Word.COMPLETED, [child(1, Word.COMPLETED)], State.COMPLETED, 100, "0.09"),
    ],
)
def test_a_subscription_ends_with_what_its_children_brought(
    word: Word, parts: Sequence[Part], state: State, charged: int, cost: str | None
) -> None:
    found = from_row(POSTS, parts, row(word))
    assert ends(found, POSTS) == (state, charged, None if cost is None else Decimal(cost))
    assert (found.word, found.started) == (word, len(parts))
    if state is not State.ACTIVE:
        assert found.delivered == charged


@pytest.mark.parametrize(
    ("seen", "charged", "cost"),
    [
        (row(Word.COMPLETED, "0.27"), 300, "0.27"),
        (row(Word.EXPIRED, "0.2701"), 301, "0.2701"),
        (row(Word.CANCELED, "0.0009"), 1, "0.0009"),
        (row(Word.EXPIRED, "0"), 0, "0"),
        (row(Word.CANCELED, "0"), 0, "0"),
        (row(Word.COMPLETED, None, None, ()), 0, "0"),
        (row(Word.COMPLETED, "7"), 500, "7"),
    ],
)
def test_a_subscription_without_children_ends_with_what_its_row_charges(
    seen: Observation, charged: int, cost: str
) -> None:
    found = from_row(POSTS, [], seen)
    state = State.CANCELED if seen.word is Word.CANCELED else State.COMPLETED
    assert ends(found, POSTS) == (state, charged, Decimal(cost))


@pytest.mark.parametrize(
    "seen",
    [
        row(Word.COMPLETED),
        row(Word.EXPIRED),
        row(Word.CANCELED),
        row(Word.COMPLETED, "0"),
        row(Word.COMPLETED, "-1"),
        row(Word.COMPLETED, "1e12"),
        replace(row(Word.COMPLETED, "0.27"), currency="EUR"),
    ],
)
def test_a_subscription_that_ends_without_a_trace_waits_for_an_operator(
    seen: Observation,
) -> None:
    found = from_row(POSTS, [], seen)
    assert found.seen is not None
    note = f"{seen.word}, but neither children nor a charge tell what was delivered"
    assert target(POSTS, found.seen, LONG) == Wait((Finding(Class.FORMAT, note),))


def test_beyond_the_bound_is_our_cost_and_stays_open() -> None:
    six = [child(number, Word.COMPLETED, "0.09") for number in range(1, 7)]
    found = from_row(POSTS, six, row(Word.COMPLETED))
    assert ends(found, POSTS) == (State.COMPLETED, 500, Decimal("0.54"))
    note = "charged beyond the bound, for 6 children"
    assert found.findings == (Finding(Class.FOREIGN, note, Decimal("0.45"), Decimal("0.54")),)
    cheap = [child(number, Word.COMPLETED, "0.009") for number in range(1, 7)]
    found = from_row(POSTS, cheap, row(Word.COMPLETED))
    assert ends(found, POSTS) == (State.COMPLETED, 60, Decimal("0.054"))
    assert found.findings == (Finding(Class.FOREIGN, "6 children, beyond the bound of 5"),)
    named = from_row(POSTS, [], row(Word.ACTIVE, children=tuple("123456")))
    assert named.findings == (Finding(Class.FOREIGN, "6 children, beyond the bound of 5"),)
    rounded = [child(number, Word.COMPLETED, "0.09009") for number in range(1, 6)]
    assert from_row(POSTS, rounded, row(Word.COMPLETED)).findings == ()


def test_a_child_that_was_canceled_and_is_still_charged_is_claimed() -> None:
    owed = replace(child(1, Word.CANCELED, "0.09", 100))
    found = from_row(POSTS, [owed], row(Word.EXPIRED))
    assert ends(found, POSTS) == (State.COMPLETED, 0, Decimal("0.09"))
    (finding,) = found.findings
    assert (finding.kind, finding.expected, finding.seen) == (
        Class.REFUND_OWED,
        Decimal(0),
        Decimal("0.09"),
    )


ANSWERS = some.builds(
    Observation,
    word=some.one_of(some.none(), some.sampled_from(Word)),
    charge=some.one_of(some.none(), some.decimals(-1, 2, places=13), some.just(Decimal("1e13"))),
    remains=some.one_of(some.none(), some.integers(-5, 1_100)),
    currency=some.sampled_from([None, None, "USD", "EUR"]),
    children=some.sampled_from([None, None, (), ("1", "2")]),
    runs=some.one_of(some.none(), some.integers(-1, 5)),
)
STEPS = some.lists(
    some.tuples(some.integers(0, 4), ANSWERS, some.sampled_from([NEW, LONG])), max_size=14
)


class Books:
    """An order in parts, and what its postings come to."""

    def __init__(self, order: Standing, quantity: int | None) -> None:
        self.order = order
        self.parts = [Part(number, quantity) for number in (1, 2, 3)]
        self.row = Observation(Word.PENDING)
        self.shown = ""
        self.refunded = Decimal(0)
        self.cost = order.cost_booked

    def whole(self, number: int) -> Whole:
        if self.order.self_run:
            return from_runs(self.order, self.parts, more=number == 4)
        return from_row(self.order, self.parts, self.row)

    def see(self, number: int, answer: Observation, equal_for: timedelta) -> Booking:
        if 1 <= number <= 3:
            part = self.parts[number - 1]
            found = look(self.order, part, answer, equal_for=equal_for, age=NEW)
            self.parts[number - 1] = found.part
        else:
            self.row = answer
        whole = self.whole(number)
        if whole.seen is None:
            return standing_still(self.order)
        same = spelled(whole.seen) == self.shown
        self.shown = spelled(whole.seen)
        found = booking(
            self.order,
            TERMS,
            7,
            whole.seen,
            key="seen:1",
            equal_for=equal_for if same else NEW,
        )
        self._post(found)
        return found

    def _post(self, found: Booking) -> None:
        state = self.order.state
        assert found.state is state or (state, found.state) in EDGES
        for entry in found.entries:
            for leg in entry.legs:
                assert leg.amount > 0
                if leg.credit.kind == "available":
                    self.refunded = EXACT.add(self.refunded, leg.amount)
                elif leg.credit.kind == "prepaid":
                    self.cost = EXACT.add(self.cost, leg.amount)
                else:
                    assert leg.debit.kind == "prepaid"
                    self.cost = EXACT.subtract(self.cost, leg.amount)
        self.order = replace(
            self.order,
            state=found.state,
            progress=found.progress,
            charged_quantity=found.charged_quantity,
            cost_booked=found.cost_booked,
        )


@given(
    base=some.sampled_from([(RUNS, 1_000), (DRIP, 1_000), (POSTS, None), (PLAIN, 1_000)]),
    steps=STEPS,
    millionths=some.integers(1, 10**9),
)
def test_any_sequence_of_parts_ends_exact_and_the_same_answer_twice_posts_nothing(
    base: tuple[Standing, int | None],
    steps: list[tuple[int, Observation, timedelta]],
    millionths: int,
) -> None:
    charge = Decimal(millionths).scaleb(-6)
    books = Books(replace(base[0], charge=charge), base[1])
    for number, answer, equal_for in steps:
        before = books.refunded
        books.see(number, answer, equal_for)
        assert before <= books.refunded <= charge
        assert EXACT.subtract(charge, books.refunded) == books.order.net
        assert books.order.net == net_charge(
            charge, books.order.quantity, books.order.charged_quantity
        )
        assert books.cost == books.order.cost_booked >= 0
        if equal_for == NEW:
            assert books.see(number, answer, NEW).entries == ()
        assert (books.order.progress is None) == (books.order.state in ENDED)
        whole = books.whole(number)
        assert whole.delivered is None or 0 <= whole.delivered <= books.order.quantity
        assert whole.started >= 0


@given(
    last=some.lists(
        some.sampled_from([(Word.COMPLETED, 0), (Word.PARTIAL, 400), (Word.CANCELED, 1_000)]),
        min_size=3,
        max_size=3,
    ),
    steps=some.lists(
        some.tuples(
            some.integers(1, 3),
            some.builds(row, some.sampled_from([Word.PENDING, Word.IN_PROGRESS, None])),
        ),
        max_size=6,
    ),
    order=some.permutations((1, 2, 3)),
)
def test_the_end_is_the_same_whatever_came_before_and_in_whatever_order(
    last: list[tuple[Word, int]], steps: list[tuple[int, Observation]], order: list[int]
) -> None:
    books = Books(RUNS, 1_000)
    for number, answer in steps:
        books.see(number, answer, NEW)
    for number in order:
        word, remains = last[number - 1]
        books.see(number, row(word, None, remains), NEW)
    delivered = sum(1_000 - remains for _, remains in last)
    assert books.order.charged_quantity == delivered
    assert books.order.net == net_charge(books.order.charge, 3_000, delivered)
    assert books.order.cost_booked == EXACT.multiply(Decimal("0.0009"), Decimal(delivered))
