"""Customers' keys: 256 random bits, stored only as an HMAC under the installation's secret."""

import hashlib
import hmac
import secrets

PREFIX = "gw_"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY_CHARACTERS = 43
_CHECK_CHARACTERS = 5
KEY_CHARACTERS_MAX = 128
HINT_CHARACTERS = 4


def new_key() -> str:
    """A fresh key: prefix, 32 random bytes in base 62, and a checksum that finds typing errors."""
    body = _base62(int.from_bytes(secrets.token_bytes(32)), _BODY_CHARACTERS)
    return PREFIX + body + _check(body)


def hint(key: str) -> str:
    """The last characters, by which people tell keys apart."""
    return key[-HINT_CHARACTERS:]


def looks_right(key: str) -> bool:
    """Whether a text can be a key at all, so that typing errors cost no look-up."""
    if not key.startswith(PREFIX) or len(key) > KEY_CHARACTERS_MAX:
        return False
    body = key[len(PREFIX) : -_CHECK_CHARACTERS]
    return hmac.compare_digest(key[-_CHECK_CHARACTERS:].encode(), _check(body).encode())


def digest(key: str, secret: str) -> bytes:
    """What the database knows of a key."""
    return hmac.digest(secret.encode(), key.encode(), "sha256")


def _check(body: str) -> str:
    value = int.from_bytes(hashlib.sha256(body.encode()).digest()[:4])
    return _base62(value, _CHECK_CHARACTERS)[-_CHECK_CHARACTERS:]


def _base62(value: int, width: int) -> str:
    characters: list[str] = []
    while value:
        value, rest = divmod(value, len(_ALPHABET))
        characters.append(_ALPHABET[rest])
    return "".join(reversed(characters)).rjust(width, "0")
