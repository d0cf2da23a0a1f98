"""Reading a provider's services list (protocol.md 2.1 and 3.3, S12 to S17)."""

import re
from collections import Counter

from gateway.dialects.json_text import Json
from gateway.dialects.messages import ServicesRead
from gateway.dialects.refused import opened
from gateway.dialects.spelling import Key, Services, Spelling
from gateway.dialects.values import WORD_CHARACTERS_MAX, amount, flag, line, prose, whole
from gateway.domain.catalog import Listing
from gateway.domain.observations import Refused, Unclear
from gateway.domain.services import TYPE_RULES, read_type

NAME_CHARACTERS_MAX = 512
CATEGORY_CHARACTERS_MAX = 512
DESCRIPTION_CHARACTERS_MAX = 10_000
ROWS_MAX = 200_000

_OFFER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def read_services(spelling: Spelling, status: int, body: bytes) -> ServicesRead | Refused | Unclear:
    """The rows that could be sold, and why the others cannot. What is no list says nothing."""
    answer = opened(spelling, status, body)
    if isinstance(answer, Refused | Unclear):
        return answer
    if not isinstance(answer, list) or len(answer) > ROWS_MAX:
        return Unclear("the answer is no list of services")
    listings: list[Listing] = []
    skipped: list[tuple[str, str]] = []
    offers = [_offer(spelling.services.keys["offer"], row) for row in answer]
    times = Counter(offers)
    for number, (offer, row) in enumerate(zip(offers, answer, strict=True), start=1):
        if not offer or not isinstance(row, dict):
            skipped.append((f"row {number}", "no id"))
            continue
        if times[offer] > 1:  # which of them would be billed is not known
            skipped.append((offer, "the id is there more than once"))
            continue
        read = _read_row(spelling.services, offer, row)
        if isinstance(read, str):
            skipped.append((offer, read))
        else:
            listings.append(read)
    return ServicesRead(tuple(listings), tuple(skipped))


def _offer(key: Key, row: Json) -> str:
    value = key.of(row) if isinstance(row, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    text = str(value).strip()
    return text if _OFFER.fullmatch(text) and text != "0" else ""


def _read_row(services: Services, offer: str, row: dict[str, Json]) -> Listing | str:
    """The listing, or why it cannot be one."""
    values = {name: key.of(row) for name, key in services.keys.items()}
    rate = amount(values["rate"])
    lowest, highest = whole(values["quantity_min"]), whole(values["quantity_max"])
    if rate is None or lowest is None or highest is None:
        return "rate, min or max is no plain number"
    listing = Listing(
        offer=offer,
        name=line(values["name"], NAME_CHARACTERS_MAX),
        category=line(values["category"], CATEGORY_CHARACTERS_MAX),
        kind_word=line(values["kind_word"], WORD_CHARACTERS_MAX),
        rate=rate,
        quantity_min=lowest,
        quantity_max=highest,
        drip_feed=flag(values.get("drip_feed")),
        refill=flag(values.get("refill")),
        cancel=flag(values.get("cancel")),
        description=prose(values.get("description"), DESCRIPTION_CHARACTERS_MAX),
    )
    return _why_not(listing) or listing


def _why_not(listing: Listing) -> str:
    if listing.rate <= 0:
        return "the rate is not above 0"
    if not (listing.name[:1].isalnum() or any(map(str.isalnum, listing.name))):
        return "the name is a separator"
    if not 0 <= listing.quantity_min <= listing.quantity_max:
        return "min is negative or above max"
    kind = read_type(listing.kind_word)
    if kind and not TYPE_RULES[kind].flat and listing.quantity_max <= 1:
        return "max is not above 1"
    return ""
