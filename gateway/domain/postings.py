"""Journal entries as values: which accounts each event of an order's life moves (money.md 6)."""

from dataclasses import dataclass, replace
from decimal import Decimal

from gateway.domain.money import EXACT, LEDGER_STEP, ZERO, round_up
from gateway.domain.targets import ROUNDING_MAX


@dataclass(frozen=True, slots=True)
class Account:
    """A ledger account by meaning; customers own `available` and `held`, providers `prepaid`."""

    kind: str
    currency: str
    customer: int | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One transfer: debit and credit of the same currency, an amount above 0."""

    debit: Account
    credit: Account
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """A uniquely keyed group of transfers. `rate` is the conversion where two currencies meet."""

    key: str
    kind: str
    legs: tuple[Leg, ...]
    rate: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CostTerms:
    """In which currency a provider charges, and house currency per unit of it."""

    provider: str
    currency: str
    house_currency: str
    conversion: Decimal

    def in_house(self, cost: Decimal) -> Decimal:
        """A cost in house currency, rounded up at the ledger's last digit."""
        if self.currency == self.house_currency:
            return cost
        return round_up(EXACT.multiply(cost, self.conversion), LEDGER_STEP)


def top_up(customer: int, currency: str, amount: Decimal, key: str) -> Entry:
    """A customer pays in."""
    to = Account("available", currency, customer)
    return Entry(key, "top_up", (Leg(Account("top_ups", currency), to, amount),))


def adjust(customer: int, currency: str, amount: Decimal, key: str, reason: str) -> Entry:
    """Goodwill or a correction: above 0 the customer gets it, below 0 it is taken from him."""
    to = Account("available", currency, customer)
    leg = _signed(Account("adjustment", currency), to, amount)
    return Entry(key, "adjust", (leg,), reason=reason)


def fund(provider: str, currency: str, amount: Decimal, key: str) -> Entry:
    """Money that we paid in at a provider; below 0: that we took out again."""
    prepaid = Account("prepaid", currency, provider=provider)
    return Entry(key, "fund", (_signed(prepaid, Account("funding", currency), amount),))


def capture(customer: int, currency: str, charge: Decimal) -> Entry:
    """The hold becomes ours: the order was confirmed."""
    leg = Leg(Account("held", currency, customer), Account("revenue", currency), charge)
    return Entry("settle", "capture", (leg,))


def release(customer: int, currency: str, charge: Decimal, reason: str) -> Entry:
    """The hold goes back: nothing was taken upstream."""
    leg = Leg(Account("held", currency, customer), Account("available", currency, customer), charge)
    return Entry("settle", "release", (leg,), reason=reason)


def refund(customer: int, currency: str, amount: Decimal, key: str, reason: str) -> Entry:
    """Part of a captured charge goes back."""
    leg = Leg(Account("refunds", currency), Account("available", currency, customer), amount)
    return Entry(key, "refund", (leg,), reason=reason)


def cost(terms: CostTerms, booked: Decimal, now: Decimal, key: str) -> Entry | None:
    """The difference between the cost that is booked and the one that is known now; None for none.

    A correction within the provider's rounding goes to `rounding`, so that cost stays explained.
    """
    rounds = booked != ZERO and abs(EXACT.subtract(now, booked)) <= ROUNDING_MAX
    return _costs(terms, booked, now, key, "rounding" if rounds else "cost")


def cost_of_run(terms: CostTerms, booked: Decimal, more: Decimal, run: int) -> Entry | None:
    """What one more run costs, beside what is booked for those before it; None for nothing."""
    return _costs(terms, booked, EXACT.add(booked, more), f"cost:{run}", "cost")


def loss(terms: CostTerms, cost: Decimal, key: str, reason: str) -> Entry | None:
    """What was taken for an order that had ended here (money.md 2, T13); None for nothing."""
    booked = _costs(terms, ZERO, cost, key, "loss")
    return replace(booked, kind="loss", reason=reason) if booked else None


