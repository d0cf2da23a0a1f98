"""What a dialect reads that has no place in the domain (protocol.md 1.2)."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.domain.catalog import Listing

Fields = Mapping[str, str | tuple[str, ...]]
Form = dict[str, str]


@dataclass(frozen=True, slots=True)
class AskServices:
    """Action `services`."""


@dataclass(frozen=True, slots=True)
class AskAdd:
    """Action `add`: a well-formed service id; the rest is read once its type is known."""

    service: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class AskStatus:
    """Action `status`: at most 100 ids, each once and as it was sent, well formed or not."""

    orders: tuple[str, ...]
    many: bool


@dataclass(frozen=True, slots=True)
class AskRefill:
    """Action `refill`: orders, as `AskStatus` has them."""

    orders: tuple[str, ...]
    many: bool


@dataclass(frozen=True, slots=True)
class AskRefillStatus:
    """Action `refill_status`: our ids of refills, well formed or not."""

    refills: tuple[str, ...]
    many: bool


@dataclass(frozen=True, slots=True)
class AskCancel:
    """Action `cancel`: orders, as `AskStatus` has them."""

    orders: tuple[str, ...]
    many: bool


@dataclass(frozen=True, slots=True)
class AskBalance:
    """Action `balance`."""


Ask = AskServices | AskAdd | AskStatus | AskRefill | AskRefillStatus | AskCancel | AskBalance


@dataclass(frozen=True, slots=True)
class ServicesRead:
    """A provider's services list. `skipped` holds (their id or `row N`, why it cannot be imported).

    An empty one proves nothing and must not delist anything (protocol.md 3.3, S12).
    """

    listings: tuple[Listing, ...]
    skipped: tuple[tuple[str, str], ...]


class CannotCarry(Exception):  # noqa: N818  not a fault: this dialect has no words for that placement
    """The placement has something that this dialect cannot say; nothing may be sent.

    `field`: where one field alone is at fault, its name in the standard.
    """

    def __init__(self, why: str, field: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.field = field
