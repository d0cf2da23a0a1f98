"""A spelling for a panel that no dialect fits: the nearest one, and what can be seen to differ."""

from collections.abc import Mapping
from dataclasses import replace

from gateway.dialects.dialect import Dialect
from gateway.dialects.evidence import Answer, Question
from gateway.dialects.inference_refusals import (
    SHAPES,
    has_no_refill_status,
    refusal_of,
    words_seen,
)
from gateway.dialects.inference_sight import FLAGS, LISTED, MIXED, Found, Sight
from gateway.dialects.inference_traits import KINDS, NAMED, beside, type_words_seen
from gateway.dialects.listings import type_words
from gateway.dialects.refused import meaning_of, refusal_text
from gateway.dialects.spelling import (
    Action,
    Balances,
    Key,
    Literal,
    RefusalShape,
    Requests,
    Services,
    Spelling,
    Statuses,
)
from gateway.dialects.values import folded
from gateway.domain.refusals import Code
from gateway.domain.services import plain_type

NAME = "draft"

# a sentence with one of the first, and none of the others, is about what was asked for
_NO_SUCH = ("not found", "incorrect", "invalid", "unknown", "exist", "no such", "wrong")
_ASKED_WRONGLY = ("missing", "required", "parameter", "field")

_VERDICTS = ("status", "success", "ok")
_LITERALS: Mapping[str, Literal] = {kind: literal for literal, kind in KINDS.items()}
_MEANT: Mapping[Question, Code] = {
    Question.UNKNOWN_ACTION: Code.BAD_ACTION,
    Question.UNKNOWN_ORDER: Code.ORDER_NOT_FOUND,
    Question.UNKNOWN_REFILL: Code.REFILL_NOT_FOUND,
}


def draft(sight: Sight, nearest: Dialect) -> Dialect:
    """The nearest dialect with everything that was seen to differ, under the name `NAME`."""
    spelling = nearest.spelling
    spelling = replace(
        spelling,
        name=NAME,
        requests=_requests(sight, spelling.requests),
        services=_services(sight, spelling.services),
        balances=_balances(sight, spelling.balances),
        statuses=_statuses(sight, spelling.statuses),
        refusals=_refusals(sight, spelling),
    )
    return Dialect(replace(spelling, meanings=_meanings(sight, spelling)))


def _key(found: Found, thing: str, held: Key | None) -> Key:
    """A key by what was seen of it; `held` where nothing was."""
    name = found.keys.get(thing)
    if name is None:
        return held or Key(thing)
    kind = found.kind(thing)
    literal = held.literal if held else Literal.TEXT
    if kind != MIXED:
        literal = _LITERALS.get(kind, literal)
    if held and held.name == name:
        return replace(held, literal=literal)
    return Key(name, literal)


def _requests(sight: Sight, requests: Requests) -> Requests:
    if not has_no_refill_status(sight):
        return requests
    absent = Action.REFILL_STATUS
    actions = {each: word for each, word in requests.actions.items() if each is not absent}
    ids = {each: fields for each, fields in requests.ids.items() if each is not absent}
    return replace(requests, actions=actions, ids=ids)


def _services(sight: Sight, services: Services) -> Services:
    found = sight.services
    if found is None:
        return services
    keys = {
        thing: _key(found, thing, services.keys.get(thing))
        for thing in LISTED
        if thing in NAMED or thing in found.keys or (thing not in FLAGS and thing in services.keys)
    }
    meant = type_words(services)
    words = {
        meant[plain_type(word)]: word
        for word in type_words_seen(sight)
        if plain_type(word) in meant
    }
    always = {
        name: value
        for name, value in services.always.items()
        if all(name in row for row in found.rows)
    }
    return replace(
        services, within=found.path, keys=keys, types={**services.types, **words}, always=always
    )


def _balances(sight: Sight, balances: Balances) -> Balances:
    found = sight.balance
    if found is None:
        return balances
    marker = {name: value for name, value in beside(found).items() if name in _VERDICTS}
    return Balances(
        amount=_key(found, "amount", balances.amount),
        currency=_key(found, "currency", balances.currency),
        marker=marker,
        within=found.path,
    )


def _statuses(sight: Sight, statuses: Statuses) -> Statuses:
    found = sight.order or (sight.orders.rows if sight.orders else None)
    if found and found.rows:
        order = _key(found, "order", statuses.order) if "order" in found.keys else None
        currency = _key(found, "currency", statuses.currency)
        statuses = replace(
            statuses,
            status=_key(found, "status", statuses.status),
            charge=_key(found, "charge", statuses.charge),
            start_count=_key(found, "start_count", statuses.start_count),
            remains=_key(found, "remains", statuses.remains),
            order=order,
            currency=currency if "currency" in found.keys else None,
            within=found.path,
        )
    written = {
        meaning: word
        for word in words_seen(sight)
        if (meaning := statuses.words_read.get(folded(word)))
    }
    return _batches(sight, replace(statuses, words={**statuses.words, **written}))


def _batches(sight: Sight, statuses: Statuses) -> Statuses:
    batch = sight.orders or sight.unknown_orders
    if batch is None:
        return statuses
    rows = next(rows for rows, shape in SHAPES.items() if shape == batch.shape)
    bare = any(isinstance(each, str) for each in batch.refusals)
    if batch.shape == "list" and statuses.order is None:
        statuses = replace(statuses, order=_key(batch.rows, "order", Key("order")))
    if batch.rows.rows:
        statuses = replace(
            statuses,
            charge_in_rows=_key(batch.rows, "charge", statuses.charge).literal,
            currency_in_rows="currency" in batch.rows.keys,
        )
    if sight.order is None:
        statuses = replace(statuses, within=batch.path)
    return replace(statuses, rows=rows, bare_errors=bare)


def _refusals(sight: Sight, spelling: Spelling) -> tuple[RefusalShape, ...]:
    """The shapes that are known, and those that were seen and are not."""
    shapes = spelling.refusals
    for question in _MEANT:
        answer = refusal_of(sight, question)
        if answer and not refusal_text(shapes, answer.body):
            shapes = (_shape(answer), *shapes)
    return shapes


def _shape(answer: Answer) -> RefusalShape:
    """The place of the text. Where its name alone says nothing, what else the answer says."""
    where: dict[str, str] = {}
    if isinstance(answer.body, dict) and "error" not in answer.text_at[0]:
        where = {
            name: str(answer.body[name]).casefold()
            for name in _VERDICTS
            if isinstance(answer.body.get(name), str | bool | int)
        }
    listed = False
    value = answer.body
    for name in answer.text_at:
        value = value.get(name) if isinstance(value, dict) else None
        listed = isinstance(value, list)
    return RefusalShape(".".join(answer.text_at), where, listed)


def _meanings(sight: Sight, spelling: Spelling) -> Mapping[str, Code]:
    """What its own sentences mean, where nobody has said them before: what they answer tells it."""
    meanings = dict(spelling.meanings)
    for question, code in _MEANT.items():
        answer = refusal_of(sight, question)
        text = refusal_text(spelling.refusals, answer.body) if answer else None
        if text and meaning_of(spelling, text, of_add=True) is None and _is_no_such(text):
            meanings.setdefault(text, code)
    return meanings


def _is_no_such(text: str) -> bool:
    sentence = text.casefold()
    if any(word in sentence for word in _ASKED_WRONGLY):
        return False
    return any(word in sentence for word in _NO_SUCH)
