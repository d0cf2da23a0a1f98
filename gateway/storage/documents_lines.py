"""On which line of a TOML text a value stands; the standard reader does not say."""

import re
from bisect import bisect_right
from collections.abc import Iterator

Path = tuple[str | int, ...]

_PIECE = re.compile(
    r"""(?P<text>"{3}(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}|'{3}(?:[^']|'{1,2}(?!'))*'{3,5}"""
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
    r"|(?P<skip>[ \t\r]+|\#[^\n]*)|(?P<end>\n)|(?P<mark>[][{},=.])|(?P<bare>[^][{},=.\s\#\"']+)",
    re.DOTALL,
)


class _Lost(Exception):  # noqa: N818  a signal inside this module: from here on no line is known
    pass


class Lines:
    """Lines by path, as in `("services", 3, "offers", 0)`, of a text that was read without error.

    Built in one pass. What the pass does not understand ends it: unknown is better than wrong.
    """

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._pieces = self._scan(text)
        self._kind, self._word, self._line = "end", "\n", 0
        self._rows: dict[Path, int] = {}
        self._found: dict[Path, int] = {}
        try:
            self._document()
        except (_Lost, RecursionError):
            self._found.clear()

    def of(self, path: Path) -> int | None:
        """The line of a value, or of the nearest table around it when it is missing there."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._found:
                return self._found[path[:length]]
        return None

    def _scan(self, text: str) -> Iterator[tuple[str, str, int]]:
        at = 0
        while at < len(text):
            piece = _PIECE.match(text, at)
            if piece is None:
                raise _Lost
            if piece.lastgroup != "skip":
                yield piece.lastgroup or "", piece[0], bisect_right(self._starts, at)
            at = piece.end()
        yield "end", "\n", len(self._starts)
        yield "over", "", len(self._starts)

    def _next(self) -> None:
        self._kind, self._word, self._line = next(self._pieces, ("over", "", 0))

    def _document(self) -> None:
        around: Path = ()
        self._next()
        while self._kind != "over":
            if self._kind == "end":
                self._next()
            elif self._word == "[":
                around = self._header()
            else:
                self._pair(around)
                self._wanted("end")

    def _header(self) -> Path:
        line = self._line
        self._next()
        repeated = self._word == "["
        if repeated:
            self._next()
        path = self._path(())
        self._wanted("]")
        self._found.setdefault(path, line)
        if repeated:
            self._wanted("]")
            self._rows[path] = self._rows.get(path, -1) + 1
            path = (*path, self._rows[path])
            self._found[path] = line
        return path

    def _pair(self, around: Path) -> None:
        line = self._line
        path = self._path(around)
        self._wanted("=")
        self._found.setdefault(path, line)
        self._value(path)

    def _path(self, around: Path) -> Path:
        """A key with its dots; below a repeated table it belongs to the last row of it."""
        path = around
        while True:
            if self._kind not in ("bare", "text") or "\\" in self._word:
                raise _Lost
            path = (*path, self._word[1:-1] if self._kind == "text" else self._word)
            self._next()
            if self._word != ".":
                return path
            if path in self._rows:
                path = (*path, self._rows[path])
            self._next()

    def _value(self, path: Path) -> None:
        if self._word == "[":
            self._list(path)
        elif self._word == "{":
            self._table(path)
        else:
            if self._kind not in ("bare", "text"):
                raise _Lost
            while self._kind in ("bare", "text") or self._word == ".":
                self._next()

    def _list(self, path: Path) -> None:
        self._next()
        self._empty_lines()
        row = 0
        while self._word != "]":
            self._found.setdefault((*path, row), self._line)
            self._value((*path, row))
            row += 1
            self._empty_lines()
            if self._word != "]":
                self._wanted(",")
                self._empty_lines()
        self._next()

    def _table(self, path: Path) -> None:
        self._next()
        while self._word != "}":
            self._pair(path)
            if self._word != "}":
                self._wanted(",")
        self._next()

    def _empty_lines(self) -> None:
        while self._kind == "end":
            self._next()

    def _wanted(self, mark: str) -> None:
        if mark not in (self._word, self._kind):
            raise _Lost
        self._next()
