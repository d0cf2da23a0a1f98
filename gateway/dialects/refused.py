"""Refusals in a panel's answer: their shapes, and what they say to a read (protocol.md 3.3)."""

from collections import Counter
from collections.abc import Sequence

from gateway.dialects.answer_keys import answer_keys
from gateway.dialects.corpus import Doubt, Own, classify
from gateway.dialects.json_text import Json
from gateway.dialects.spelling import RefusalShape, Spelling
from gateway.dialects.tolerant import fold_keys, read_tolerantly
from gateway.dialects.values import REFUSAL_CHARACTERS_MAX, line
from gateway.domain.observations import Refused, Unclear
from gateway.domain.refusals import Code

CREATED = 201
ANSWERED = frozenset({200, CREATED})
"""A few frameworks answer every POST with 201."""
OBJECTS_MAX = 400_000
NAMELESS = Refused(None, "an error without a text")


def refusal_text(shapes: Sequence[RefusalShape], answer: Json) -> str | None:
    """The sentence of an answer in one of the shapes; None for any other answer."""
    if not isinstance(answer, dict):
        return None
    for shape in shapes:
        text = _at(answer, shape.text)
        if shape.listed and isinstance(text, list):
            text = "; ".join(each for each in text if isinstance(each, str))
        if isinstance(text, str) and all(
            str(_at(answer, name)).casefold() == word for name, word in shape.where.items()
        ):
            return line(text, REFUSAL_CHARACTERS_MAX) or None
    return None


def _at(answer: Json, path: str) -> Json:
    """The value that a path leads to, its keys joined with dots."""
    for name in path.split("."):
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


def own_sentences(spelling: Spelling) -> Own:
    """What this dialect's refusals mean, its panel's own sentences last."""
    return (
        *spelling.texts.items(),
        *spelling.order_texts.items(),
        *spelling.row_texts.items(),
        *((code, text) for text, code in spelling.meanings.items()),
    )


def meaning_of(spelling: Spelling, text: str, *, of_add: bool = False) -> Code | Doubt | None:
    """What a panel of this dialect means by a sentence; None for one never seen."""
    return classify(text, of_add=of_add, own=own_sentences(spelling))


def refused(spelling: Spelling, text: str) -> Refused:
    """A refusal of a read. Doubt has no meaning there: asking again is harmless."""
    meaning = meaning_of(spelling, text)
    return Refused(None if isinstance(meaning, Doubt) else meaning, text)


def opened(
    spelling: Spelling,
    status: int,
    body: bytes,
    noted: Counter[str] | None = None,
    within: Sequence[str] = (),
) -> Json | Refused | Unclear:
    """The value of a read's answer, unless it refuses or cannot be read.

    `within`: the keys that lead to it. `noted` counts what had to be repaired.
    """
    if status == 429:
        text = refusal_text(spelling.refusals, read_tolerantly(body, noted))
        return Refused(Code.RATE_LIMIT, text or "HTTP 429")
    if status not in ANSWERED and not 400 <= status < 500:
        return Unclear(f"HTTP {status}")
    answer = read_tolerantly(body, noted)
    if body.count(b"{") <= OBJECTS_MAX:  # more than any panel has services: nobody means them
        answer = fold_keys(answer, answer_keys(spelling), noted)
    if text := refusal_text(spelling.refusals, answer):
        return refused(spelling, text)
    if status not in ANSWERED:
        return Unclear(f"HTTP {status}")
    for name in within:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return Unclear("the answer is no strictly valid JSON") if answer is None else answer
