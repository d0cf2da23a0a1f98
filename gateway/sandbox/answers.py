"""What goes back over the wire, and how whole it arrives."""

from dataclasses import dataclass
from enum import StrEnum

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


class Delivery(StrEnum):
    """How an answer arrives. All but WHOLE and DRIP end the connection without all of it."""

    WHOLE = "whole"
    RESET = "reset"
    CLOSE = "close"
    HANG = "hang"
    HALF_HEADERS = "half_headers"
    GARBAGE = "garbage"
    CUT = "cut"
    CUT_EOF = "cut_eof"
    DRIP = "drip"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `order`: the one whose id the caller learns if all arrives.

    `closes`: no further request on its connection is understood.
    """

    body: bytes
    status: int = 200
    content_type: str = JSON
    delivery: Delivery = Delivery.WHOLE
    order: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    closes: bool = False
