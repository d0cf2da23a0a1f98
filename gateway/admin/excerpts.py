"""Texts of others on a page that must stay small: so much of each, and of all together."""

import html
from dataclasses import dataclass

from gateway.admin.rendering import clean

CUT = "…"


@dataclass(slots=True)
class Excerpts:
    """What is left, in bytes as they travel: markup that was sent to us weighs five times."""

    left: int

    def of(self, value: object, most: int) -> str:
        """As much of a text as its own measure and the page's allow; what is cut ends in dots."""
        whole = str(clean("" if value is None else value))
        most = max(0, min(most, self.left))
        shown = whole[:most]
        while (weight := _weight(shown)) > most:
            shown = shown[: len(shown) * most // weight]
        self.left -= _weight(shown)
        return shown if len(shown) == len(whole) else shown + CUT


def _weight(text: str) -> int:
    return len(html.escape(text).encode())
