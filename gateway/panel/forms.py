"""A body's bytes -> the fields that the caller sent, decoded once (protocol.md 1.1).

The only place where customers' bytes become text: strict UTF-8, no NUL (Postgres stores none),
at most 256 fields.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

import msgspec

from gateway.dialects.messages import Fields
from gateway.domain.refusals import Code, Refusal
from gateway.panel.multipart import read_parts

FIELDS_MAX = 256
NOT_UTF8 = "encoding: UTF-8 expected"
NOT_TEXT = "encoding: NUL is not text"
NOT_FLAT = "JSON: one flat object expected"

_PIECE = re.compile(r"([^\[\]]+)\[([0-9]{0,9})\]", re.ASCII)
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_STRING = msgspec.json.Decoder(str)


def read_fields(body: bytes, content_type: bytes) -> Fields:
    """The fields of a form, a multipart form or a JSON object; Refusal BAD_PARAMS or TOO_LARGE.

    JSON is told by its content type or its first byte: many callers send it under a form's type.
    """
    kind = content_type.partition(b";")[0].strip().lower()
    if kind == b"multipart/form-data":
        parts = read_parts(body, content_type, parts_max=FIELDS_MAX)
        return _gather((_text(name), _text(value)) for name, value in parts)
    if body[:1] == b"{" or kind.endswith((b"/json", b"+json")):
        return _read_json(body)
    return _read_urlencoded(body)


def _read_urlencoded(body: bytes) -> Fields:
    if body.count(b"&") >= FIELDS_MAX:
        raise Refusal(Code.TOO_LARGE)
    pairs = (piece.partition(b"=") for piece in body.split(b"&") if piece)
    return _gather((_unquote(name), _unquote(value)) for name, _, value in pairs)


def _unquote(raw: bytes) -> str:
    if b"+" in raw:
        raw = raw.replace(b"+", b" ")
    return _text(unquote_to_bytes(raw) if b"%" in raw else raw)


def _read_json(body: bytes) -> Fields:
    try:
        members = _OBJECT.decode(body)
        if len(members) > FIELDS_MAX:
            raise Refusal(Code.TOO_LARGE)
        fields = {_no_nul(name): _json_value(bytes(raw)) for name, raw in members.items()}
    except UnicodeDecodeError:
        raise Refusal(Code.BAD_PARAMS, NOT_UTF8) from None
    except (msgspec.MsgspecError, RecursionError):
        raise Refusal(Code.BAD_PARAMS, NOT_FLAT) from None
    return {name: value for name, value in fields.items() if value is not None}


def _json_value(raw: bytes) -> str | tuple[str, ...] | None:
    if raw[:1] != b"[":
        return _json_scalar(raw)
    pieces = (_json_scalar(bytes(piece)) for piece in _ARRAY.decode(raw))
    return tuple(piece for piece in pieces if piece is not None)


def _json_scalar(raw: bytes) -> str | None:
    """A number is kept as it was spelled (1e3 is not 1000), and so are true and false, which no
    field takes for a number; null is absent.
    """
    if raw[:1] == b'"':
        return _no_nul(_STRING.decode(raw))
    if raw[:1] in (b"{", b"["):
        raise Refusal(Code.BAD_PARAMS, NOT_FLAT)
    return None if raw == b"null" else raw.decode()


def _gather(pairs: Iterable[tuple[str, str]]) -> Fields:
    """The last value wins; `name[]` and `name[0]` make a list, as in PHP."""
    fields: dict[str, str | tuple[str, ...]] = {}
    lists: dict[str, dict[str, str]] = {}
    for name, value in pairs:
        piece = _PIECE.fullmatch(name) if name.endswith("]") else None
        if piece is None:
            fields[name] = value
            lists.pop(name, None)
        else:
            pieces = lists.setdefault(piece[1], {})
            pieces[piece[2] or f"+{len(pieces)}"] = value
    for name, pieces in lists.items():
        fields[name] = tuple(pieces.values())
    return fields


def _text(raw: bytes) -> str:
    try:
        return _no_nul(raw.decode())
    except UnicodeDecodeError:
        raise Refusal(Code.BAD_PARAMS, NOT_UTF8) from None


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise Refusal(Code.BAD_PARAMS, NOT_TEXT)
    return text
