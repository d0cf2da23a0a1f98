"""A provider's key never leaves this room in what anybody says (money.md 9, secrets)."""

from urllib.parse import quote, quote_plus

REDACTED = "***"
KEY_CHARACTERS_MIN = 8  # anything shorter is no secret, and is found in honest words and ids


class Redactor:
    """Replaces a key, also where it is spelled for a URL or for JSON, by `***`."""

    __slots__ = ("_spellings",)

    def __init__(self, key: str) -> None:
        spellings = {key, quote(key, safe=""), quote_plus(key), key.replace("/", "\\/")}
        if len(key) < KEY_CHARACTERS_MIN:
            spellings = set[str]()
        self._spellings = tuple(sorted(spellings, key=len, reverse=True))

    def text(self, text: str) -> str:
        """A text without the key."""
        for spelling in self._spellings:
            text = text.replace(spelling, REDACTED)
        return text

    def body(self, body: bytes) -> bytes:
        """A body without the key."""
        for spelling in self._spellings:
            body = body.replace(spelling.encode(), REDACTED.encode())
        return body
