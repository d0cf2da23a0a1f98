"""Reading the answers to `status` and `balance` (protocol.md 2.1 and 3.3)."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.dialects.json_text import Json
from gateway.dialects.refused import NAMELESS, opened, refusal_text, refused
from gateway.dialects.rows import by_id, rows_of
from gateway.dialects.spelling import Key, Spelling, Statuses
from gateway.dialects.values import (
    REFUSAL_CHARACTERS_MAX,
    amount,
    flag,
    folded,
    line,
    whole,
    word_line,
)
from gateway.domain.observations import Balance, Observation, Refused, Unclear, Word
from gateway.domain.refusals import Code

CURRENCY_CHARACTERS_MAX = 16
CHILDREN_MAX = 10_000
END_WORDS = frozenset({Word.COMPLETED, Word.PARTIAL, Word.CANCELED, Word.EXPIRED})

BALANCE_UNREADABLE = "no balance that can be read"
_ORDER = Key("order")
_CHILD = re.compile(r"[!-+\--~]{1,64}")


def read_status(
    spelling: Spelling,
    orders: Sequence[str],
    status: int,
    body: bytes,
    noted: Counter[str] | None = None,
) -> Mapping[str, Observation | Refused] | Refused | Unclear:
    """What is said of each order that was asked for, under the id that was asked for.

    Orders without a row are absent. A refusal of a whole batch is no answer for any single order.
    """
    statuses = spelling.statuses
    answer = opened(spelling, status, body, noted, statuses.within)
    if isinstance(answer, Refused):
        alone = len(orders) == 1 and answer.code is Code.ORDER_NOT_FOUND
        return {orders[0]: answer} if alone else answer
    if isinstance(answer, Unclear):
        return answer
    named_by = statuses.order or _ORDER
    rows = rows_of(answer, orders, named_by, lambda row: _is_row(statuses, row))
    if rows is None:
        return Unclear("no rows that name their orders")
    rare = _rare(spelling)
    return by_id(orders, rows, lambda _, row: _read_row(spelling, row, rare), noted)


def read_balance(
    spelling: Spelling, status: int, body: bytes, noted: Counter[str] | None = None
) -> Balance | Refused | Unclear:
    """What we have left there."""
    answer = opened(spelling, status, body, noted, spelling.balances.within)
    if isinstance(answer, Refused | Unclear):
        return answer
    if not isinstance(answer, dict):
        return Unclear("no balance")
    left = amount(spelling.balances.amount.of(answer))
    if left is None:
        return Unclear(BALANCE_UNREADABLE)
    return Balance(left, _currency(spelling, spelling.balances.currency, answer))


def _is_row(statuses: Statuses, answer: dict[str, Json]) -> bool:
    keys = (statuses.status, statuses.charge, statuses.remains, statuses.start_count)
    return any(key.of(answer) is not None or key.name in answer for key in keys)


@dataclass(frozen=True, slots=True)
class _Rare:
    """Keys that few rows have: what depends on them is not even looked for in the others."""

    of_refusals: frozenset[str]
    of_parents: frozenset[str]


def _rare(spelling: Spelling) -> _Rare:
    statuses = spelling.statuses
    parents = (statuses.children, statuses.posts, statuses.runs)
    return _Rare(
        frozenset({"error", *(shape.text.partition(".")[0] for shape in spelling.refusals)}),
        frozenset(name for key in parents for name in (key.name, *key.also_read)),
    )


def _read_row(spelling: Spelling, row: Json, rare: _Rare) -> Observation | Refused | None:
    if isinstance(row, str):
        return refused(spelling, line(row, REFUSAL_CHARACTERS_MAX))
    if not isinstance(row, dict):
        return None
    if not rare.of_refusals.isdisjoint(row):
        if text := refusal_text(spelling.refusals, row):
            return refused(spelling, text)
        if flag(row.get("error")) or isinstance(row.get("error"), dict | list):
            return NAMELESS
    statuses = spelling.statuses
    raw_word = word_line(statuses.status.of(row))
    word = statuses.words_read.get(folded(raw_word))
    remains = whole(statuses.remains.of(row))
    if remains == 0 and statuses.zero_remains_unknown and word not in END_WORDS:
        remains = None
    seen = Observation(
        word=word,
        charge=amount(statuses.charge.of(row)),
        start_count=whole(statuses.start_count.of(row)),
        remains=remains,
        currency=_currency(spelling, statuses.currency, row),
        raw_word="" if word else raw_word,
    )
    if rare.of_parents.isdisjoint(row):
        return seen
    return replace(
        seen,
        children=_children(statuses.children.of(row)),
        posts=whole(statuses.posts.of(row)),
        runs=whole(statuses.runs.of(row)),
    )


def _children(value: Json) -> tuple[str, ...] | None:
    """All ids of a list, each once. One that cannot be read hides a cost, so then none is known."""
    if not isinstance(value, list) or len(value) > CHILDREN_MAX:
        return None
    ids = [str(each) for each in value if type(each) in {int, str}]
    if len(ids) < len(value) or not all(map(_CHILD.fullmatch, ids)):
        return None
    return tuple(dict.fromkeys(ids))


def _currency(spelling: Spelling, key: Key | None, row: dict[str, Json]) -> str | None:
    if key is None or spelling.constant_currency:
        return None
    return word_line(key.of(row))[:CURRENCY_CHARACTERS_MAX].rstrip().upper() or None
