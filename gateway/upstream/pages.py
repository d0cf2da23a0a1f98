"""A services list that comes in pages: the whole of it, or nothing (protocol.md 3.3, S13)."""

from gateway.dialects.messages import ServicesRead
from gateway.domain.catalog import Listing
from gateway.domain.observations import Refused, Unclear

PAGES_MAX = 400


class Pages:
    """Gathers pages of so many rows; None = the list comes in one."""

    def __init__(self, page_size: int | None, bytes_max: int) -> None:
        self._page_size = page_size
        self._listings: dict[str, Listing] = {}
        self._skipped: list[tuple[str, str]] = []
        self._pages = 0
        self.rows = 0
        """How many rows came so far: where the next page begins."""
        self.bytes_left = bytes_max
        """How much the next page may hold."""

    def take(self, page: ServicesRead, size: int) -> ServicesRead | Unclear | None:
        """The whole list when this page was its last; None while there are more to ask for."""
        rows = len(page.listings) + len(page.skipped)
        news = {each.offer: each for each in page.listings if each.offer not in self._listings}
        self._listings |= news
        self._skipped += page.skipped
        self._pages += 1
        self.rows += rows
        self.bytes_left -= size
        if self._page_size is None or rows < self._page_size:
            return self._whole()
        if self._pages == 1 and rows > self._page_size:
            return self._whole()  # it does not page at all
        if not news:
            return Unclear(f"page {self._pages} of the list brings nothing new")
        if self._pages >= PAGES_MAX or self.bytes_left <= 0:
            return Unclear(f"the list has not ended after {self._pages} pages")
        return None

    def broken(self, answer: Refused | Unclear) -> Refused | Unclear:
        """What a page that could not be read makes of the list."""
        if not self._pages:
            return answer
        why = answer.why if isinstance(answer, Unclear) else answer.text
        return Unclear(f"page {self._pages + 1} of the list: {why}")

    def _whole(self) -> ServicesRead:
        return ServicesRead(tuple(self._listings.values()), tuple(self._skipped))
