"""How two texts differ, as hunks of lines; made for documents of ten thousand tables."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT = 3
CLOSELY_MAX = 400
"""Between two lines that are surely the same, so many are compared one by one."""
LINES_MAX = 2_000

Same = tuple[int, int, int, int]
"""From a to b in the one text is in the place of c to d in the other."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that differ with a few around them; each begins with a blank, `-` or `+`.

    The numbers count from 1 and are those of the first line in either text.
    """

    before: int
    after: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """All hunks, in their order; `left_out` counts the changed lines that are not shown."""

    hunks: tuple[Hunk, ...]
    removed: int
    added: int
    left_out: int = 0


def difference(before: str, after: str) -> Difference:
    """From one text to another, at most `LINES_MAX` lines of it."""
    if before == after:
        return Difference((), 0, 0)
    old, new = before.splitlines(), after.splitlines()
    changes = _merged(_changes(old, new))
    removed = sum(b - a for a, b, _, _ in changes)
    added = sum(d - c for _, _, c, d in changes)
    hunks: list[Hunk] = []
    shown, room = 0, LINES_MAX
    for group in _near(changes):
        hunk = _hunk(group, old, new)
        if len(hunk.lines) > room:
            hunk = Hunk(hunk.before, hunk.after, hunk.lines[:room])
        room -= len(hunk.lines)
        shown += sum(line[0] != " " for line in hunk.lines)
        hunks.append(hunk)
        if not room:
            break
    return Difference(tuple(hunks), removed, added, removed + added - shown)


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[Same]:
    """What differs between the lines that stand in both texts once, and in the same order."""
    a = c = 0
    for one, other in [*_anchors(old, new), (len(old), len(new))]:
        yield from _closely(old, new, (a, one, c, other))
        a, c = one, other


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    once_old = {line for line, count in Counter(old).items() if count == 1}
    once_new = {line for line, count in Counter(new).items() if count == 1}
    places = {line: at for at, line in enumerate(new) if line in once_new}
    pairs = [
        (at, places[line]) for at, line in enumerate(old) if line in once_old and line in places
    ]
    return _rising(pairs)


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs that rises on both sides."""
    tails: list[int] = []
    at_tail: list[int] = []
    earlier: list[int] = []
    for at, (_, place) in enumerate(pairs):
        length = bisect_left(tails, place)
        earlier.append(at_tail[length - 1] if length else -1)
        tails[length : length + 1] = [place]
        at_tail[length : length + 1] = [at]
    found: list[tuple[int, int]] = []
    at = at_tail[-1] if at_tail else -1
    while at >= 0:
        found.append(pairs[at])
        at = earlier[at]
    return found[::-1]


def _closely(old: Sequence[str], new: Sequence[str], within: Same) -> Iterator[Same]:
    a, b, c, d = within
    while a < b and c < d and old[a] == new[c]:
        a, c = a + 1, c + 1
    while a < b and c < d and old[b - 1] == new[d - 1]:
        b, d = b - 1, d - 1
    if a == b and c == d:
        return
    if a == b or c == d or max(b - a, d - c) > CLOSELY_MAX:
        yield a, b, c, d
        return
    matcher = SequenceMatcher(None, old[a:b], new[c:d], autojunk=False)
    for tag, one, other, first, last in matcher.get_opcodes():
        if tag != "equal":
            yield a + one, a + other, c + first, c + last


def _merged(changes: Iterator[Same]) -> list[Same]:
    found: list[Same] = []
    for a, b, c, d in changes:
        if found and found[-1][1] == a and found[-1][3] == c:
            found[-1] = found[-1][0], b, found[-1][2], d
        else:
            found.append((a, b, c, d))
    return found


def _near(changes: Sequence[Same]) -> Iterator[list[Same]]:
    """Changes whose surroundings meet, together."""
    group: list[Same] = []
    for change in changes:
        if group and change[0] - group[-1][1] > 2 * CONTEXT:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _hunk(group: Sequence[Same], old: Sequence[str], new: Sequence[str]) -> Hunk:
    first, last = group[0], group[-1]
    around = min(CONTEXT, first[0])
    lines: list[str] = []
    at = first[0] - around
    for a, b, c, d in group:
        lines += [f" {line}" for line in old[at:a]]
        lines += [f"-{line}" for line in old[a : min(b, a + LINES_MAX)]]
        lines += [f"+{line}" for line in new[c : min(d, c + LINES_MAX)]]
        at = b
    lines += [f" {line}" for line in old[at : last[1] + CONTEXT]]
    return Hunk(first[0] - around + 1, first[2] - around + 1, tuple(lines))
