"""Who calls: the key, wherever it stands, and the customer behind it (protocol.md 1.1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from gateway.dialects.fields import ABSENT_WORDS
from gateway.dialects.messages import Fields
from gateway.domain.callers import Caller
from gateway.domain.refusals import Code, Refusal
from gateway.operations import Backends
from gateway.operations.identify import identify

KEY_CHARACTERS_MAX = 256
REQUEST_ID_CHARACTERS_MAX = 64

_KEY_FIELDS = ("key", "api_token")
_READ = frozenset(
    {b"content-type", b"content-length", b"x-api-key", b"authorization", b"idempotency-key"}
)


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers that the front door reads, with all values that each came with."""

    values: Mapping[bytes, tuple[bytes, ...]]

    def one(self, name: bytes) -> bytes:
        """The last value, or empty."""
        return self.values.get(name, (b"",))[-1]

    def texts(self, name: bytes) -> tuple[str, ...]:
        """All values; bytes that are not UTF-8 become halves that no check lets through."""
        values = self.values.get(name, ())
        return tuple(value.decode(errors="surrogateescape") for value in values)


def read_headers(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Headers as ASGI gives them: names in lower case, values as raw bytes."""
    values: dict[bytes, tuple[bytes, ...]] = {}
    for name, value in headers:
        if name in _READ:
            values[name] = (*values.get(name, ()), value)
    return Headers(values)


def refuse_key_in_query(query: bytes) -> None:
    """A key in an address ends up in logs and histories: refused for any method."""
    for piece in query.split(b"&") if query else ():
        name = unquote_to_bytes(piece.partition(b"=")[0].replace(b"+", b" "))
        if name.strip().lower().decode("latin-1") in _KEY_FIELDS:
            raise Refusal(Code.NOT_POST)


def find_key(headers: Headers, fields: Fields) -> str:
    """The one key that was sent; Refusal BAD_KEY for none, two that differ, a list, a long one."""
    found = {_key_text(fields[name]) for name in _KEY_FIELDS if name in fields}
    found.update(_key_text(text) for text in headers.texts(b"x-api-key"))
    for text in headers.texts(b"authorization"):
        scheme, _, token = text.strip().partition(" ")
        if scheme.lower() == "bearer":
            found.add(_key_text(token))
    found.discard("")
    if len(found) != 1:
        raise Refusal(Code.BAD_KEY)
    return found.pop()


def find_request_id(headers: Headers, fields: Fields) -> str | None:
    """The caller's own name for this `add`, or None. Two that differ, over 64 characters, a list or
    characters that cannot be printed: Refusal BAD_PARAMS.
    """
    field = fields.get("request_id", "")
    if not isinstance(field, str):
        raise Refusal(Code.BAD_PARAMS, "request_id")
    found = {_present(text) for text in (field, *headers.texts(b"idempotency-key"))}
    found.discard("")
    if not found:
        return None
    request_id = found.pop()
    if found or len(request_id) > REQUEST_ID_CHARACTERS_MAX or not request_id.isprintable():
        raise Refusal(Code.BAD_PARAMS, "request_id")
    return request_id


async def find_caller(backends: Backends, key: str) -> Caller:
    """The customer behind a key; every key that opens nothing gets the same Refusal BAD_KEY."""
    caller = await identify(backends, key)
    if caller is None:
        raise Refusal(Code.BAD_KEY)
    return caller


def _key_text(value: str | tuple[str, ...]) -> str:
    if not isinstance(value, str) or len(value) > KEY_CHARACTERS_MAX or not value.isascii():
        raise Refusal(Code.BAD_KEY)
    return _present(value)


def _present(text: str) -> str:
    text = text.strip()
    return "" if text in ABSENT_WORDS else text
