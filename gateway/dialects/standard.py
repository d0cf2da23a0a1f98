"""The standard: the panel API v2 that most panels publish word for word (protocol.md 2)."""

from gateway.dialects.corpus import OUR_TEXTS
from gateway.dialects.dialect import Dialect
from gateway.dialects.spelling import (
    Action,
    Adds,
    Balances,
    Grants,
    Ids,
    Key,
    Literal,
    RefillStatuses,
    Requests,
    Services,
    Spelling,
    Statuses,
)
from gateway.domain.observations import RefillWord, Word
from gateway.domain.services import TYPE_RULES, ServiceType

TAKEN = frozenset({"success", "true", "1"})

# both are one panel family's own inventions
_BY_ID = {ServiceType.COMMENT_LIKES_BY_ID, ServiceType.CUSTOM_COMMENTS_PACKAGE_BY_LIST}

STANDARD_SPELLING = Spelling(
    name="standard",
    requests=Requests(
        actions={action: action.value for action in Action},
        types={
            kind: (*rule.fields, *rule.optional)
            for kind, rule in TYPE_RULES.items()
            if kind not in _BY_ID
        },
        ids={
            Action.STATUS: Ids(),
            Action.REFILL: Ids(),
            Action.REFILL_STATUS: Ids("refill", "refills"),
            Action.CANCEL: Ids(one=None),
        },
    ),
    adds=Adds(
        order=Key("order", Literal.NUMBER),
        verdicts={"status": TAKEN, "success": TAKEN},
    ),
    statuses=Statuses(
        status=Key("status"),
        charge=Key("charge"),
        start_count=Key("start_count"),
        remains=Key("remains"),
        currency=Key("currency"),
        words={word: word.value for word in Word},
        words_read={
            "pending": Word.PENDING,
            "creating": Word.PENDING,
            "awaiting": Word.PENDING,
            "holding": Word.PENDING,
            "processing": Word.PROCESSING,
            "in progress": Word.IN_PROGRESS,
            "inprogress": Word.IN_PROGRESS,
            "refill": Word.IN_PROGRESS,
            "refilling": Word.IN_PROGRESS,
            "refunding": Word.IN_PROGRESS,
            "active": Word.ACTIVE,
            "paused": Word.PAUSED,
            "expired": Word.EXPIRED,
            "completed": Word.COMPLETED,
            "complete": Word.COMPLETED,
            "partial": Word.PARTIAL,
            "canceled": Word.CANCELED,
            "cancelled": Word.CANCELED,
            "refunded": Word.CANCELED,
            "fail": Word.CANCELED,
            "failed": Word.CANCELED,
            "error": Word.CANCELED,
        },
    ),
    services=Services(
        keys={
            "offer": Key("service", Literal.NUMBER),
            "name": Key("name"),
            "kind_word": Key("type"),
            "category": Key("category"),
            "rate": Key("rate"),
            "quantity_min": Key("min"),
            "quantity_max": Key("max"),
            "drip_feed": Key("dripfeed", Literal.BOOLEAN),
            "refill": Key("refill", Literal.BOOLEAN),
            "cancel": Key("cancel", Literal.BOOLEAN),
            "description": Key("description", also_read=("desc",)),
        },
        types={kind: kind.value for kind in ServiceType},
    ),
    balances=Balances(amount=Key("balance"), currency=Key("currency")),
    refills=Grants(Key("refill", Literal.NUMBER), one={}, one_literal=Literal.TEXT),
    refill_statuses=RefillStatuses(
        status=Key("status"),
        words={word: word.value for word in RefillWord},
        words_read={
            "pending": RefillWord.PENDING,
            "awaiting": RefillWord.PENDING,
            "processing": RefillWord.IN_PROGRESS,
            "in progress": RefillWord.IN_PROGRESS,
            "inprogress": RefillWord.IN_PROGRESS,
            "refilling": RefillWord.IN_PROGRESS,
            "completed": RefillWord.COMPLETED,
            "complete": RefillWord.COMPLETED,
            "rejected": RefillWord.REJECTED,
            "canceled": RefillWord.REJECTED,
            "cancelled": RefillWord.REJECTED,
            "error": RefillWord.REJECTED,
            "fail": RefillWord.REJECTED,
            "failed": RefillWord.REJECTED,
        },
    ),
    cancels=Grants(Key("cancel", Literal.NUMBER)),
    texts=OUR_TEXTS,
)
STANDARD = Dialect(STANDARD_SPELLING)
