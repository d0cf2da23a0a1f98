"""Which suspects and unknown orders may belong to each other, and to nobody else (money.md 4).

A provider that hangs leaves hundreds of them: they are looked up by their costs.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.domain.evidence import LOWERED, Orphan, Scene, Suspect, charged_alike
from gateway.domain.money import EXACT
from gateway.domain.targets import ROUNDING_MAX


@dataclass(frozen=True, slots=True)
class Group:
    """Suspects and orphans that may belong to each other, and to nobody else but those `gone`."""

    suspects: tuple[Suspect, ...]
    orphans: tuple[Orphan, ...]
    gone: tuple[Suspect, ...] = ()


class Candidates:
    """Suspects in the order of their costs: most unknown orders bear the whole charge of one."""

    def __init__(self, scene: Scene, suspects: Sequence[Suspect]) -> None:
        self._scene = scene
        self._suspects = suspects
        by_cost = sorted((each.cost, at) for at, each in enumerate(suspects) if each.exact)
        self._costs = [cost for cost, _ in by_cost]
        self._places = [at for _, at in by_cost]
        self._inexact = [at for at, each in enumerate(suspects) if not each.exact]

    def places(self, orphan: Orphan) -> list[int]:
        """Where those stand that nothing speaks against, in their order."""
        scene, suspects = self._scene, self._suspects
        return [at for at in self._near(orphan) if may_be(scene, suspects[at], orphan)]

    def of(self, orphan: Orphan) -> list[Suspect]:
        """Those that nothing speaks against, in their order."""
        return [self._suspects[at] for at in self.places(orphan)]

    def _near(self, orphan: Orphan) -> Sequence[int]:
        if orphan.charge is None or orphan.word in LOWERED or not self._scene.controls.charges:
            return range(len(self._suspects))
        low = bisect_left(self._costs, EXACT.subtract(orphan.charge, ROUNDING_MAX))
        high = bisect_right(self._costs, EXACT.add(orphan.charge, ROUNDING_MAX))
        return sorted(self._inexact + self._places[low:high])


def groups(scene: Scene) -> Iterator[Group]:
    """Each suspect is in one of them; an orphan that can be nobody's is in none."""
    above = list(range(len(scene.suspects)))
    candidates = Candidates(scene, scene.suspects)
    owned: list[tuple[int, Orphan, bool]] = []
    for orphan in scene.orphans:
        if mine := candidates.places(orphan):
            _join(above, mine)
            late = not at_once([scene.suspects[at] for at in mine], orphan)
            owned.append((mine[0], orphan, late))
    suspects, orphans = defaultdict[int, list[Suspect]](list), defaultdict[int, list[Orphan]](list)
    gone = defaultdict[int, set[int]](set)
    disproved = Candidates(scene, scene.gone)
    for at, suspect in enumerate(scene.suspects):
        suspects[_root(above, at)].append(suspect)
    for at, orphan, late in owned:
        orphans[_root(above, at)].append(orphan)
        if late:
            gone[_root(above, at)].update(disproved.places(orphan))
    for root, members in suspects.items():
        lately = tuple(scene.gone[at] for at in sorted(gone[root]))
        yield Group(tuple(members), tuple(orphans[root]), lately)


def at_once(mine: Sequence[Suspect], orphan: Orphan) -> bool:
    """Whether it came just when one was sent: of one long disproved it would be so hardly ever."""
    return any(each.soon is not None and orphan.number < each.soon for each in mine)


def may_be(scene: Scene, suspect: Suspect, orphan: Orphan) -> bool:
    """Whether nothing speaks against an orphan being a suspect's."""
    if not suspect.window.holds(orphan.number):
        return False
    return not scene.controls.charges or _alike(scene, suspect, orphan) is not False


def is_sure(scene: Scene, suspect: Suspect, orphan: Orphan) -> bool:
    """Whether an orphan bears just a suspect's charge."""
    return scene.controls.charges and _alike(scene, suspect, orphan) is True


def _alike(scene: Scene, suspect: Suspect, orphan: Orphan) -> bool | None:
    return charged_alike(suspect, orphan, scene.controls.decimals)


def _join(above: list[int], places: Sequence[int]) -> None:
    """All of them have one root from now on: the lowest that any of them had."""
    roots = {_root(above, at) for at in places}
    lowest = min(roots)
    for root in roots:
        above[root] = lowest


def _root(above: list[int], at: int) -> int:
    while above[at] != at:
        above[at] = above[above[at]]
        at = above[at]
    return at