def given_up(terms: CostTerms, cost: Decimal, expected: Decimal, key: str, reason: str) -> Entry:
    """What a provider owes for an order and does not give back: it was booked as its cost."""
    house = terms.house_currency
    amount = EXACT.subtract(terms.in_house(cost), terms.in_house(expected))
    leg = _signed(Account("loss", house), Account("cost", house), amount)
    return Entry(key, "loss", (leg,), reason=reason)


def goodwill(customer: int, currency: str, amount: Decimal, key: str, reason: str) -> Entry:
    """What an operator gives back of a charge; below 0: it is taken back, as a refund replaces it.

    The provider's word is not asked, so it is no refund and the order's net charge stays.
    """
    to = Account("available", currency, customer)
    leg = _signed(Account("adjustment", currency), to, amount)
    return Entry(key, "adjust", (leg,), reason=reason)


@dataclass(frozen=True, slots=True)
class Unexplained:
    """What of a provider's balance nobody can explain, in his currency.

    Above 0 he took it, below 0 he gave or did not take it. `aside`: so much of it is in suspense.
    """

    provider: str
    currency: str
    amount: Decimal
    aside: Decimal = ZERO


def set_aside(found: Unexplained, key: str, reason: str) -> Entry:
    """Out of the balance into suspense, until it is explained."""
    suspense, prepaid = _of(found, "suspense"), _of(found, "prepaid")
    return Entry(key, "suspend", (_signed(suspense, prepaid, found.amount),), reason=reason)


def put_back(found: Unexplained, key: str) -> Entry:
    """Out of suspense, as what was set aside has been explained otherwise."""
    suspense, prepaid = _of(found, "suspense"), _of(found, "prepaid")
    return Entry(key, "suspend", (_signed(prepaid, suspense, found.aside),))


def written_off(found: Unexplained, terms: CostTerms, kind: str, key: str, reason: str) -> Entry:
    """For good, as `loss` or `adjust`: first of what is in suspense, then of the rest."""
    account = "loss" if kind == "loss" else "adjustment"
    rest = EXACT.subtract(found.amount, found.aside)
    parts = [(_of(found, "suspense"), found.aside), (_of(found, "prepaid"), rest)]
    parts = [(of, amount) for of, amount in parts if amount != ZERO]
    house = Account(account, terms.house_currency)
    if terms.currency == terms.house_currency:
        legs = [_signed(house, of, amount) for of, amount in parts]
        return Entry(key, kind, tuple(legs), reason=reason)
    theirs = Account("exchange", terms.currency)
    legs = [_signed(theirs, of, amount) for of, amount in parts]
    ours = terms.in_house(found.amount)
    if ours != ZERO:
        legs.append(_signed(house, Account("exchange", terms.house_currency), ours))
    return Entry(key, kind, tuple(legs), rate=terms.conversion, reason=reason)


def _of(found: Unexplained, kind: str) -> Account:
    return Account(kind, found.currency, provider=found.provider)


def _costs(terms: CostTerms, booked: Decimal, now: Decimal, key: str, kind: str) -> Entry | None:
    if booked == now:
        return None
    house = Account(kind, terms.house_currency)
    prepaid = Account("prepaid", terms.currency, provider=terms.provider)
    if terms.currency == terms.house_currency:
        return Entry(key, "cost", (_signed(house, prepaid, EXACT.subtract(now, booked)),))
    ours = EXACT.subtract(terms.in_house(now), terms.in_house(booked))
    legs = [_signed(Account("exchange", terms.currency), prepaid, EXACT.subtract(now, booked))]
    if ours != ZERO:
        legs.append(_signed(house, Account("exchange", terms.house_currency), ours))
    return Entry(key, "cost", tuple(legs), rate=terms.conversion)


def _signed(debit: Account, credit: Account, amount: Decimal) -> Leg:
    return Leg(debit, credit, amount) if amount > ZERO else Leg(credit, debit, amount.copy_negate())
