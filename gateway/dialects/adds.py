"""Reading the answer to `add`: strictly, or it proves nothing (protocol.md 3.2, money.md 3)."""

import re
from collections.abc import Mapping

from gateway.dialects import json_text
from gateway.dialects.corpus import Doubt
from gateway.dialects.json_text import Json
from gateway.dialects.refused import ANSWERED, CREATED, meaning_of, refusal_text
from gateway.dialects.spelling import Adds, Spelling
from gateway.domain.observations import Accepted, Refused, Unclear
from gateway.domain.refusals import Code

_IDS = frozenset({"order", "orders", "order_id", "id"})
_REFUSES = frozenset({"error", "errors"})
# whatever a panel's own pattern admits: an id is asked after in batches, joined with commas
_ID = re.compile(r"[!-+\--~]{1,64}")


def read_add(spelling: Spelling, status: int, body: bytes) -> Accepted | Refused | Unclear:
    """Accepted only with an id and no word against it; refused only in a declared shape."""
    if status not in ANSWERED and not 400 <= status < 500:
        return Unclear(f"HTTP {status}")
    answer = json_text.read(body)
    if not isinstance(answer, dict):
        if status == 429 and spelling.adds.trusts_429:
            return Refused(Code.RATE_LIMIT, "HTTP 429")
        return Unclear("the answer is no strictly valid JSON object")
    inner = _within(answer, spelling.adds.within)
    names = {name.casefold() for name in (*answer, *inner)}
    if names & _REFUSES or spelling.adds.order.name not in inner:
        if status == CREATED:
            return Unclear(f"no order, but HTTP {status}")
        return _refused(spelling, status, answer, names)
    if status not in ANSWERED:
        return Unclear(f"an order, but HTTP {status}")
    return _accepted(spelling.adds, answer, inner)


def _within(answer: dict[str, Json], keys: tuple[str, ...]) -> dict[str, Json]:
    """What the keys lead to; nothing where they lead nowhere."""
    for key in keys:
        inner = answer.get(key)
        if not isinstance(inner, dict):
            return {}
        answer = inner
    return answer


def _accepted(
    adds: Adds, answer: Mapping[str, Json], inner: Mapping[str, Json]
) -> Accepted | Unclear:
    for name, words in adds.verdicts.items():
        for each in (answer, inner):
            if name in each and str(each[name]).casefold() not in words:
                return Unclear(f"an order, but {name} does not say that it was taken")
    order = inner[adds.order.name]
    if isinstance(order, bool) or not isinstance(order, int | str):
        return Unclear("the order's id is neither a number nor a text")
    text = str(order)
    if not _ID.fullmatch(text) or not adds.id_pattern.fullmatch(text):
        return Unclear("the order's id has an unknown form")
    return Accepted(text)


def _refused(
    spelling: Spelling, status: int, answer: dict[str, Json], names: set[str]
) -> Refused | Unclear:
    text = refusal_text(spelling.refusals, answer)
    if names & (_IDS | {spelling.adds.order.name.casefold()}):
        return Unclear("a refusal beside an id" if text else "an order in no known form")
    if text is None:
        if status == 429 and spelling.adds.trusts_429:
            return Refused(Code.RATE_LIMIT, "HTTP 429")
        return Unclear("neither an order nor a refusal that this dialect knows")
    for name, words in spelling.adds.verdicts.items():
        if name in answer and str(answer[name]).casefold() in words:
            return Unclear(f"a refusal, but {name} says that it was taken")
    if status == 429:
        return Refused(Code.RATE_LIMIT, text)
    meaning = meaning_of(spelling, text, of_add=True)
    if isinstance(meaning, Doubt):
        return Unclear(f"a doubtful refusal: {text}")
    return Refused(meaning, text)
