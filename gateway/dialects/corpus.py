"""The sentences of refusal that panels use, ours among them, and what they mean (protocol.md 4)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import lru_cache

from gateway.dialects.fields import ORDER_FIELDS
from gateway.domain.refusals import Code


class Doubt(Enum):
    """A sentence that does not prove that nothing was taken."""

    DOUBTFUL = "doubtful"


DOUBTFUL = Doubt.DOUBTFUL

# `{}` stands for the refusal's detail: a bound, or a field's name
OUR_TEXTS: Mapping[Code, str] = {
    Code.BAD_KEY: "Invalid API key",
    Code.KEY_SCOPE: "Access denied for this API key",
    Code.BAD_ACTION: "Incorrect request",
    Code.NOT_POST: "Incorrect request: use POST",
    Code.BAD_SERVICE: "Incorrect service ID",
    Code.UNAVAILABLE: "Service is not available",
    Code.BAD_LINK: "Incorrect link",
    Code.MIN: "Quantity less than minimal {}",
    Code.MAX: "Quantity more than maximum {}",
    Code.BAD_QUANTITY: "Incorrect quantity",
    Code.BAD_PARAMS: "Incorrect {}",
    Code.MISSING: "Missing parameter: {}",
    Code.FUNDS: "Not enough funds on balance",
    Code.DUPLICATE_LINK: (
        "You have active order with this link. Please wait until order being completed."
    ),
    Code.REUSED_REQUEST_ID: "request_id was used for another order",
    Code.ORDER_NOT_FOUND: "Incorrect order ID",
    Code.REFILL_NOT_FOUND: "Refill not found",
    Code.REFILL_REFUSED: "Order not eligible for refill",
    Code.REFILL_IN_PROGRESS: "Refill already in progress",
    Code.CANCEL_REFUSED: "Order not eligible for cancellation",
    Code.CANCEL_IN_PROGRESS: "Cancel request already in progress",
    Code.TOO_MANY_IDS: "Too many IDs: at most 100 per request",
    Code.TOO_LARGE: "Request too large",
    Code.RATE_LIMIT: "Too many requests",
    Code.MAINTENANCE: "Ordering is disabled",
}

SEEN_TEXTS: Mapping[Code, tuple[str, ...]] = {
    Code.BAD_KEY: (
        "Incorrect API key",
        "Incorrect request or API key",
        "API key is required",
        "Missing key",
        "Missing required parameter: key",
        "API is Disable for this user or User Not Found! Contact the Support",
    ),
    Code.KEY_SCOPE: (
        "User account is inactive",
        "Account suspended",
        "API access disabled",
        "Your account is not active",
    ),
    Code.BAD_ACTION: (
        "This action is Invalid",
        "Invalid action",
        "Incorrect action",
        "The Request Not Found",
    ),
    Code.BAD_SERVICE: (
        "error.incorrect_service_id",
        "neworder.error.incorrect_service_id",
        "Invalid Service Id",
        "Service ID does not exists",
        "Service not found",
        "incorrect service type",
        "Service is inactive",
        "Dịch vụ không tồn tại",
    ),
    Code.BAD_LINK: (
        "Bad link",
        "Invalid Link",
        "neworder.error.link",
        "Incorrect link: it must start with https://",
        "Link is missing in payload",
    ),
    Code.MIN: (
        "neworder.error.min_quantity",
        "Quantity must to be greater than or equal to minimum amount N",
        "Total quantity must to be greater than or equal to minimum amount N",
        "Minimum quantity is N",
        "Please specify at least minimum quantity",
    ),
    Code.MAX: (
        "neworder.error.max_quantity",
        "Quantity must to be less than or equal to maximum amount N",
        "Please specify less than or equal to maximum quantity",
    ),
    Code.BAD_QUANTITY: (
        "Quantity less than maximum N",  # seen so; it does not tell which bound was meant
        "Quantity out of bounds",
        "Quantity is required",
        "Quantity must be a multiple of N",
    ),
    Code.BAD_PARAMS: (
        "There are missing required parameters. Please check your API Manual",
        "Comments field is required",
        "neworder.error.comment",
        "Interval time is required",
        "Runs is required",
        "Invalid Interval in minutes",
        "This services does not support Dripfeed feature",
        "Dripfeed is not supported by this service",
        "You have added more comments than required quantity",
        "You have added less comments than required quantity",
    ),
    Code.FUNDS: (
        "neworder.error.not_enough_funds",
        "neworder.error.insufficient_balance",
        "Insufficient balance",
        "Not enough funds",
        "You do not have enough funds to Place order",
    ),
    Code.DUPLICATE_LINK: (
        "You have active order with this link",
        "neworder.error.link_duplicate",
        "An identical order was just placed",
    ),
    Code.ORDER_NOT_FOUND: (
        "Incorrect order IDs",
        "Order ID not Found",
        "Order not found",
        "Invalid Order Ids",
        "Invalid order ID",
        "error.incorrect_order_id",
        "Missing order parameter",
        "Order ID is required parameter. Please check your API Manual",
    ),
    Code.RATE_LIMIT: (
        "Too many requests. Limit N/minute",
        "Too many requests: up to N per minute",
        "Rate limit exceeded",
        "Too many invalid keys. Try again in N minutes",
    ),
    Code.REFILL_IN_PROGRESS: ("Order is already being refilled", "Refill already requested"),
    Code.REFILL_REFUSED: (
        "Refill is not available for this order",
        "This order cannot be refilled",
        "Service does not support refill",
        "Refill not allowed",
        "Invalid Request",
        "is_not_available",
        "guarantee_expired",
        "must be completed N hours first",
    ),
    Code.REFILL_NOT_FOUND: ("Refill Request Not found", "Incorrect refill ID"),
    Code.CANCEL_IN_PROGRESS: (
        "Cancel request already in progress please wait",
        "Cancel already requested",
    ),
    Code.CANCEL_REFUSED: (
        "Order can't be canceled",
        "Order cannot be cancelled",
        "Service does not support cancel",
        "Cannot cancel",
        "Cancellation via API is not supported. Contact support",
    ),
    Code.MAINTENANCE: ("API is disabled", "Hệ thống đang bảo trì"),
    Code.UNAVAILABLE: ("Dịch vụ tạm bảo trì", "Service is Under Maintenance"),
}

DOUBTFUL_TEXTS = (
    "Internal server error",
    "Unknown error, please try again later",
    "There was an error processing your request. Please try again later",
    "Order could not be created",
    "Provider returned invalid response",
    "Service temporarily unavailable",
    "This panel is temporarily unavailable",
)
DOUBTFUL_WORDS = (
    *("try again", "internal", "timeout", "timed out", "time out", "processing your request"),
    *("unknown error", "unexpected", "invalid response", "temporarily", "maintenance", "fatal"),
    *("syntax error", "on line", "sql"),
)

OWN_PART_CHARACTERS_MIN = 8

Own = tuple[tuple[Code, str], ...]
"""Sentences of one panel or dialect, `{}` for a blank; later ones win over earlier ones."""

_DIGITS = re.compile(r"\d+")
_FIELDS = ("parameters", "request_id", "encoding", "JSON", "multipart", "body", *ORDER_FIELDS)


def our_text(texts: Mapping[Code, str], code: Code, detail: str) -> str:
    """A refusal in a dialect's words, its blank filled."""
    if code is Code.BAD_PARAMS:
        detail = detail or "parameters"
    return texts[code].replace("{}", detail).rstrip(": ")


