"""Reading the answers to `status` and `balance` (protocol.md 2.1 and 3.3)."""

from collections.abc import Iterator, Mapping, Sequence

from gateway.dialects.json_text import Json
from gateway.dialects.refused import opened, refusal_text, refused
from gateway.dialects.spelling import RefusalShape, Spelling, Statuses
from gateway.dialects.values import (
    REFUSAL_CHARACTERS_MAX,
    WORD_CHARACTERS_MAX,
    amount,
    flag,
    folded,
    line,
    whole,
)
from gateway.domain.observations import Balance, Observation, Refused, Unclear
from gateway.domain.refusals import Code

CURRENCY_CHARACTERS_MAX = 16

_ID = "order"


def read_status(
    spelling: Spelling, orders: Sequence[str], status: int, body: bytes
) -> Mapping[str, Observation | Refused] | Refused | Unclear:
    """What is said of each order that was asked for, under the id that was asked for.

    Orders without a row are absent. A refusal of a whole batch is no answer for any single order.
    """
    answer = opened(spelling, status, body)
    if isinstance(answer, Refused):
        alone = len(orders) == 1 and answer.code is Code.ORDER_NOT_FOUND
        return {orders[0]: answer} if alone else answer
    if isinstance(answer, Unclear):
        return answer
    rows = _rows(spelling.statuses, orders, answer)
    if rows is None:
        return Unclear("no rows that name their orders")
    return _by_order(spelling, frozenset(orders), rows)


def read_balance(spelling: Spelling, status: int, body: bytes) -> Balance | Refused | Unclear:
    """What we have left there."""
    answer = opened(spelling, status, body)
    if isinstance(answer, Refused | Unclear):
        return answer
    if not isinstance(answer, dict):
        return Unclear("no balance")
    left = amount(answer.get(spelling.balances.amount.name))
    if left is None:
        return Unclear("no balance that can be read")
    return Balance(left, _currency(answer.get(spelling.balances.currency.name)))


def _rows(
    statuses: Statuses, orders: Sequence[str], answer: Json
) -> Iterator[tuple[str, Json]] | None:
    """Pairs of an id and its row; None when nothing tells whose the rows are."""
    if isinstance(answer, list):
        return (pair for row in answer if isinstance(row, dict) for pair in _named(row))
    if not isinstance(answer, dict):
        return None
    if _ID in answer:
        return iter(_named(answer))
    if _is_row(statuses, answer):
        return iter([(orders[0], answer)]) if len(orders) == 1 else None
    by_id = all(name.isdecimal() for name in answer) or any(name in answer for name in orders)
    return iter(answer.items()) if by_id else None


def _named(row: dict[str, Json]) -> list[tuple[str, Json]]:
    """A row that names its order, or a map of rows within a list."""
    if _ID in row:
        return [(line(row[_ID], WORD_CHARACTERS_MAX), row)]
    return list(row.items())


def _is_row(statuses: Statuses, answer: dict[str, Json]) -> bool:
    keys = (statuses.status, statuses.charge, statuses.remains, statuses.start_count)
    return any(key.name in answer for key in keys)


def _by_order(
    spelling: Spelling, asked: frozenset[str], rows: Iterator[tuple[str, Json]]
) -> dict[str, Observation | Refused]:
    found: dict[str, Observation | Refused] = {}
    disputed: set[str] = set()
    for order, row in rows:
        seen = _read_row(spelling.statuses, spelling.refusals, row) if order in asked else None
        if seen is not None and found.setdefault(order, seen) != seen:
            disputed.add(order)
    for order in disputed:  # two rows that differ say nothing
        del found[order]
    return found


def _read_row(
    statuses: Statuses, shapes: Sequence[RefusalShape], row: Json
) -> Observation | Refused | None:
    if isinstance(row, str):
        return refused(line(row, REFUSAL_CHARACTERS_MAX))
    if not isinstance(row, dict):
        return None
    if text := refusal_text(shapes, row):
        return refused(text)
    if flag(row.get("error")) or isinstance(row.get("error"), dict | list):
        return Refused(None, "an error without a text")
    raw_word = line(row.get(statuses.status.name), WORD_CHARACTERS_MAX)
    word = statuses.words_read.get(folded(raw_word))
    return Observation(
        word=word,
        charge=amount(row.get(statuses.charge.name)),
        start_count=whole(row.get(statuses.start_count.name)),
        remains=whole(row.get(statuses.remains.name)),
        currency=_currency(row.get(statuses.currency.name)) if statuses.currency else None,
        raw_word="" if word else raw_word,
    )


def _currency(value: Json) -> str | None:
    return line(value, CURRENCY_CHARACTERS_MAX).upper() or None
