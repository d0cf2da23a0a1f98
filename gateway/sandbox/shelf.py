"""What a pretend provider has on offer, and its list as it is told."""

from collections.abc import Sequence

from gateway.dialects.dialect import Dialect
from gateway.dialects.fields import ID_PATTERN
from gateway.dialects.json_text import write
from gateway.domain.catalog import Listing
from gateway.domain.services import read_type


class Shelf:
    """Offers by their ids. The whole list is written once for each change."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._types = dialect.spelling.requests.types
        self._offers: dict[str, Listing] = {}
        self._whole = b""

    def find(self, offer: str) -> Listing | None:
        """What stands under an id."""
        return self._offers.get(offer)

    def carries(self, listing: Listing) -> bool:
        """Whether the dialect can order it; types that nobody sells may be shown all the same."""
        kind = read_type(listing.kind_word)
        return kind is None or kind in self._types

    def put(self, listings: Sequence[Listing], gone: Sequence[str] = ()) -> None:
        """Offer these, in place of those with their ids, and take others off. Raises ValueError."""
        for each in listings:
            if not ID_PATTERN.fullmatch(each.offer):
                raise ValueError(f"an offer's id is a whole number, not {each.offer!r}")
            if not self.carries(each):
                raise ValueError(f"{self._dialect.name} has no type {each.kind_word}")
        self._offers.update((each.offer, each) for each in listings)
        for offer in gone:
            self._offers.pop(offer, None)
        self._whole = write(self._dialect.answer_services(tuple(self._offers.values())))

    def told(self, page_size: int | None = None, offset: int = 0) -> bytes:
        """The list, or so many of its rows from one on."""
        if page_size is None:
            return self._whole
        rows = tuple(self._offers.values())[offset : offset + page_size]
        return write(self._dialect.answer_services(rows))

    def empty(self) -> bytes:
        """The list of somebody who has nothing."""
        return write(self._dialect.answer_services(()))
