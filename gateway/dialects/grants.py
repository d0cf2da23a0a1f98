"""Reading the answers to `refill`, `refill_status` and `cancel` (protocol.md 2.1 and 3.3).

None of them moves money and asking again is harmless, so any plain sign of a yes is taken.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from gateway.dialects.corpus import Doubt
from gateway.dialects.json_text import Json
from gateway.dialects.refused import NAMELESS, meaning_of, opened, refusal_text, refused
from gateway.dialects.rows import OF_ONE, by_id, rows_of
from gateway.dialects.spelling import Grants, Key, Spelling
from gateway.dialects.values import (
    REFUSAL_CHARACTERS_MAX,
    WORD_CHARACTERS_MAX,
    flag,
    folded,
    line,
)
from gateway.domain.observations import RefillSeen, Refused, Taken, Unclear

Seen = TypeVar("Seen", Taken, RefillSeen)

_TAKEN = Taken()
_TAKEN_WORDS = frozenset(
    {"success", "ok", "true", "yes", "requested", "accepted", "pending", "processing"}
)
_REQUEST = re.compile(r"(?=.*[1-9])[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class _Rows(Generic[Seen]):
    """How rows name their id, what looks like one, and what one says.

    `unseen_is_its_own`: an unknown refusal of a single id is that one's, not the call's.
    """

    named_by: Key
    is_row: Callable[[dict[str, Json]], bool]
    read: Callable[[str, Json], Seen | Refused | None]
    unseen_is_its_own: bool


def read_refill(
    spelling: Spelling,
    orders: Sequence[str],
    status: int,
    body: bytes,
    noted: Counter[str] | None = None,
) -> Mapping[str, Taken | Refused] | Refused | Unclear:
    """Which orders' refills were taken note of, by the orders that were asked for.

    Orders without a row are absent. An id that is the order's own is not trusted.
    """
    answer = opened(spelling, status, body, noted, spelling.refills.within)
    return _read(spelling, orders, answer, _grants(spelling, spelling.refills), noted)


def read_cancel(
    spelling: Spelling,
    orders: Sequence[str],
    status: int,
    body: bytes,
    noted: Counter[str] | None = None,
) -> Mapping[str, Taken | Refused] | Refused | Unclear:
    """As `read_refill`, for cancels. An id that a panel gives one has no use and is not kept."""
    answer = opened(spelling, status, body, noted, spelling.cancels.within)
    rows = _read(spelling, orders, answer, _grants(spelling, spelling.cancels), noted)
    if isinstance(rows, Refused | Unclear):
        return rows
    return {order: _TAKEN if isinstance(row, Taken) else row for order, row in rows.items()}


def read_refill_status(
    spelling: Spelling,
    refills: Sequence[str],
    status: int,
    body: bytes,
    noted: Counter[str] | None = None,
) -> Mapping[str, RefillSeen | Refused] | Refused | Unclear:
    """How far each refill is, by the panel's ids of refills; those without a row are absent."""
    named_by, key = spelling.refill_statuses.refill, spelling.refill_statuses.status
    answer = opened(spelling, status, body, noted, spelling.refill_statuses.within)
    rows = _Rows(
        named_by,
        lambda row: key.of(row) is not None,
        lambda _, row: _refill_seen(spelling, key, row),
        unseen_is_its_own=False,
    )
    return _read(spelling, refills, answer, rows, noted)


def _read(
    spelling: Spelling,
    ids: Sequence[str],
    answer: Json | Refused | Unclear,
    rows: _Rows[Seen],
    noted: Counter[str] | None,
) -> Mapping[str, Seen | Refused] | Refused | Unclear:
    if isinstance(answer, Unclear):
        return answer
    if isinstance(answer, Refused):
        if isinstance(meaning_of(spelling, answer.text, of_add=True), Doubt):
            return Unclear(f"a doubtful refusal: {answer.text}")
        own = answer.code in OF_ONE or (answer.code is None and rows.unseen_is_its_own)
        return {ids[0]: answer} if own and len(ids) == 1 else answer
    pairs = rows_of(answer, ids, rows.named_by, rows.is_row, alone=True)
    if pairs is None:
        return Unclear("no rows that name what they are about")
    return by_id(ids, pairs, rows.read, noted)


def _grants(spelling: Spelling, grants: Grants) -> _Rows[Taken]:
    return _Rows(
        grants.order,
        lambda row: grants.key.of(row) is not None or _says_yes(row),
        lambda order, row: _grant(spelling, grants.key, order, row),
        unseen_is_its_own=True,
    )


def _grant(spelling: Spelling, key: Key, order: str, row: Json) -> Taken | Refused | None:
    if not isinstance(row, dict):
        return _granted(spelling, order, row)
    if no := _refusal(spelling, row):
        return no
    value = key.of(row)
    if isinstance(value, dict):
        return _refusal(spelling, value)
    if value is None:
        return _TAKEN if _says_yes(row) else None
    return _granted(spelling, order, value)


def _granted(spelling: Spelling, order: str, value: Json) -> Taken | Refused | None:
    """A yes by its value: a number, a word or the id that the request got."""
    if flag(value) is True:
        return _TAKEN if isinstance(value, bool) or value == "true" else _request("1", order)
    text = "" if isinstance(value, Decimal) else line(value, REFUSAL_CHARACTERS_MAX)
    if folded(text) in _TAKEN_WORDS:
        return _TAKEN
    if _REQUEST.fullmatch(text):
        return _request(text, order)
    known = meaning_of(spelling, text)
    return None if known is None or isinstance(known, Doubt) else Refused(known, text)


def _request(request: str, order: str) -> Taken:
    return _TAKEN if request == order else Taken(request)


def _says_yes(row: dict[str, Json]) -> bool:
    """`success` with any sentence, or the acceptance word in `status`; no id is needed."""
    success = row.get("success")
    if isinstance(success, str):
        return bool(success.strip()) and flag(success.strip().casefold()) is not False
    return bool(flag(success)) or folded(line(row.get("status"), WORD_CHARACTERS_MAX)) == "success"


def _refill_seen(spelling: Spelling, key: Key, row: Json) -> RefillSeen | Refused | None:
    if isinstance(row, dict):
        if no := _refusal(spelling, row):
            return no
        row = key.of(row)
        if isinstance(row, dict):
            return _refusal(spelling, row)
    text = line(row, REFUSAL_CHARACTERS_MAX)
    if word := spelling.refill_statuses.words_read.get(folded(text)):
        return RefillSeen(word)
    known = meaning_of(spelling, text)
    if known is not None and not isinstance(known, Doubt):
        return Refused(known, text)
    raw_word = text[:WORD_CHARACTERS_MAX].rstrip()
    return RefillSeen(None, raw_word) if raw_word else None


def _refusal(spelling: Spelling, row: dict[str, Json]) -> Refused | None:
    if text := refusal_text(spelling.refusals, row):
        return refused(spelling, text)
    error = row.get("error")
    return NAMELESS if flag(error) or isinstance(error, dict | list) else None
