from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.postings import (
    Account,
    CostTerms,
    Entry,
    Leg,
    Unexplained,
    capture,
    cost,
    cost_of_run,
    fund,
    given_up,
    loss,
    put_back,
    refund,
    release,
    set_aside,
    top_up,
    written_off,
)

AVAILABLE = Account("available", "USD", 7)
HELD = Account("held", "USD", 7)
PREPAID = Account("prepaid", "USD", provider="acme")
COST = Account("cost", "USD")
ROUNDING = Account("rounding", "USD")
HOME = CostTerms("acme", "USD", "USD", Decimal(1))
ABROAD = CostTerms("euro", "EUR", "USD", Decimal("1.16"))
ONE = Decimal(1)


def test_each_event_moves_its_accounts() -> None:
    assert top_up(7, "USD", ONE, "top_up:hand:1") == Entry(
        "top_up:hand:1", "top_up", (Leg(Account("top_ups", "USD"), AVAILABLE, ONE),)
    )
    assert capture(7, "USD", ONE) == Entry(
        "settle", "capture", (Leg(HELD, Account("revenue", "USD"), ONE),)
    )
    assert release(7, "USD", ONE, "policy") == Entry(
        "settle", "release", (Leg(HELD, AVAILABLE, ONE),), reason="policy"
    )
    assert refund(7, "USD", ONE, "seen:3", "Partial") == Entry(
        "seen:3", "refund", (Leg(Account("refunds", "USD"), AVAILABLE, ONE),), reason="Partial"
    )


@pytest.mark.parametrize(
    ("booked", "now", "debit", "credit", "amount"),
    [
        ("0", "0.90", COST, PREPAID, "0.90"),
        ("0", "0.00005", COST, PREPAID, "0.00005"),
        ("0.90", "0.45", PREPAID, COST, "0.45"),
        ("0.90", "1.30", COST, PREPAID, "0.40"),
        ("0.90", "0.9001", ROUNDING, PREPAID, "0.0001"),
        ("0.90", "0.8999", PREPAID, ROUNDING, "0.0001"),
        ("0.90", "0.900101", COST, PREPAID, "0.000101"),
        ("0.90", "0", PREPAID, COST, "0.90"),
    ],
)
def test_a_cost_is_corrected_by_the_difference(
    booked: str, now: str, debit: Account, credit: Account, amount: str
) -> None:
    found = cost(HOME, Decimal(booked), Decimal(now), "cost")
    assert found == Entry("cost", "cost", (Leg(debit, credit, Decimal(amount)),))


def test_no_difference_is_no_entry() -> None:
    assert cost(HOME, Decimal("0.90"), Decimal("0.900"), "cost") is None


def test_a_cost_abroad_has_two_legs_and_the_rate() -> None:
    prepaid = Account("prepaid", "EUR", provider="euro")
    theirs, ours = Account("exchange", "EUR"), Account("exchange", "USD")
    legs = (Leg(theirs, prepaid, ONE), Leg(COST, ours, Decimal("1.16")))
    assert cost(ABROAD, Decimal(0), ONE, "cost") == Entry(
        "cost", "cost", legs, rate=Decimal("1.16")
    )
    back = (Leg(prepaid, theirs, ONE), Leg(ours, COST, Decimal("1.16")))
    assert cost(ABROAD, ONE, Decimal(0), "seen:1") == Entry(
        "seen:1", "cost", back, rate=Decimal("1.16")
    )


def test_a_difference_too_small_for_house_currency_has_one_leg() -> None:
    cheap = CostTerms("euro", "EUR", "USD", Decimal("0.01"))
    found = cost(cheap, Decimal("1e-12"), Decimal("2e-12"), "seen:1")
    assert found is not None
    assert [leg.amount for leg in found.legs] == [Decimal("1e-12")]


def test_a_large_amount_loses_no_digit_on_its_way_back() -> None:
    large = Decimal("12345678901234567890123456.123456789012")
    found = cost(HOME, large, Decimal(0), "seen:1")
    assert found is not None
    assert found.legs == (Leg(PREPAID, COST, large),)


def test_each_run_adds_its_cost_however_small() -> None:
    tiny = Decimal("0.00005")
    found = cost_of_run(HOME, Decimal("0.90"), tiny, 3)
    assert found == Entry("cost:3", "cost", (Leg(COST, PREPAID, tiny),))
    assert cost_of_run(HOME, Decimal("0.90"), Decimal(0), 3) is None


def test_runs_abroad_cost_in_house_what_their_sum_does() -> None:
    terms = CostTerms("euro", "EUR", "USD", Decimal("1.160000000001"))
    each = Decimal("0.333333333333")
    booked, ours = Decimal(0), Decimal(0)
    for run in (1, 2, 3):
        entry = cost_of_run(terms, booked, each, run)
        assert entry is not None
        theirs, house = entry.legs
        assert (theirs.amount, house.debit, entry.rate) == (each, COST, terms.conversion)
        ours += house.amount
        booked += each
    assert ours == terms.in_house(booked)


COSTS = st.integers(0, 10**15).map(lambda parts: Decimal(parts).scaleb(-12))


