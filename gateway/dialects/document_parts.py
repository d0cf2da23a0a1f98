"""Everything that a dialect's document can say, and which part of a spelling says it.

What stands here is what is read, what is written and what the schema shows.
"""

from collections.abc import Mapping

from gateway.dialects.document_kinds import Kind, OrFalse, Record, Several, Table, part
from gateway.dialects.document_values import (
    ACTION,
    CASELESS,
    CODE,
    FLAG,
    LETTERS,
    LITERAL,
    MINUTES,
    NAME,
    PATH,
    PATTERN,
    REFILL_STATUS,
    ROWS,
    SENTENCE,
    STATUS,
    STATUS_WORD,
    STATUS_WORD_READ,
    STEPS,
    TYPE,
    TYPE_WORD_READ,
    WORDS,
    Schema,
    choice,
    whole,
)
from gateway.dialects.fields import ORDER_FIELDS
from gateway.dialects.spelling import (
    Action,
    Adds,
    Balances,
    Grants,
    Ids,
    Key,
    RefillStatuses,
    RefusalShape,
    Services,
    Spelling,
    Statuses,
)
from gateway.domain.observations import RefillWord, Word
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType

LISTING_FIELDS: Mapping[str, str] = {
    "service": "offer",
    "name": "name",
    "type": "kind_word",
    "category": "category",
    "rate": "rate",
    "min": "quantity_min",
    "max": "quantity_max",
    "dripfeed": "drip_feed",
    "refill": "refill",
    "cancel": "cancel",
    "description": "description",
}
"""The keys of a services row as documents name them, and as `Listing` does."""

_OPTIONAL_LISTING_FIELDS = frozenset({"drip_feed", "refill", "cancel", "description"})
_NO_KEY = Key("")

_FIELD = choice("field", {name: name for name in ORDER_FIELDS})
_NAMED_FIELD = choice("field", {name: name for name in ("service", *ORDER_FIELDS)})
_LISTING_FIELD = choice("key of a services row", LISTING_FIELDS)
_STATUS_KEY = choice(
    "key of a status row",
    {name: name for name in ("charge", "start_count", "status", "remains", "currency")},
)
_MARKER = Table(NAME, SENTENCE, "")
_TEXTS = Table(CODE, SENTENCE, "")
_WITHIN = part("within", STEPS)

KEY: Kind[Key] = Record(
    (
        part("name", NAME),
        part("write", LITERAL, "literal"),
        part("read", Several(NAME, ""), "also_read"),
    ),
    alone="name",
)
_KEY_OR_NONE = OrFalse(KEY, _NO_KEY)

_IDS: Kind[Ids] = Record(
    (
        part("one", OrFalse(NAME, "")),
        part("many", OrFalse(NAME, "")),
        part("batch_max", whole(1, 100)),
    )
)
_ADD: Kind[Adds] = Record(
    (
        _WITHIN,
        part("order", KEY),
        part("id_pattern", PATTERN),
        part("trusts_429", FLAG),
        part("verdicts", Table(NAME, WORDS, frozenset[str]())),
        part("marker", _MARKER),
    )
)
_STATUS: Kind[Statuses] = Record(
    (
        _WITHIN,
        part("rows", ROWS),
        part("order", _KEY_OR_NONE),
        part("status", KEY),
        part("charge", KEY),
        part("charge_in_rows", LITERAL),
        part("start_count", KEY),
        part("remains", KEY),
        part("zero_remains_unknown", FLAG),
        part("currency", _KEY_OR_NONE),
        part("currency_in_rows", FLAG),
        part("children", KEY),
        part("posts", KEY),
        part("runs", KEY),
        part("bare_errors", FLAG),
        part("written", Several(_STATUS_KEY, "")),
        part("words", Table(STATUS, STATUS_WORD, "", needed=frozenset(Word))),
        part("words_read", Table(STATUS_WORD_READ, STATUS, Word.PENDING)),
    )
)
_SERVICES: Kind[Services] = Record(
    (
        _WITHIN,
        part("page_size", OrFalse(whole(1, 10_000), 0)),
        part(
            "keys",
            Table(
                _LISTING_FIELD,
                KEY,
                _NO_KEY,
                needed=frozenset(LISTING_FIELDS.values()) - _OPTIONAL_LISTING_FIELDS,
            ),
        ),
        part("types", Table(TYPE, STATUS_WORD, "", needed=frozenset(ServiceType))),
        part("types_read", Table(TYPE_WORD_READ, TYPE, ServiceType.DEFAULT)),
        part("always", _MARKER),
    )
)
_BALANCE: Kind[Balances] = Record(
    (_WITHIN, part("amount", KEY), part("currency", KEY), part("marker", _MARKER))
)
_GRANT: Kind[Grants] = Record(
    (
        _WITHIN,
        part("rows", ROWS),
        part("order", KEY),
        part("key", KEY),
        part("one", OrFalse(_MARKER, dict[str, str]())),
        part("one_has_id", FLAG),
        part("one_literal", LITERAL),
    )
)
_REFILL_STATUS: Kind[RefillStatuses] = Record(
    (
        _WITHIN,
        part("rows", ROWS),
        part("refill", KEY),
        part("status", KEY),
        part("words", Table(REFILL_STATUS, STATUS_WORD, "", needed=frozenset(RefillWord))),
        part("words_read", Table(STATUS_WORD_READ, REFILL_STATUS, RefillWord.PENDING)),
    )
)
_REFUSAL: Kind[RefusalShape] = Record(
    (part("text", PATH), part("where", Table(PATH, CASELESS, "")), part("listed", FLAG)),
    alone="text",
)

DOCUMENT: Record[Spelling] = Record(
    (
        part("key", NAME, "requests.key"),
        part("intervals", Several(MINUTES, 0), "requests.intervals"),
        part("delays", Several(MINUTES, 0), "requests.delays"),
        part("never_in_comments", LETTERS, "requests.never_in_comments"),
        part("never_anywhere", LETTERS, "requests.never_anywhere"),
        part("encoded_twice", FLAG, "requests.encoded_twice"),
        part("constant_currency", FLAG),
        part(
            "actions",
            Table(
                ACTION,
                NAME,
                "",
                needed=frozenset({Action.SERVICES, Action.ADD, Action.STATUS, Action.BALANCE}),
            ),
            "requests.actions",
        ),
        part("fields", Table(_NAMED_FIELD, NAME, ""), "requests.names"),
        part("ids", Table(ACTION, _IDS, Ids()), "requests.ids"),
        part("types", Table(TYPE, Several(_FIELD, ""), ()), "requests.types"),
        part("services", _SERVICES),
        part("add", _ADD, "adds"),
        part("status", _STATUS, "statuses"),
        part("refill", _GRANT, "refills"),
        part("refill_status", _REFILL_STATUS, "refill_statuses"),
        part("cancel", _GRANT, "cancels"),
        part("balance", _BALANCE, "balances"),
        part("refusals", Several(_REFUSAL, RefusalShape(text=""), entries_min=1)),
        part("texts", Table(CODE, SENTENCE, "", needed=frozenset(Code)), "texts"),
        part("order_texts", _TEXTS),
        part("row_texts", _TEXTS),
        part("meanings", Table(SENTENCE, CODE, Code.BAD_PARAMS)),
    )
)


def schema(more: Mapping[str, Schema]) -> Schema:
    """The JSON schema of a document that may say more than a spelling's parts."""
    parts = {each.name: each.kind.schema() for each in DOCUMENT.parts}
    return {"type": "object", "properties": {**more, **parts}, "additionalProperties": False}
