"""Types of service: their fields and what their quantity means (protocol.md 5)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class ServiceType(StrEnum):
    """The types that can be sold, under the standard's words."""

    DEFAULT = "Default"
    PACKAGE = "Package"
    CUSTOM_COMMENTS = "Custom Comments"


@dataclass(frozen=True, slots=True)
class TypeRule:
    """Where the quantity of a type comes from, and whether its rate is for 1,000 or flat."""

    quantity: Literal["given", "one", "lines"]
    flat: bool = False
    drip_feed: bool = False


TYPE_RULES: dict[ServiceType, TypeRule] = {
    ServiceType.DEFAULT: TypeRule("given", drip_feed=True),
    ServiceType.PACKAGE: TypeRule("one", flat=True),
    ServiceType.CUSTOM_COMMENTS: TypeRule("lines"),
}


def plain_type(word: str) -> str:
    """A type word in one spelling: any case, `_`, `-` and blanks are alike (protocol.md 5)."""
    return " ".join(word.replace("_", " ").replace("-", " ").casefold().split())


_BY_WORD = {plain_type(kind.value): kind for kind in ServiceType}


def read_type(word: str) -> ServiceType | None:
    """The type behind a provider's word; None when it is not sold here."""
    return _BY_WORD.get(plain_type(word))