@given(st.lists(COSTS, max_size=8), st.sampled_from([HOME, ABROAD]))
def test_any_sequence_of_corrections_comes_to_the_last_cost(
    costs: list[Decimal], terms: CostTerms
) -> None:
    sums: dict[Account, Decimal] = {}
    booked = Decimal(0)
    for number, now in enumerate(costs):
        entry = cost(terms, booked, now, f"seen:{number}")
        for leg in entry.legs if entry else ():
            assert leg.amount > 0
            assert leg.debit.currency == leg.credit.currency
            sums[leg.debit] = sums.get(leg.debit, Decimal(0)) + leg.amount
            sums[leg.credit] = sums.get(leg.credit, Decimal(0)) - leg.amount
        booked = now
    prepaid = Account("prepaid", terms.currency, provider=terms.provider)
    assert -sums.get(prepaid, Decimal(0)) == booked
    assert sums.get(COST, Decimal(0)) + sums.get(ROUNDING, Decimal(0)) == terms.in_house(booked)


def test_funds_at_a_provider_go_in_and_out() -> None:
    prepaid, funding = Account("prepaid", "EUR", provider="acme"), Account("funding", "EUR")
    assert fund("acme", "EUR", Decimal("12.5"), "fund:acme:1") == Entry(
        "fund:acme:1", "fund", (Leg(prepaid, funding, Decimal("12.5")),)
    )
    assert fund("acme", "EUR", Decimal(-2), "fund:acme:2").legs == (
        Leg(funding, prepaid, Decimal(2)),
    )


SUSPENSE = Account("suspense", "USD", provider="acme")
LOSS = Account("loss", "USD")
EURO_PREPAID = Account("prepaid", "EUR", provider="euro")
EURO_EXCHANGE, EXCHANGE = Account("exchange", "EUR"), Account("exchange", "USD")


def test_what_was_taken_for_an_order_that_had_ended_is_lost() -> None:
    assert loss(HOME, ONE, "loss", "late") == Entry(
        "loss", "loss", (Leg(LOSS, PREPAID, ONE),), reason="late"
    )
    assert loss(ABROAD, ONE, "loss:2", "late") == Entry(
        "loss:2",
        "loss",
        (Leg(EURO_EXCHANGE, EURO_PREPAID, ONE), Leg(LOSS, EXCHANGE, Decimal("1.16"))),
        rate=Decimal("1.16"),
        reason="late",
    )
    assert loss(HOME, Decimal(0), "loss", "late") is None


def test_a_refund_that_is_given_up_is_a_cost_no_more_but_a_loss() -> None:
    entry = given_up(ABROAD, Decimal(3), ONE, "given_up:7", "a ticket")
    assert entry == Entry(
        "given_up:7", "loss", (Leg(LOSS, COST, Decimal("2.32")),), reason="a ticket"
    )


def test_what_nobody_can_explain_is_set_aside_and_put_back() -> None:
    taken = Unexplained("acme", "USD", ONE)
    given = Unexplained("acme", "USD", -ONE)
    assert set_aside(taken, "suspend:1", "why").legs == (Leg(SUSPENSE, PREPAID, ONE),)
    assert set_aside(given, "suspend:1", "why").legs == (Leg(PREPAID, SUSPENSE, ONE),)
    for found in (taken, given):
        there = set_aside(found, "suspend:1", "why").legs[0]
        aside = Unexplained("acme", "USD", found.amount, found.amount)
        back = put_back(aside, "put_back:1")
        assert back.legs == (Leg(there.credit, there.debit, ONE),)
        assert back.kind == "suspend"


def test_it_is_written_off_from_where_it_is() -> None:
    three, two = Decimal(3), Decimal(2)
    adjustment = Account("adjustment", "USD")
    cases = {
        (three, Decimal(0), "loss"): (Leg(LOSS, PREPAID, three),),
        (three, three, "loss"): (Leg(LOSS, SUSPENSE, three),),
        (three, two, "loss"): (Leg(LOSS, SUSPENSE, two), Leg(LOSS, PREPAID, ONE)),
        (two, three, "loss"): (Leg(LOSS, SUSPENSE, three), Leg(PREPAID, LOSS, ONE)),
        (-three, -three, "adjust"): (Leg(SUSPENSE, adjustment, three),),
        (-three, Decimal(0), "adjust"): (Leg(PREPAID, adjustment, three),),
    }
    for (amount, aside, kind), legs in cases.items():
        found = Unexplained("acme", "USD", amount, aside)
        entry = written_off(found, HOME, kind, "written_off:1", "why")
        assert (entry.kind, entry.legs, entry.rate) == (kind, legs, None)


def test_it_is_written_off_in_house_currency() -> None:
    found = Unexplained("euro", "EUR", Decimal(3), ONE)
    entry = written_off(found, ABROAD, "loss", "written_off:1", "why")
    assert entry.legs == (
        Leg(EURO_EXCHANGE, Account("suspense", "EUR", provider="euro"), ONE),
        Leg(EURO_EXCHANGE, EURO_PREPAID, Decimal(2)),
        Leg(LOSS, EXCHANGE, Decimal("3.48")),
    )
    assert entry.rate == Decimal("1.16")
