"""Journal entries as values: which accounts each event of an order's life moves (money.md 6)."""

from dataclasses import dataclass
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