def classify(text: str, *, of_add: bool, own: Own = ()) -> Code | Doubt | None:
    """What a panel's sentence means; None for one never seen.

    Whole sentences first, its own before everybody's; then (for `add`) doubtful words; then the
    longest known sentence in it.
    """
    sentence = _normalised(text)
    meanings, by_length = _known(own)
    if (known := meanings.get(sentence)) is not None:
        return _as_read(known, of_add=of_add)
    if of_add and any(word in sentence for word in DOUBTFUL_WORDS):
        return DOUBTFUL
    for part, meaning in by_length:
        if part in sentence:
            return _as_read(meaning, of_add=of_add)
    return None


def _as_read(meaning: Code | Doubt, *, of_add: bool) -> Code | Doubt | None:
    return meaning if of_add or isinstance(meaning, Code) else None


def _normalised(text: str) -> str:
    folded = unicodedata.normalize("NFC", text).replace("\u2019", "'").casefold()
    return _DIGITS.sub("n", " ".join(folded.split())).rstrip(" .!?…:;,")


@lru_cache(maxsize=256)
def _known(own: Own) -> tuple[Mapping[str, Code | Doubt], list[tuple[str, Code | Doubt]]]:
    """All sentences, and those that count within others, the longest first."""
    if not own:
        by_length = sorted(_MEANINGS.items(), key=lambda each: (-len(each[0]), each[0]))
        return _MEANINGS, by_length
    named = {_normalised(text): code for text, code in _filled(own)}
    meanings = {**_MEANINGS, **{text: code for text, code in named.items() if text}}
    # a word or two of its own may stand in any sentence
    parts = (
        (text, meaning)
        for text, meaning in meanings.items()
        if text in _MEANINGS or len(text) >= OWN_PART_CHARACTERS_MIN
    )
    return meanings, sorted(parts, key=lambda each: (-len(each[0]), each[0]))


def _filled(texts: Iterable[tuple[Code, str]]) -> Iterator[tuple[str, Code]]:
    """Sentences with their blanks filled in every way; those of any field come first."""
    texts = sorted(texts, key=lambda each: each[0] is not Code.BAD_PARAMS)
    for code, text in texts:
        details = _FIELDS if code is Code.BAD_PARAMS else ("", "N")
        yield from ((our_text({code: text}, code, detail), code) for detail in details)


def _sentences() -> Iterator[tuple[str, Code | Doubt]]:
    for text in DOUBTFUL_TEXTS:
        yield text, DOUBTFUL
    for code, texts in SEEN_TEXTS.items():
        yield from ((text, code) for text in texts)
    yield from _filled(OUR_TEXTS.items())


# later ones win: `Incorrect link` is the link's own refusal
_MEANINGS: Mapping[str, Code | Doubt] = {
    _normalised(text): meaning for text, meaning in _sentences()
}
