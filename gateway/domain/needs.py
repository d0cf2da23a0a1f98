"""What needs a person now, the most urgent first: losses, money in doubt, then age (pages.md)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from gateway.domain.health import Health
from gateway.domain.money import EXACT, ZERO
from gateway.domain.open_orders import OpenOrders, Proposed
from gateway.domain.targets import Class


class Kind(StrEnum):
    """What sort of thing it is, which says where it is dealt with."""

    LOSS = "loss"
    UNCONFIRMED = "unconfirmed"
    REVIEW = "review"
    PROPOSAL = "proposal"
    HALTED = "halted"
    DISCREPANCY = "discrepancy"
    STOPPED = "stopped"
    BREAKER = "breaker"
    PAUSED = "paused"
    BALANCE = "balance"
    SYNC = "sync"
    OFFERS = "offers"
    REFUNDS = "refunds"
    LATE = "late"
    SENTENCES = "sentences"


_STANDING = {Kind.UNCONFIRMED: "unconfirmed", Kind.REVIEW: "in review"}
_TIERS = {
    Kind.LOSS: 0,
    Kind.UNCONFIRMED: 1,
    Kind.REVIEW: 1,
    Kind.PROPOSAL: 1,
    Kind.HALTED: 2,
    Kind.STOPPED: 2,
}
_LAST_TIER = 4
STOPPING = frozenset({Class.FORMAT, Class.NET, Class.BALANCE})
"""Discrepancies that stand still until a person acts, of any age."""
LASTING = frozenset({Class.UNCHARGED, Class.REFUND_OWED, Class.FOREIGN, Class.VANISHED})
"""Those that should be gone within `LASTING_FOR`."""
LASTING_FOR = timedelta(days=7)
BRAKED_FOR = timedelta(hours=6)
BALANCE_DAYS_MIN = Decimal(1)


@dataclass(frozen=True, slots=True)
class Need:
    """One thing. `subject`: as deeds name it, `kind:id`, or empty where it is a whole list.

    `amount`: at stake, in `currency`; None where it is not about money. `since` None: not known.
    """

    kind: Kind
    subject: str
    count: int
    amount: Decimal | None
    currency: str
    since: datetime | None
    words: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class Loss:
    """A service that sells below its cost. `margin`: per 1,000, or of a package, below 0."""

    service: int
    name: str
    margin: Decimal
    since: datetime | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Odd:
    """The open discrepancies of a class and provider; `lasting`: open for more than seven days."""

    kind: Class
    provider: str
    count: int
    lasting: int
    amount: Decimal
    since: datetime
    whole: bool
    note: str = ""


def of_loss(loss: Loss, currency: str) -> Need:
    """A service at a loss."""
    words = loss.words or f"{loss.name} sells at a loss"
    subject = f"service:{loss.service}"
    return Need(Kind.LOSS, subject, 1, loss.margin, currency, loss.since, words)


def of_orders(orders: OpenOrders, now: datetime) -> Sequence[Need]:
    """Orders in doubt, refunds that wait for long, and what is late."""
    found = [
        Need(
            Kind(each.state),
            "",
            each.orders,
            each.held,
            each.currency,
            each.since,
            f"{_many(each.orders, 'order')} {_STANDING[Kind(each.state)]}",
        )
        for each in orders.doubtful
    ]
    braked = orders.braked
    if braked.since is not None and now - braked.since > BRAKED_FOR:
        words = f"{_many(braked.orders, 'refund')} waiting for a second word"
        found.append(Need(Kind.REFUNDS, "", braked.orders, braked.amount, "", braked.since, words))
    if orders.late:
        found.append(_plain(Kind.LATE, "", orders.late, f"{_many(orders.late, 'order')} late"))
    return found


def of_proposal(proposed: Proposed, currency: str) -> Need:
    """What one operator decided and a second one has not agreed to."""
    what = f"accepted as {proposed.accepted}" if proposed.accepted else "not accepted"
    words = f"{proposed.operator} says {what}; a second operator is needed"
    subject = f"order:{proposed.order}"
    return Need(Kind.PROPOSAL, subject, 1, proposed.charge, currency, proposed.since, words)


def of_provider(health: Health, now: datetime) -> Sequence[Need]:
    """What keeps orders from a provider, or soon will."""
    gate, subject = health.gate, f"provider:{health.name}"
    found: list[Need] = []
    if gate.breaker_until is not None:
        words = f"{health.name}: breaker open: {gate.breaker_reason}"
        found.append(_plain(Kind.BREAKER, subject, gate.trips, words))
    if gate.paused_until is not None and gate.paused_until > now:
        words = f"{health.name}: paused: {gate.pause_reason}"
        found.append(_plain(Kind.PAUSED, subject, 1, words))
    if gate.sync_error:
        words = f"{health.name}: {gate.sync_error}"
        found.append(Need(Kind.SYNC, subject, 1, None, "", gate.synced_at, words))
    if health.days_left is not None and health.days_left < BALANCE_DAYS_MIN:
        hours = int(EXACT.multiply(health.days_left, Decimal(24)))
        words = f"{health.name}: balance lasts {hours} h at this pace"
        need = _plain(Kind.BALANCE, subject, 1, words)
        found.append(replace(need, amount=gate.balance, currency=health.currency, first=True))
    if waiting := gate.quarantined + gate.waiting:
        words = f"{health.name}: {_many(waiting, 'offer')} wait for agreement"
        found.append(_plain(Kind.OFFERS, subject, waiting, words))
    return found


def of_odd(odd: Odd) -> Need | None:
    """Discrepancies that wait for a person, if they do."""
    count = odd.count if odd.kind in STOPPING else odd.lasting if odd.kind in LASTING else 0
    if not count:
        return None
    kind = Kind.DISCREPANCY
    if odd.kind in (Class.NET, Class.BALANCE):
        kind = Kind.HALTED
    elif odd.kind is Class.FORMAT and odd.whole:
        kind = Kind.STOPPED
    words = f"{odd.provider}: {_many(count, 'discrepancy', 'discrepancies')} {odd.kind}"
    if count == 1 and odd.note:
        words = f"{words}: {odd.note}"
    subject = f"discrepancies:{odd.kind}:{odd.provider}"
    first = odd.kind in STOPPING
    return Need(kind, subject, count, odd.amount, "", odd.since, words, first)


def of_restored(reason: str, since: datetime) -> Need:
    """A restored backup, before somebody has released it."""
    return Need(Kind.HALTED, "restoration:", 1, None, "", since, f"nothing is sent: {reason}")


def of_sentences(provider: str, count: int, since: datetime) -> Need:
    """What a provider says and no dialect knows."""
    words = f"{provider}: {_many(count, 'unknown sentence')}"
    return Need(Kind.SENTENCES, f"provider:{provider}", count, None, "", since, words)


def ranked(needs: Iterable[Need]) -> Sequence[Need]:
    """Losses first, the deepest first; then money in doubt, the most first; the rest by age.

    What stops sending comes before the rest; so does what is marked as `first`.
    """
    return sorted(needs, key=_place)


def _plain(kind: Kind, subject: str, count: int, words: str) -> Need:
    return Need(kind, subject, count, None, "", None, words)


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count} {one}" if count == 1 else f"{count} {more or one + 's'}"


def _place(need: Need) -> tuple[int, Decimal, bool, Decimal, str, str]:
    tier = _TIERS.get(need.kind, _LAST_TIER - 1 if need.first else _LAST_TIER)
    amount = ZERO if need.amount is None else abs(need.amount)
    # of what is about money in doubt the most comes first, of the rest the oldest
    by_amount = EXACT.minus(amount) if tier < _TIERS[Kind.HALTED] else ZERO
    began = ZERO if need.since is None else Decimal(int(need.since.timestamp()))
    return tier, by_amount, need.since is None, began, need.kind, need.subject
