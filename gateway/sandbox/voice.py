"""What the sandbox says of orders, refills and cancels, in its dialect's words."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from gateway.dialects.dialect import Dialect
from gateway.dialects.json_text import Json
from gateway.dialects.messages import AskCancel, AskRefill, AskRefillStatus, AskStatus
from gateway.domain.observations import Balance, Observation, RefillSeen, Taken, Word
from gateway.domain.refusals import Code, Refusal
from gateway.sandbox.cancels import Cancels
from gateway.sandbox.fates import Fates
from gateway.sandbox.orders import Order, Orders
from gateway.sandbox.refills import Refills
from gateway.sandbox.terms import Terms

# what a family of panels prints whatever it bills in
CONSTANT_CURRENCY = "USD"

Row = TypeVar("Row")
AskOfOrders = AskStatus | AskRefill | AskRefillStatus | AskCancel


class Voice:
    """Does what is asked of orders that were taken, and says how they stand."""

    def __init__(self, dialect: Dialect, orders: Orders) -> None:
        self.refills = Refills()
        self.cancels = Cancels(orders)
        self._dialect = dialect
        self._orders = orders
        # otherwise only the order itself tells how its refill goes
        self._shows_refills = not dialect.refill_status_usable

    def balance(self, terms: Terms) -> Json:
        """What is left."""
        return self._dialect.answer_balance(Balance(self._orders.balance, self._currency(terms)))

    def answer(
        self, ask: AskOfOrders, terms: Terms, fates: Fates, now: datetime
    ) -> tuple[Json, Refusal | None]:
        """The answer, and the refusal that it consists of if it is one."""
        match ask:
            case AskStatus(orders, many):
                told = self._each(orders, lambda order: self._observed(order, terms, now))
                answer = self._dialect.answer_status(told, many=many)
                if any(
                    isinstance(row, Observation) and row.charge is None for row in told.values()
                ):
                    answer = _without_nulls(answer)
                return answer, _refusal(told, answer, many=many)
            case AskRefill(orders, many):
                asked = self._each(orders, lambda order: self._refill(order, fates, now))
                answer = self._dialect.answer_refill(asked, many=many)
                return answer, _refusal(asked, answer, many=many)
            case AskCancel(orders, many):
                asked = self._each(orders, lambda order: self._cancel(order, fates, now))
                answer = self._dialect.answer_cancel(asked, many=many)
                return answer, _refusal(asked, answer, many=many)
            case AskRefillStatus(refills, many):
                seen = {each: self._refill_seen(each, now) for each in refills}
                answer = self._dialect.answer_refill_status(seen, many=many)
                return answer, _refusal(seen, answer, many=many)

    def _each(self, orders: Sequence[str], say: Callable[[Order], Row]) -> dict[str, Row | Refusal]:
        rows: dict[str, Row | Refusal] = {}
        for asked in orders:
            order = self._orders.find(asked)
            try:
                rows[asked] = say(order) if order else Refusal(Code.ORDER_NOT_FOUND)
            except Refusal as refusal:
                rows[asked] = refusal
        return rows

    def _observed(self, order: Order, terms: Terms, now: datetime) -> Observation:
        if order.family is not None and not terms.plain_parents:
            return order.family.told(now)
        at = order.stand(now)
        refilled = self._shows_refills and self.refills.is_running(order, now)
        word = Word.IN_PROGRESS if refilled else at.word
        currency = self._currency(terms)
        return Observation(word, at.charge, at.start_count, at.remains, currency)

    def _refill(self, order: Order, fates: Fates, now: datetime) -> Taken:
        return Taken(str(self.refills.ask(order, fates, now).id))

    def _cancel(self, order: Order, fates: Fates, now: datetime) -> Taken:
        self.cancels.ask(order, fates, now)
        return Taken()

    def _refill_seen(self, asked: str, now: datetime) -> RefillSeen | Refusal:
        refill = self.refills.find(asked)
        return RefillSeen(refill.word(now)) if refill else Refusal(Code.REFILL_NOT_FOUND)

    def _currency(self, terms: Terms) -> str:
        constant = self._dialect.spelling.constant_currency
        return CONSTANT_CURRENCY if constant else terms.currency


def _refusal(rows: Mapping[str, object], answer: Json, *, many: bool) -> Refusal | None:
    """A list of one row is an answer that holds a refusal, and not itself one."""
    first = next(iter(rows.values()), None)
    return first if isinstance(first, Refusal) and not many and isinstance(answer, dict) else None


def _without_nulls(answer: Json) -> Json:
    """What an order with a family does not tell is left out, as panels do."""
    if isinstance(answer, list):
        return [_without_nulls(each) for each in answer]
    if isinstance(answer, dict):
        return {name: _without_nulls(each) for name, each in answer.items() if each is not None}
    return answer
