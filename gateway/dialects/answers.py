"""Writing our answers in a dialect (protocol.md 1.3 and 2.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gateway.dialects.corpus import our_text
from gateway.dialects.json_text import Json
from gateway.dialects.literals import Value, literal, pair
from gateway.dialects.spelling import Key, Rows, Services, Spelling, Statuses
from gateway.domain.catalog import Listing
from gateway.domain.observations import Balance, Observation
from gateway.domain.refusals import Code, Refusal
from gateway.domain.services import read_type


def answer_add(spelling: Spelling, order: str) -> Json:
    """Our id of one order."""
    answer = {**spelling.adds.marker, **pair(spelling.adds.order, order)}
    return wrapped(spelling.adds.within, answer)


def answer_balance(spelling: Spelling, balance: Balance) -> Json:
    """What is left."""
    keys = spelling.balances
    answer = {**keys.marker, **pair(keys.amount, balance.amount)}
    if balance.currency is not None:
        answer |= pair(keys.currency, balance.currency)
    return wrapped(keys.within, answer)


def answer_refusal(spelling: Spelling, refusal: Refusal) -> Json:
    """An expected no, as published: `error` and a sentence."""
    return {"error": our_text(spelling.texts, refusal.code, refusal.detail)}


def answer_status(
    spelling: Spelling, rows: Mapping[str, Observation | Refusal], *, many: bool
) -> Json:
    """One order's row by itself, or all rows in the order asked, each under its id."""
    statuses = spelling.statuses
    if not many:
        for order, row in rows.items():
            if isinstance(row, Refusal):
                return answer_refusal(spelling, row)
            one = _id(statuses.order, order) | _observed(statuses, row, many=False)
            return wrapped(statuses.within, one)
        return answer_refusal(spelling, Refusal(Code.ORDER_NOT_FOUND))
    written = {order: _row(spelling, order, row) for order, row in rows.items()}
    answer: Json = written if statuses.rows is Rows.MAP else list(written.values())
    return wrapped(statuses.within, answer)


def answer_services(spelling: Spelling, listings: Iterable[Listing]) -> Json:
    """The whole list; what is not known of a listing is left out."""
    services = spelling.services
    return wrapped(services.within, [_listing(services, listing) for listing in listings])


def wrapped(within: Iterable[str], answer: Json) -> Json:
    """An answer under the keys that lead to it."""
    for name in reversed(tuple(within)):
        answer = {name: answer}
    return answer


def _row(spelling: Spelling, order: str, row: Observation | Refusal) -> Json:
    named = _id(spelling.statuses.order, order)
    if isinstance(row, Observation):
        return named | _observed(spelling.statuses, row, many=True)
    text = our_text(spelling.texts, row.code, row.detail)
    return text if spelling.statuses.bare_errors else {**named, "error": text}


def _id(key: Key | None, order: str) -> dict[str, Json]:
    return pair(key, order) if key else {}


def _observed(statuses: Statuses, row: Observation, *, many: bool) -> dict[str, Json]:
    charge = statuses.charge
    if many:
        charge = replace(charge, literal=statuses.charge_in_rows)
    word = statuses.words[row.word] if row.word else row.raw_word
    parts = {
        "charge": pair(charge, row.charge),
        "start_count": pair(statuses.start_count, row.start_count or 0),
        "status": pair(statuses.status, word),
        "remains": pair(statuses.remains, row.remains),
        "currency": {},
    }
    if statuses.currency and row.currency and (statuses.currency_in_rows or not many):
        parts["currency"] = pair(statuses.currency, row.currency)
    answer: dict[str, Json] = {}
    for name in statuses.written:
        answer |= parts[name]
    for key, number in ((statuses.posts, row.posts), (statuses.runs, row.runs)):
        if number is not None:
            answer |= pair(key, number)
    if row.children is not None:
        children = statuses.children
        answer[children.name] = [literal(child, children.literal) for child in row.children]
    return answer


def _listing(services: Services, listing: Listing) -> Json:
    kind = read_type(listing.kind_word)
    values: dict[str, Value] = {
        "offer": listing.offer,
        "name": listing.name,
        "kind_word": services.types[kind] if kind else listing.kind_word,
        "category": listing.category,
        "rate": listing.rate,
        "quantity_min": listing.quantity_min,
        "quantity_max": listing.quantity_max,
        "drip_feed": listing.drip_feed,
        "refill": listing.refill,
        "cancel": listing.cancel,
        "description": listing.description or None,
    }
    row: dict[str, Json] = {}
    for name, key in services.keys.items():
        if (value := values[name]) is not None:
            row[key.name] = literal(value, key.literal)
    return {**row, **services.always}
