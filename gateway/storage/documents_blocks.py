"""Which part of a TOML text is which table, so that one is edited and the others keep each byte."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from gateway.domain.edits import CannotEdit

_PIECE = re.compile(
    r"""(?P<text>"{3}(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}|'{3}(?:[^']|'{1,2}(?!'))*'{3,5}"""
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
    r"|(?P<end>\n)|(?P<open>[\[{])|(?P<close>[\]}])|(?P<remark>\#[^\n]*)"
    r"|(?P<bare>[^\[\]{}\n\#\"']+)",
    re.DOTALL,
)
_ROW = "[]"


@dataclass(frozen=True, slots=True)
class Block:
    """A repeated table: the remarks directly above it, and itself with all that is its own."""

    lead: str
    body: str

    @property
    def text(self) -> str:
        """Both."""
        return self.lead + self.body


Part = str | Block
"""A block, or what stands before, between or after them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The block that stood at a place, from 0; with another body if one is given."""

    place: int
    body: str | None = None


def lay(text: str, name: str) -> list[Part]:
    """The `[[name]]` tables of a text that is sound TOML. Raises `CannotEdit`."""
    parts: list[Part] = []
    chunks = list(chunks_of(text))
    belows = [path for path, _, _ in chunks[1:]]
    lead = ""
    for (path, code, rest), below in zip(chunks, [*belows, ()], strict=True):
        if path == (name, _ROW):
            parts.append(Block(lead, code))
        elif path[:1] != (name,):
            parts.append(lead + code)
        elif parts and isinstance(last := parts[-1], Block):
            parts[-1] = Block(last.lead, last.body + lead + code)
        else:
            raise CannotEdit(f"[{'.'.join(path)}] stands apart from its [[{name}]]")
        attached, gap, lead = _parted(rest, parts[-1], name, below)
        last = parts[-1]
        parts[-1] = Block(last.lead, last.body + attached) if isinstance(last, Block) else last
        parts.append(gap if isinstance(last, Block) else attached + gap)
        if not parts[-1]:
            parts.pop()
    return parts


def rows_of(parts: list[Part], read: object, name: str) -> list[Block]:
    """The blocks, if they are all the rows that a reader finds. Raises `CannotEdit`."""
    blocks = [part for part in parts if isinstance(part, Block)]
    rows = cast("list[object]", read) if isinstance(read, list) else []
    if len(blocks) != len(rows):
        raise CannotEdit(f"they are not written as [[{name}]] tables: edit the document itself")
    return blocks


def arrange(parts: list[Part], wanted: list[Kept | str]) -> str:
    """The text with these blocks in this order, old ones and new texts.

    What stands between blocks stays where it is; an empty line goes with a block that is removed.
    """
    kept = {each.place for each in wanted if isinstance(each, Kept)}
    blocks = [part for part in parts if isinstance(part, Block)]
    groups = _grouped(blocks, wanted)
    first, slots = groups[0], iter(groups[1:])
    texts: list[str] = []
    place, dropped = 0, False
    for part in parts:
        if isinstance(part, str):
            texts.append("" if dropped and not part.strip() else part)
            dropped = False
            continue
        dropped = place not in kept
        place += 1
        if first or not dropped:
            group = first + ([] if dropped else next(slots))
            texts.append(_apart(group))
            first, dropped = [], False
    if first:
        before = _ended("".join(texts))
        texts = [before, *(["\n"] if before.strip() else []), _apart(first)]
    return _joined(texts)


def _grouped(blocks: list[Block], wanted: list[Kept | str]) -> list[list[str]]:
    """New texts before the first old block, then each old block with the new ones after it."""
    groups: list[list[str]] = [[]]
    for each in wanted:
        if isinstance(each, str):
            groups[-1].append(each)
        else:
            block = blocks[each.place]
            groups.append([block.text if each.body is None else block.lead + each.body])
    return groups


def _joined(texts: list[str]) -> str:
    # the last line of a file may lack its end, which it needs once something follows
    filled = [each for each in texts if each]
    return "".join((*(_ended(each) for each in filled[:-1]), *filled[-1:]))


def _apart(group: list[str]) -> str:
    return "\n".join((*map(_ended, group[:-1]), *group[-1:]))


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _parted(rest: str, part: Part, name: str, below: tuple[str, ...]) -> tuple[str, str, str]:
    """Remarks and empty lines below a table: what is its own, what is nobody's, what is the next's.

    A remark that nothing parts from the table below it belongs there.
    """
    if below[:1] == (name,) and below != (name, _ROW):
        return "", "", rest
    lines = rest.splitlines(keepends=True)
    own = next((at for at, line in enumerate(lines) if not line.strip()), len(lines))
    if below != (name, _ROW):
        return "".join(lines[:own]), "".join(lines[own:]), ""
    theirs = next((at for at, line in enumerate(reversed(lines)) if not line.strip()), len(lines))
    # what opens a file is about the file
    theirs = 0 if theirs == len(lines) and not part else theirs
    split = len(lines) - theirs
    own = min(own, split)
    return "".join(lines[:own]), "".join(lines[own:split]), "".join(lines[split:])


def chunks_of(text: str) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """From header to header: its path, the code with it, remarks and empty lines behind the code.

    What stands before the first header has the path `()`. Raises `CannotEdit`.
    """
    began = code = line = 0
    header, depth, said = "", 0, False
    for piece in _pieces(text):
        at, kind = piece.end(), piece.lastgroup
        if kind == "end" and depth == 0:
            code = at if said else code
            line, said = at, False
        elif kind == "open":
            if depth == 0 and not said:
                if line:
                    yield _path(header), text[began:code], text[code:line]
                began = code = line
                header = _line_at(text, line)
            depth, said = depth + 1, True
        elif kind == "close":
            depth -= 1
        elif kind == "text" or (kind == "bare" and piece[0].strip()):
            said = True
    code = len(text) if said else code
    yield _path(header), text[began:code], text[code:]


def _pieces(text: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            raise CannotEdit("it cannot be told which table stands where: edit the document itself")
        yield piece
        at = piece.end()


def _line_at(text: str, start: int) -> str:
    end = text.find("\n", start)
    return text[start : len(text) if end < 0 else end].strip()


@lru_cache(maxsize=1_000)  # ten thousand tables have a handful of headers
def _path(header: str) -> tuple[str, ...]:
    """`("rules", "[]")` of `[[rules]]`, `("rules", "match")` of `[rules.match]`."""
    steps: list[str] = []
    inner: object = tomllib.loads(header)
    while inner:
        if isinstance(inner, list):
            steps.append(_ROW)
            inner = cast("list[object]", inner)[0]
        elif isinstance(inner, Mapping):
            ((key, inner),) = cast("Mapping[str, object]", inner).items()
            steps.append(key)
    return tuple(steps)
