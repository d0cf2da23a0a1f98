"""Adjustments of customers' balances: proposed, agreed to by a second operator, booked once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain import postings
from gateway.domain.money import EXACT, ZERO, plain
from gateway.storage import ledger
from gateway.storage.ledger import Posting

WAITING_MAX = 500

_COLUMNS = """
SELECT a.id, a.customer_id AS customer, c.name, c.currency, a.amount, a.reason, a.token,
       a.proposed_by, a.proposed_at, a.decided_by, a.decided_at, a.outcome, a.alone,
       a.entry_id AS entry
  FROM adjustments a JOIN customers c ON c.id = a.customer_id"""
_WAITING = text(f"{_COLUMNS} WHERE a.outcome IS NULL ORDER BY a.id LIMIT :limit")
_OF = text(f"{_COLUMNS} WHERE a.customer_id = :customer ORDER BY a.id DESC LIMIT :limit")
_FIND = text(f"{_COLUMNS} WHERE a.id = :adjustment FOR UPDATE OF a")
_BY_TOKEN = text(f"{_COLUMNS} WHERE a.token = :token")
_PROPOSE = text("""
INSERT INTO adjustments (customer_id, amount, reason, token, proposed_by)
VALUES (:customer, :amount, :reason, :token, :by) RETURNING id""")
_DECIDE = text("""
UPDATE adjustments SET outcome = :outcome, decided_by = :by, decided_at = now(), alone = :alone,
       entry_id = :entry
 WHERE id = :adjustment""")
_LOCK = text("""
SELECT available FROM balances WHERE (customer_id, currency) = (:customer, :currency)
   FOR UPDATE""")
_OTHERS = text("""
SELECT EXISTS (SELECT FROM operators WHERE enabled AND role IN ('finance', 'owner')
   AND lower(name) <> lower(:by))""")


class Short(Exception):  # noqa: N818  an expected no
    """The customer has less than is to be taken; `available` is what he has."""

    def __init__(self, available: Decimal) -> None:
        super().__init__(f"only {plain(available)} is available")
        self.available = available


class TokenTaken(Exception):  # noqa: N818  an expected no
    """An adjustment with this token is on record."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What is to be given to a customer (above 0) or taken from him, and what became of it.

    `outcome`: booked, withdrawn, or None while a second operator is waited for; `alone`: booked
    above the limit by one who said that there is no second.
    """

    id: int
    customer: int
    name: str
    currency: str
    amount: Decimal
    reason: str
    token: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    outcome: str | None
    alone: bool
    entry: int | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one operator wants adjusted. The token is the form's: it is on record once only."""

    customer: int
    amount: Decimal
    reason: str
    token: str


async def propose(connection: AsyncConnection, proposal: Proposal, by: str) -> int:
    """Put it on record; its id. Raises `TokenTaken`."""
    row = {
        "customer": proposal.customer,
        "amount": proposal.amount,
        "reason": proposal.reason,
        "token": proposal.token,
        "by": by,
    }
    try:
        number: int = (await connection.execute(_PROPOSE, row)).scalar_one()
    except IntegrityError as error:
        if "adjustments_token" in str(error.orig):
            raise TokenTaken(proposal.token) from error
        raise
    return number


async def by_token(connection: AsyncConnection, token: str) -> Adjustment | None:
    """The one with a form's token."""
    row = (await connection.execute(_BY_TOKEN, {"token": token})).mappings().first()
    return Adjustment(**row) if row else None


async def find(connection: AsyncConnection, adjustment: int) -> Adjustment | None:
    """One of them, locked."""
    row = (await connection.execute(_FIND, {"adjustment": adjustment})).mappings().first()
    return Adjustment(**row) if row else None


async def book(
    connection: AsyncConnection, adjustment: Adjustment, by: str, *, alone: bool = False
) -> int:
    """Move the money, agreed to by this operator; the entry. Raises `Short`."""
    whose = {"customer": adjustment.customer, "currency": adjustment.currency}
    available: Decimal = (await connection.execute(_LOCK, whose)).scalar_one()
    if EXACT.add(available, adjustment.amount) < ZERO:
        raise Short(available)
    entry = postings.adjust(
        adjustment.customer,
        adjustment.currency,
        adjustment.amount,
        f"adjust:{adjustment.id}",
        f"{adjustment.reason} (decided alone)" if alone else adjustment.reason,
    )
    (number,) = await ledger.post(connection, [Posting(entry)], actor=by)
    decided = {"outcome": "booked", "by": by, "alone": alone, "entry": number}
    await connection.execute(_DECIDE, {"adjustment": adjustment.id, **decided})
    return number


async def withdraw(connection: AsyncConnection, adjustment: int, by: str) -> None:
    """Nobody waits for it any more."""
    decided = {"outcome": "withdrawn", "by": by, "alone": False, "entry": None}
    await connection.execute(_DECIDE, {"adjustment": adjustment, **decided})


async def waiting(connection: AsyncConnection) -> Sequence[Adjustment]:
    """At most 500 that wait for a second operator, the longest waiting first."""
    found = await connection.execute(_WAITING, {"limit": WAITING_MAX})
    return [Adjustment(**row) for row in found.mappings()]


async def of(connection: AsyncConnection, customer: int) -> Sequence[Adjustment]:
    """A customer's newest 500, whatever became of them."""
    found = await connection.execute(_OF, {"customer": customer, "limit": WAITING_MAX})
    return [Adjustment(**row) for row in found.mappings()]


async def has_second(connection: AsyncConnection, by: str) -> bool:
    """Whether anybody else could agree."""
    return bool((await connection.execute(_OTHERS, {"by": by})).scalar())
