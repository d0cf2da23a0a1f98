"""Entries that set aside, put back and write off carry their key, kind and reason."""

from decimal import Decimal

from gateway.domain.postings import (
    Account,
    CostTerms,
    Entry,
    Leg,
    Unexplained,
    put_back,
    set_aside,
    written_off,
)

TERMS = CostTerms("acme", "USD", "USD", Decimal(1))
ABROAD = CostTerms("acme", "EUR", "USD", Decimal("1.25"))
TAKEN = Unexplained("acme", "USD", Decimal(3), aside=Decimal(1))


def theirs(kind: str, currency: str = "USD") -> Account:
    return Account(kind, currency, provider="acme")


def test_what_is_set_aside_leaves_the_balance_and_comes_back() -> None:
    there = Leg(theirs("suspense"), theirs("prepaid"), Decimal(3))
    assert set_aside(TAKEN, "aside:7", "nobody knows") == Entry(
        "aside:7", "suspend", (there,), reason="nobody knows"
    )
    back = Leg(theirs("prepaid"), theirs("suspense"), Decimal(1))
    assert put_back(TAKEN, "back:7") == Entry("back:7", "suspend", (back,))


def test_what_is_written_off_is_taken_from_suspense_first() -> None:
    loss = Account("loss", "USD")
    legs = (
        Leg(loss, theirs("suspense"), Decimal(1)),
        Leg(loss, theirs("prepaid"), Decimal(2)),
    )
    assert written_off(TAKEN, TERMS, "loss", "off:7", "given up") == Entry(
        "off:7", "loss", legs, reason="given up"
    )


def test_abroad_it_passes_through_the_exchange_at_its_conversion() -> None:
    given = Unexplained("acme", "EUR", Decimal(-4))
    legs = (
        Leg(theirs("prepaid", "EUR"), Account("exchange", "EUR"), Decimal(4)),
        Leg(Account("exchange", "USD"), Account("adjustment", "USD"), Decimal(5)),
    )
    assert written_off(given, ABROAD, "adjust", "off:8", "a gift") == Entry(
        "off:8", "adjust", legs, rate=Decimal("1.25"), reason="a gift"
    )
