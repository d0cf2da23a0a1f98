"""The standard: the panel API v2 that most panels publish word for word (protocol.md 2)."""

from gateway.dialects.corpus import OUR_TEXTS
from gateway.dialects.dialect import Dialect
from gateway.dialects.spelling import (
    Adds,
    Balances,
    Key,
    Literal,
    Requests,
    Services,
    Spelling,
    Statuses,
)
from gateway.domain.observations import Word
from gateway.domain.services import ServiceType

TAKEN = frozenset({"success", "true", "1"})

STANDARD_SPELLING = Spelling(
    name="standard",
    requests=Requests(
        types={
            ServiceType.DEFAULT: ("link", "quantity", "runs", "interval"),
            ServiceType.PACKAGE: ("link",),
            ServiceType.CUSTOM_COMMENTS: ("link", "comments"),
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
            "active": Word.IN_PROGRESS,
            "paused": Word.IN_PROGRESS,
            "refill": Word.IN_PROGRESS,
            "refilling": Word.IN_PROGRESS,
            "refunding": Word.IN_PROGRESS,
            "completed": Word.COMPLETED,
            "complete": Word.COMPLETED,
            "expired": Word.COMPLETED,
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
    texts=OUR_TEXTS,
)
STANDARD = Dialect(STANDARD_SPELLING)
