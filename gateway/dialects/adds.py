"""Reading the answer to `add`: strictly, or it proves nothing (protocol.md 3.2, money.md 3)."""

from gateway.dialects import json_text
from gateway.dialects.corpus import Doubt, classify
from gateway.dialects.json_text import Json
from gateway.dialects.refused import refusal_text
from gateway.dialects.spelling import Adds, Spelling
from gateway.domain.observations import Accepted, Refused, Unclear
from gateway.domain.refusals import Code

_IDS = frozenset({"order", "orders", "order_id", "id"})
_REFUSES = frozenset({"error", "errors"})


def read_add(spelling: Spelling, status: int, body: bytes) -> Accepted | Refused | Unclear:
    """Accepted only with an id and no word against it; refused only in a declared shape."""
    if status != 200 and not 400 <= status < 500:
        return Unclear(f"HTTP {status}")
    answer = json_text.read(body)
    if not isinstance(answer, dict):
        return Unclear("the answer is no strictly valid JSON object")
    names = {name.casefold() for name in answer}
    if names & _REFUSES or spelling.adds.order.name not in answer:
        return _refused(spelling, status, answer, names)
    if status != 200:
        return Unclear(f"an order, but HTTP {status}")
    return _accepted(spelling.adds, answer)


def _accepted(adds: Adds, answer: dict[str, Json]) -> Accepted | Unclear:
    for name, words in adds.verdicts.items():
        if name in answer and str(answer[name]).casefold() not in words:
            return Unclear(f"an order, but {name} does not say that it was taken")
    order = answer[adds.order.name]
    if isinstance(order, bool) or not isinstance(order, int | str):
        return Unclear("the order's id is neither a number nor a text")
    if not adds.id_pattern.fullmatch(str(order)):
        return Unclear("the order's id has an unknown form")
    return Accepted(str(order))


def _refused(
    spelling: Spelling, status: int, answer: dict[str, Json], names: set[str]
) -> Refused | Unclear:
    text = refusal_text(spelling.refusals, answer)
    if text is None:
        return Unclear("neither an order nor a refusal that this dialect knows")
    if names & (_IDS | {spelling.adds.order.name}):
        return Unclear("a refusal beside an id")
    for name, words in spelling.adds.verdicts.items():
        if name in answer and str(answer[name]).casefold() in words:
            return Unclear(f"a refusal, but {name} says that it was taken")
    if status == 429:
        return Refused(Code.RATE_LIMIT, text)
    meaning = classify(text, of_add=True)
    if isinstance(meaning, Doubt):
        return Unclear(f"a doubtful refusal: {text}")
    return Refused(meaning, text)
