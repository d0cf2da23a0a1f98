"""JSON as sloppy as published pages print it: readable to people, not to a strict reader."""

import re
from decimal import Decimal

from gateway.dialects.json_text import Json, write

BOM = b"\xef\xbb\xbf"
NOTICE = b"<br />\n<b>Notice</b>: Undefined index: refill in <b>api.php</b> on line 5<br />\n"

_BARE = re.compile(r"[A-Za-z][A-Za-z_]{0,31}")
_NAMES_OF_VALUES = frozenset({"true", "false", "null"})


def sloppily(value: Json) -> bytes:
    """The value behind a BOM and a notice; its objects take turns.

    One has a comma too many, one has words without quotes, one lacks its commas, line by line, one
    has both, and one has keys in capitals: nothing in it says less than before.
    """
    return BOM + NOTICE + _Scribe().written(value).encode()


class _Scribe:
    """Writes values and counts the objects."""

    def __init__(self) -> None:
        self._objects = 0

    def written(self, value: Json) -> str:
        if isinstance(value, list):
            return "[\n" + ",\n".join(self.written(each) for each in value) + "\n]"
        if not isinstance(value, dict):
            return _scalar(value)
        turn = self._objects % 5
        self._objects += 1
        lines: list[str] = []
        for name, each in value.items():
            bare = turn in {1, 3} and isinstance(each, str) and _is_word(each)
            key = _scalar(name.capitalize() if turn == 4 else name)
            lines.append(f"{key}: {each if bare else self.written(each)}")
        if turn in {2, 3} and not any(isinstance(each, dict | list) for each in value.values()):
            return "{\n" + "\n".join(lines) + "\n}"
        return "{\n" + ",\n".join(lines) + (",\n}" if turn == 0 and lines else "\n}")


def _is_word(text: str) -> bool:
    return _BARE.fullmatch(text) is not None and text.lower() not in _NAMES_OF_VALUES


def _scalar(value: str | int | Decimal | None) -> str:
    return write(value).decode()
