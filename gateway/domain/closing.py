"""What closes each class of discrepancy, and which entries may name it (money.md 7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from gateway.domain.targets import Class


class Into(StrEnum):
    """Where an amount that is not explained may be booked."""

    SUSPENSE = "suspense"
    LOSS = "loss"
    ADJUSTMENT = "adjustment"


CLOSED_BY: Mapping[Class, str] = {
    Class.ROUNDING: "itself: it is posted to rounding",
    Class.RATE_MOVED: "itself: the cost is corrected",
    Class.UNCHARGED: "a balance that explains it; after 7 days an entry to adjustment",
    Class.REFUND_OWED: "his credit, once seen; else a ticket there, then an entry to loss",
    Class.FOREIGN: "the order found, or his credit; of a claim given up an entry to loss",
    Class.VANISHED: "a status that he gives again; else a note",
    Class.STUCK: "a change of its status, a cancel, or a note",
    Class.BACKWARDS: "itself, by the next status; else a note",
    Class.FORMAT: "an answer that can be read; once a currency was put right, a note",
    Class.UNKNOWN_CREDIT: "what was paid in, booked as funds; else an entry to adjustment",
    Class.NET: "the books put right, then a note: sending stands still until then",
    Class.BALANCE: "the books put right, then a note: that account stands still until then",
}
"""In words for operators: what of it happens by itself, and what closing it by hand can do."""

MAY_BE_BOOKED: Mapping[Class, frozenset[Into]] = {
    Class.UNCHARGED: frozenset({Into.SUSPENSE, Into.ADJUSTMENT}),
    Class.REFUND_OWED: frozenset({Into.SUSPENSE, Into.LOSS}),
    Class.FOREIGN: frozenset({Into.SUSPENSE, Into.LOSS}),
    Class.UNKNOWN_CREDIT: frozenset({Into.SUSPENSE, Into.ADJUSTMENT}),
}
"""Entries that name a discrepancy; all of them close it but the one that sets it aside."""

OUR_BUGS = frozenset({Class.NET, Class.BALANCE})
"""They close only once what found them finds nothing more."""

UNCHARGED_FOR = timedelta(days=7)
"""So long a provider may still charge what he has not."""


@dataclass(frozen=True, slots=True)
class Case:
    """What closing must know of a discrepancy. `entry`: one names it that does not only set aside.

    `difference` None: no amount is known. `of_order`: else it is a whole provider's.
    """

    kind: Class
    difference: Decimal | None
    age: timedelta
    of_order: bool
    entry: bool
    aside: bool


def why_not(case: Case, into: Into | None) -> str:
    """Why an operator cannot close it so, or set it aside; empty when he can. None: by a note."""
    if into is None:
        needs_an_entry = case.kind in MAY_BE_BOOKED and case.difference and not case.entry
        return f"{case.kind} is closed by {CLOSED_BY[case.kind]}" if needs_an_entry else ""
    if into not in MAY_BE_BOOKED.get(case.kind, frozenset()):
        return f"{case.kind} is not booked as {into}: it is closed by {CLOSED_BY[case.kind]}"
    if not case.difference:
        return "no amount is known that could be booked"
    if case.of_order and into is not Into.LOSS:
        return "what an order cost is booked already: only its loss can be told apart"
    if into is Into.SUSPENSE and case.aside:
        return "it was set aside already"
    if case.kind is Class.UNCHARGED and into is Into.ADJUSTMENT and case.age < UNCHARGED_FOR:
        return f"he may charge it until {UNCHARGED_FOR.days} days have passed"
    return ""
