"""Writing our answers in a dialect (protocol.md 1.3 and 2.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from gateway.dialects.corpus import our_text
from gateway.dialects.fields import ID_PATTERN
from gateway.dialects.json_text import Json
from gateway.dialects.spelling import Key, Literal, Rows, Services, Spelling, Statuses
from gateway.domain.catalog import Listing
from gateway.domain.money import plain
from gateway.domain.observations import Balance, Observation
from gateway.domain.refusals import Code, Refusal
from gateway.domain.services import read_type

Value = str | int | Decimal | None  # a flag is an int


def answer_add(spelling: Spelling, order: str) -> Json:
    """Our id of one order."""
    return {**spelling.adds.marker, **_pair(spelling.adds.order, order)}


def answer_balance(spelling: Spelling, balance: Balance) -> Json:
    """What is left."""
    keys = spelling.balances
    answer = {**keys.marker, **_pair(keys.amount, balance.amount)}
    return answer if balance.currency is None else answer | _pair(keys.currency, balance.currency)


def answer_refusal(spelling: Spelling, refusal: Refusal) -> Json:
    """An expected no, as published: `error` and a sentence."""
    return {"error": our_text(spelling.texts, refusal.code, refusal.detail)}


def answer_status(
    spelling: Spelling, rows: Mapping[str, Observation | Refusal], *, many: bool
) -> Json:
    """One order's row by itself, or all rows in the order asked, each under its id."""
    if not many:
        for order, row in rows.items():
            return _row(spelling, order, row, many=False)
        return answer_refusal(spelling, Refusal(Code.ORDER_NOT_FOUND))
    written = {order: _row(spelling, order, row, many=True) for order, row in rows.items()}
    return written if spelling.statuses.rows is Rows.MAP else list(written.values())


def answer_services(spelling: Spelling, listings: Iterable[Listing]) -> Json:
    """The whole list; what is not known of a listing is left out."""
    return [_listing(spelling.services, listing) for listing in listings]


def _row(spelling: Spelling, order: str, row: Observation | Refusal, *, many: bool) -> Json:
    statuses = spelling.statuses
    named = _pair(statuses.order, order) if statuses.order else {}
    if isinstance(row, Observation):
        return named | _observed(statuses, row, many=many)
    text = our_text(spelling.texts, row.code, row.detail)
    if many and statuses.bare_errors:
        return text
    return (named if many else {}) | {"error": text}


def _observed(statuses: Statuses, row: Observation, *, many: bool) -> dict[str, Json]:
    charge = statuses.charge
    if many:
        charge = replace(charge, literal=statuses.charge_in_rows)
    word = statuses.words[row.word] if row.word else row.raw_word
    answer = {
        **_pair(charge, row.charge),
        **_pair(statuses.start_count, row.start_count or 0),
        **_pair(statuses.status, word),
        **_pair(statuses.remains, row.remains),
    }
    if statuses.currency and row.currency and (statuses.currency_in_rows or not many):
        answer |= _pair(statuses.currency, row.currency)
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
            row[key.name] = _literal(value, key.literal)
    return {**row, **services.always}


def _pair(key: Key, value: Value) -> dict[str, Json]:
    return {key.name: None if value is None else _literal(value, key.literal)}


def _literal(value: str | int | Decimal, literal: Literal) -> Json:
    if literal is Literal.BOOLEAN:
        return bool(value)
    if literal is Literal.TEXT:
        return plain(value) if isinstance(value, Decimal) else _digits(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    if isinstance(value, str) and not ID_PATTERN.fullmatch(value):
        return value
    return int(value)


def _digits(value: str | int) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
