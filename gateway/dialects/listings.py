"""Reading a provider's services list (protocol.md 2.1 and 3.3, S12 to S17)."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from gateway.dialects.json_text import Json
from gateway.dialects.messages import ServicesRead
from gateway.dialects.refused import opened
from gateway.dialects.spelling import Key, Services, Spelling
from gateway.dialects.values import WORD_CHARACTERS_MAX, amount, flag, line, prose, whole
from gateway.domain.catalog import Listing
from gateway.domain.observations import Refused, Unclear
from gateway.domain.services import TYPE_RULES, ServiceType, plain_type, read_type

NAME_CHARACTERS_MAX = 512
CATEGORY_CHARACTERS_MAX = 512
DESCRIPTION_CHARACTERS_MAX = 10_000
ROWS_MAX = 200_000
WRAPPERS = ("data", "services")
WRAPPED = "wrapped"

T = TypeVar("T")

_OFFER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_NUMBERS = frozenset({bool, int, Decimal})
_KEPT_APART = frozenset({Decimal, list, dict})


def read_services(
    spelling: Spelling, status: int, body: bytes, noted: Counter[str] | None = None
) -> ServicesRead | Refused | Unclear:
    """The rows that could be sold, and why the others cannot. What is no list says nothing."""
    answer = _unwrapped(opened(spelling, status, body, noted, spelling.services.within), noted)
    if isinstance(answer, Refused | Unclear):
        return answer
    if not isinstance(answer, list) or len(answer) > ROWS_MAX:
        return Unclear("the answer is no list of services")
    rows = [row if isinstance(row, dict) else {} for row in answer]
    offers = _column(spelling.services.keys["offer"], rows, _offer)
    times = Counter(offers)
    listings: list[Listing] = []
    skipped: list[tuple[str, str]] = []
    read = _listings(spelling.services, offers, rows)
    for number, (offer, listing) in enumerate(zip(offers, read, strict=True), start=1):
        if not offer:
            skipped.append((f"row {number}", "no id"))
        elif times[offer] > 1:  # which of them would be billed is not known
            skipped.append((offer, "the id is there more than once"))
        elif isinstance(listing, str):
            skipped.append((offer, listing))
        else:
            listings.append(listing)
    return ServicesRead(tuple(listings), tuple(skipped))


def type_words(services: Services) -> Mapping[str, ServiceType]:
    """What a dialect's type words mean, spelled as `plain_type` does; its own outdo everybody's."""
    return {
        **{plain_type(kind.value): kind for kind in ServiceType},
        **{plain_type(word): kind for word, kind in services.types_read.items()},
        **{plain_type(word): kind for kind, word in services.types.items()},
    }


def _unwrapped(
    answer: Json | Refused | Unclear, noted: Counter[str] | None
) -> Json | Refused | Unclear:
    """The list within one of the usual wrappers; anything else as it is."""
    if isinstance(answer, dict):
        for name in WRAPPERS:
            if isinstance(inner := answer.get(name), list):
                if noted is not None:
                    noted[WRAPPED] += 1
                return inner
    return answer


def _offer(value: Json) -> str:
    if type(value) is int:
        return str(value) if value > 0 else ""
    text = value.strip() if isinstance(value, str) else ""
    return text if _OFFER.fullmatch(text) and text != "0" else ""


def _listings(
    services: Services, offers: Sequence[str], rows: Sequence[dict[str, Json]]
) -> Iterator[Listing | str]:
    """For each row its listing, or why it cannot be one."""
    types = type_words(services)

    def column(name: str, read: Callable[[Json], T]) -> list[T]:
        return _column(services.keys.get(name), rows, read)

    numbers = zip(
        column("rate", amount),
        column("quantity_min", whole),
        column("quantity_max", whole),
        strict=True,
    )
    words = zip(
        column("name", lambda value: line(value, NAME_CHARACTERS_MAX)),
        column("category", lambda value: line(value, CATEGORY_CHARACTERS_MAX)),
        column("kind_word", lambda value: _kind_word(types, value)),
        strict=True,
    )
    flags = zip(
        column("drip_feed", flag), column("refill", flag), column("cancel", flag), strict=True
    )
    descriptions = column("description", lambda value: prose(value, DESCRIPTION_CHARACTERS_MAX))
    for offer, (rate, lowest, highest), (name, category, kind_word), known, description in zip(
        offers, numbers, words, flags, descriptions, strict=True
    ):
        if rate is None or lowest is None or highest is None:
            yield "rate, min or max is no plain number"
            continue
        listing = Listing(
            offer, name, category, kind_word, rate, lowest, highest, *known, description
        )
        yield _why_not(listing) or listing


def _column(key: Key | None, rows: Sequence[dict[str, Json]], read: Callable[[Json], T]) -> list[T]:
    """One field of every row; what thousands of rows have alike is read once."""
    if key is None:
        return [read(None)] * len(rows)
    values = [row.get(key.name) for row in rows]
    if key.also_read and None in values:
        values = [key.of(row) for row in rows]
    kinds = set(map(type, values))
    # as keys of a mapping 1 and True are one, and as values they are not
    if not kinds & _KEPT_APART and len(kinds & _NUMBERS) <= 1:
        distinct = set(values)
        if len(distinct) * 2 < len(values):
            known = dict(zip(distinct, map(read, distinct), strict=True))
            return [known[value] for value in values]
    return [read(value) for value in values]


def _kind_word(types: Mapping[str, ServiceType], value: Json) -> str:
    raw_word = line(value, WORD_CHARACTERS_MAX)
    kind = types.get(plain_type(raw_word))
    return kind.value if kind else raw_word


def _why_not(listing: Listing) -> str:
    if listing.rate <= 0:
        return "the rate is not above 0"
    if not (listing.name[:1].isalnum() or any(map(str.isalnum, listing.name))):
        return "the name is a separator"
    if not 0 <= listing.quantity_min <= listing.quantity_max:
        return "min is negative or above max"
    if listing.quantity_max <= 1:
        kind = read_type(listing.kind_word)
        if kind and not TYPE_RULES[kind].flat:
            return "max is not above 1"
    return ""
