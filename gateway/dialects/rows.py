"""Rows of a batch, told apart by the ids that we asked for, never by position (protocol.md 2.1)."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from gateway.dialects.json_text import Json
from gateway.dialects.spelling import Key
from gateway.dialects.values import WORD_CHARACTERS_MAX, line
from gateway.domain.observations import Refused
from gateway.domain.refusals import Code

ROWS_MAX = 10_000

NOT_ASKED = "a row that was not asked for"

# what a panel says of one order or refill; any other refusal is of the call
OF_ONE = frozenset(
    {
        Code.ORDER_NOT_FOUND,
        Code.REFILL_NOT_FOUND,
        Code.REFILL_REFUSED,
        Code.REFILL_IN_PROGRESS,
        Code.CANCEL_REFUSED,
        Code.CANCEL_IN_PROGRESS,
    }
)

Pairs = Iterable[tuple[str, Json]]
Row = TypeVar("Row")


def rows_of(
    answer: Json,
    ids: Sequence[str],
    named_by: Key,
    is_row: Callable[[dict[str, Json]], bool],
    *,
    alone: bool = False,
) -> Pairs | None:
    """Pairs of an id and its row; None when nothing tells whose they are, or they are far too many.

    `alone`: the only row of a list is the only id's that was asked for, also without a name.
    """
    if not isinstance(answer, dict | list) or len(answer) > ROWS_MAX:
        return None
    if isinstance(answer, list):
        first = answer[0] if alone and len(ids) == len(answer) == 1 else None
        if isinstance(first, dict) and named_by.of(first) is None and is_row(first):
            return [(ids[0], first)]
        return (pair for row in answer if isinstance(row, dict) for pair in _named(named_by, row))
    if named_by.of(answer) is not None:
        return _named(named_by, answer)
    if is_row(answer):
        return [(ids[0], answer)] if len(ids) == 1 else None
    by_id = all(name.isdecimal() for name in answer) or any(name in answer for name in ids)
    return _mapped(named_by, answer) if by_id else None


def by_id(
    ids: Sequence[str],
    rows: Pairs,
    read: Callable[[str, Json], Row | Refused | None],
    noted: Counter[str] | None = None,
) -> dict[str, Row | Refused]:
    """What is said of each id. Two rows that differ say nothing; a row may say nothing, too."""
    asked = frozenset(ids)
    found: dict[str, Row | Refused] = {}
    disputed: set[str] = set()
    for name, row in rows:
        if name not in asked:
            if noted is not None:
                noted[NOT_ASKED] += 1
            continue
        seen = read(name, row)
        if seen is None:
            continue
        before = found.setdefault(name, seen)
        if before is not seen and before != seen:
            disputed.add(name)
    for name in disputed:
        del found[name]
    return found


def _named(named_by: Key, row: dict[str, Json]) -> list[tuple[str, Json]]:
    """A row that names its id, or a map of rows within a list."""
    name = named_by.of(row)
    if name is None:
        return _mapped(named_by, row)
    return [(line(name, WORD_CHARACTERS_MAX), row)]


def _mapped(named_by: Key, rows: dict[str, Json]) -> list[tuple[str, Json]]:
    """Rows under their ids, but for those that name another one themselves."""
    pairs: list[tuple[str, Json]] = []
    for name, row in rows.items():
        own = named_by.of(row) if isinstance(row, dict) else None
        if own is None or line(own, WORD_CHARACTERS_MAX) == name:
            pairs.append((name, row))
    return pairs
