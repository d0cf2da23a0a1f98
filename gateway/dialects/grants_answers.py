"""Writing our answers to `refill`, `refill_status` and `cancel` (protocol.md 1.3 and 2.2)."""

from collections.abc import Mapping
from dataclasses import replace

from gateway.dialects.answers import wrapped
from gateway.dialects.corpus import our_text
from gateway.dialects.json_text import Json
from gateway.dialects.literals import pair
from gateway.dialects.spelling import Grants, Key, Rows, Spelling
from gateway.domain.observations import RefillSeen, Taken
from gateway.domain.refusals import Code, Refusal


def answer_refill(spelling: Spelling, rows: Mapping[str, Taken | Refusal], *, many: bool) -> Json:
    """Our refill ids by the orders asked. One without an id is told with the order's own."""
    requests = {
        order: row if isinstance(row, Refusal) else row.request or order
        for order, row in rows.items()
    }
    return _answer_grants(spelling, spelling.refills, requests, many=many)


def answer_cancel(spelling: Spelling, rows: Mapping[str, Taken | Refusal], *, many: bool) -> Json:
    """Which cancels are asked for, by the orders asked."""
    requests = {
        order: row if isinstance(row, Refusal) else row.request or "1"
        for order, row in rows.items()
    }
    return _answer_grants(spelling, spelling.cancels, requests, many=many)


def answer_refill_status(
    spelling: Spelling, rows: Mapping[str, RefillSeen | Refusal], *, many: bool
) -> Json:
    """How far refills are, by their ids as asked."""
    refills = spelling.refill_statuses
    words = {
        refill: row
        if isinstance(row, Refusal)
        else (refills.words[row.word] if row.word else row.raw_word)
        for refill, row in rows.items()
    }
    if many:
        answer = _rows(spelling, words, refills.refill, refills.status, refills.rows)
        return wrapped(refills.within, answer)
    for word in words.values():
        if isinstance(word, Refusal):
            return _error(spelling, word)
        return wrapped(refills.within, pair(refills.status, word))
    return _error(spelling, Refusal(Code.REFILL_NOT_FOUND))


def _answer_grants(
    spelling: Spelling, grants: Grants, requests: Mapping[str, str | Refusal], *, many: bool
) -> Json:
    if many or (grants.one is None and requests):
        answer = _rows(spelling, requests, grants.order, grants.key, grants.rows)
        return wrapped(grants.within, answer)
    for request in requests.values():
        if isinstance(request, Refusal):
            return _error(spelling, request)
        key = replace(grants.key, literal=grants.one_literal)
        named = pair(key, request) if grants.one_has_id else {}
        return wrapped(grants.within, {**(grants.one or {}), **named})
    return _error(spelling, Refusal(Code.ORDER_NOT_FOUND))


def _rows(
    spelling: Spelling, values: Mapping[str, str | Refusal], order: Key, key: Key, rows: Rows
) -> Json:
    """A row for each id in the order asked; what refuses stands in the place of the value."""
    texts = {**spelling.texts, **spelling.order_texts, **spelling.row_texts}
    written: dict[str, dict[str, Json]] = {}
    for name, value in values.items():
        if isinstance(value, Refusal):
            no: Json = {"error": our_text(texts, value.code, value.detail)}
            written[name] = no if rows is Rows.MAP else {key.name: no}
        else:
            written[name] = pair(key, value)
    if rows is Rows.MAP:
        return dict(written)
    return [{**pair(order, name), **row} for name, row in written.items()]


def _error(spelling: Spelling, refusal: Refusal) -> Json:
    texts = {**spelling.texts, **spelling.order_texts}
    return {"error": our_text(texts, refusal.code, refusal.detail)}
