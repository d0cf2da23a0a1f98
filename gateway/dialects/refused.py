"""Refusals in a panel's answer: their shapes, and what they say to a read (protocol.md 3.3)."""

from collections.abc import Sequence

from gateway.dialects import json_text
from gateway.dialects.corpus import Doubt, classify
from gateway.dialects.json_text import Json
from gateway.dialects.spelling import RefusalShape, Spelling
from gateway.dialects.values import REFUSAL_CHARACTERS_MAX, line
from gateway.domain.observations import Refused, Unclear
from gateway.domain.refusals import Code


def refusal_text(shapes: Sequence[RefusalShape], answer: Json) -> str | None:
    """The sentence of an answer in one of the shapes; None for any other answer."""
    if not isinstance(answer, dict):
        return None
    for shape in shapes:
        text = answer.get(shape.text)
        if isinstance(text, str) and all(
            str(answer.get(name)).casefold() == word for name, word in shape.where.items()
        ):
            return line(text, REFUSAL_CHARACTERS_MAX) or None
    return None


def refused(text: str) -> Refused:
    """A refusal of a read. Doubt has no meaning there: asking again is harmless."""
    meaning = classify(text, of_add=False)
    return Refused(None if isinstance(meaning, Doubt) else meaning, text)


def opened(spelling: Spelling, status: int, body: bytes) -> Json | Refused | Unclear:
    """The value of a read's answer, unless it refuses or cannot be read."""
    if status == 429:
        text = refusal_text(spelling.refusals, json_text.read(body))
        return Refused(Code.RATE_LIMIT, text or "HTTP 429")
    if status != 200 and not 400 <= status < 500:
        return Unclear(f"HTTP {status}")
    answer = json_text.read(body)
    if text := refusal_text(spelling.refusals, answer):
        return refused(text)
    if status != 200:
        return Unclear(f"HTTP {status}")
    return Unclear("the answer is no strictly valid JSON") if answer is None else answer
