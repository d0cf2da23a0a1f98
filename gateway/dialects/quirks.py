"""One panel's departures from its dialect, as data (protocol.md 2.1 and 7)."""

import re
from dataclasses import replace

from gateway.dialects.dialect import Dialect
from gateway.dialects.spelling import Adds, Key, RefusalShape, Services, Spelling
from gateway.domain.catalog import Quirks

PATTERN_CHARACTERS_MAX = 200
REPEATS_MAX = 3

_UNBOUNDED = re.compile(r"\)[*+?{]|\(\?(?!:)|\\[1-9A-Za-ce-z]")
_REPEAT = re.compile(r"(?<!\\)(?:[*+?]|\{[0-9]*,[0-9]*\})")


def with_quirks(dialect: Dialect, quirks: Quirks) -> Dialect:
    """The dialect as one panel spells it. Raises ValueError for an `id_pattern` as `id_pattern`."""
    if quirks == Quirks(drip_max_total=quirks.drip_max_total):
        return dialect
    return Dialect(_spelled(dialect.spelling, quirks))


def id_pattern(text: str) -> re.Pattern[str]:
    """A pattern for ids that always answers soon. Raises ValueError with the reason.

    Literals, classes, `\\d` and up to three variable repeats of them; groups are never repeated.
    """
    if len(text) > PATTERN_CHARACTERS_MAX:
        raise ValueError(f"longer than {PATTERN_CHARACTERS_MAX} characters")
    if _UNBOUNDED.search(text) or len(_REPEAT.findall(text)) > REPEATS_MAX:
        raise ValueError("only literals, classes and at most three repeats of them")
    try:
        return re.compile(text, re.ASCII)
    except (re.error, OverflowError, RecursionError) as fault:
        raise ValueError(f"no regular expression: {fault}") from None


def _spelled(spelling: Spelling, quirks: Quirks) -> Spelling:
    shapes = tuple(RefusalShape(name, listed=True) for name in quirks.refusal_fields)
    requests = spelling.requests
    return replace(
        spelling,
        requests=replace(requests, encoded_twice=requests.encoded_twice or quirks.decodes_twice),
        adds=_adds(spelling.adds, quirks),
        services=_services(spelling.services, quirks),
        refusals=(*spelling.refusals, *shapes),
        meanings={**spelling.meanings, **dict(quirks.texts)},
    )


def _adds(adds: Adds, quirks: Quirks) -> Adds:
    order = Key(quirks.order_field, adds.order.literal) if quirks.order_field else adds.order
    pattern = id_pattern(quirks.id_pattern) if quirks.id_pattern else adds.id_pattern
    trusts_429 = adds.trusts_429 or quirks.trusts_429
    return replace(adds, order=order, id_pattern=pattern, trusts_429=trusts_429)


def _services(services: Services, quirks: Quirks) -> Services:
    return replace(services, page_size=quirks.page_size or services.page_size)
