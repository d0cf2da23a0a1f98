"""Which placements of a set are accepted, in order of arrival (money.md 2)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.money import EXACT, ZERO
from gateway.domain.refusals import Code, Refusal

Purse = tuple[int, str]
"""A customer's id and a currency."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What the decision needs of a placement."""

    customer: int
    currency: str
    charge: Decimal
    request_id: str | None = None
    input_sha256: bytes = b""


@dataclass(frozen=True, slots=True)
class Repeat:
    """An earlier placement under the same request id, and the hash of what it asked for."""

    input_sha256: bytes
    order: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Accepted under an order id, or refused; `same_as` is the place of its twin in the set."""

    order: int | None = None
    refusal: Refusal | None = None
    same_as: int | None = None

    @property
    def fresh(self) -> bool:
        """Whether an order must be written for it."""
        return self.order is None and self.refusal is None and self.same_as is None


def fingerprint(fields: Mapping[str, str | tuple[str, ...]]) -> bytes:
    """The hash of what was asked, by which a repetition under the same request id is told."""
    return hashlib.sha256(json.dumps(sorted(fields.items())).encode()).digest()


def decide(
    asks: Sequence[Ask],
    purses: Mapping[Purse, Decimal],
    repeats: Mapping[tuple[int, str], Repeat],
) -> list[Verdict]:
    """A verdict for each placement of a set; a large one refused leaves room for smaller ones.

    `purses` are the locked balances, `repeats` the request ids that are known already.
    """
    left = dict(purses)
    seen: dict[tuple[int, str], int] = {}
    verdicts: list[Verdict] = []
    for index, ask in enumerate(asks):
        verdict = _repeated(ask, repeats, seen, asks) or _paid(ask, left)
        verdicts.append(verdict)
        if verdict.fresh and ask.request_id:
            seen[ask.customer, ask.request_id] = index
    return verdicts


def numbered(verdicts: Sequence[Verdict], orders: Mapping[int, int]) -> list[int | Refusal]:
    """The answers, once the fresh ones have their order ids (by their place in the set)."""
    answers: list[int | Refusal] = []
    for index, verdict in enumerate(verdicts):
        if verdict.refusal:
            answers.append(verdict.refusal)
        elif verdict.order is not None:
            answers.append(verdict.order)
        else:
            answers.append(orders[index if verdict.same_as is None else verdict.same_as])
    return answers


def _repeated(
    ask: Ask,
    repeats: Mapping[tuple[int, str], Repeat],
    seen: Mapping[tuple[int, str], int],
    asks: Sequence[Ask],
) -> Verdict | None:
    if not ask.request_id:
        return None
    key = (ask.customer, ask.request_id)
    if key in repeats:
        if repeats[key].input_sha256 == ask.input_sha256:
            return Verdict(order=repeats[key].order)
        return Verdict(refusal=Refusal(Code.REUSED_REQUEST_ID))
    if key in seen:
        if asks[seen[key]].input_sha256 == ask.input_sha256:
            return Verdict(same_as=seen[key])
        return Verdict(refusal=Refusal(Code.REUSED_REQUEST_ID))
    return None


def _paid(ask: Ask, left: dict[Purse, Decimal]) -> Verdict:
    purse = (ask.customer, ask.currency)
    if left.get(purse, ZERO) < ask.charge:
        return Verdict(refusal=Refusal(Code.FUNDS))
    left[purse] = EXACT.subtract(left[purse], ask.charge)
    return Verdict()
