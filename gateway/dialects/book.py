"""All dialects by name."""

from collections.abc import Mapping
from types import MappingProxyType

from gateway.dialects.dialect import Dialect
from gateway.dialects.standard import STANDARD

BOOK: Mapping[str, Dialect] = MappingProxyType({each.name: each for each in (STANDARD,)})


def dialect(name: str) -> Dialect:
    """The dialect of that name; KeyError when there is none."""
    return BOOK[name]
