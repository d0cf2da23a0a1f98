"""All dialects by name, and the one that a provider speaks."""

from functools import lru_cache

from gateway.dialects.built_in import BUILT_IN as BOOK
from gateway.dialects.dialect import Dialect
from gateway.dialects.document import read_dialect
from gateway.dialects.quirks import with_quirks
from gateway.domain.catalog import Provider

__all__ = ["BOOK", "dialect", "spoken_by"]


def dialect(name: str) -> Dialect:
    """The dialect of that name; KeyError when there is none."""
    return BOOK[name]


@lru_cache(maxsize=1_000)
def spoken_by(provider: Provider) -> Dialect:
    """A provider's dialect with its quirks: its document's, else the one of that name.

    Raises KeyError when there is none, DialectErrors for a document that describes none.
    """
    if provider.document:
        spoken = read_dialect(provider.dialect, provider.document)
    else:
        spoken = dialect(provider.dialect)
    return with_quirks(spoken, provider.quirks)
