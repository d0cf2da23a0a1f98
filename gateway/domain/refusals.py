"""Refusals: the expected no, as canonical codes; dialects have the words (protocol.md 1.4)."""

from enum import StrEnum


class Code(StrEnum):
    """Why a request is refused; each dialect has one text for each."""

    BAD_KEY = "bad_key"
    KEY_SCOPE = "key_scope"
    BAD_ACTION = "bad_action"
    NOT_POST = "not_post"
    BAD_SERVICE = "bad_service"
    UNAVAILABLE = "unavailable"
    BAD_LINK = "bad_link"
    MIN = "min"
    MAX = "max"
    BAD_QUANTITY = "bad_quantity"
    BAD_PARAMS = "bad_params"
    MISSING = "missing"
    FUNDS = "funds"
    DUPLICATE_LINK = "duplicate_link"
    REUSED_REQUEST_ID = "reused_request_id"
    ORDER_NOT_FOUND = "order_not_found"
    REFILL_NOT_FOUND = "refill_not_found"
    REFILL_REFUSED = "refill_refused"
    REFILL_IN_PROGRESS = "refill_in_progress"
    CANCEL_REFUSED = "cancel_refused"
    CANCEL_IN_PROGRESS = "cancel_in_progress"
    TOO_MANY_IDS = "too_many_ids"
    TOO_LARGE = "too_large"
    RATE_LIMIT = "rate_limit"
    MAINTENANCE = "maintenance"


class Refusal(Exception):  # noqa: N818  the glossary's word: an expected no, not a fault
    """An expected no. `detail` fills the text's blank: a bound, or a field's name."""

    def __init__(self, code: Code, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail = detail

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refusal) and (self.code, self.detail) == (other.code, other.detail)

    def __hash__(self) -> int:
        return hash((self.code, self.detail))
