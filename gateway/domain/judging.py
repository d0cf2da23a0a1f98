"""Judging orders in doubt by all evidence at once: the rules R1 to R3 (money.md 4).

Each id that turned up must belong to one of the suspects, and each suspect has one id at most. What
follows from that alone is decided; where two readings are possible a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from gateway.domain.equation import explanation
from gateway.domain.evidence import SAMPLES_MIN, Orphan, Scene, Suspect, near
from gateway.domain.groups import Candidates, Group, at_once, groups, is_sure, may_be
from gateway.domain.money import EXACT, ZERO, total
from gateway.domain.orders import State
from gateway.domain.owners import certain, most
from gateway.domain.targets import ROUNDING_MAX

GROUP_MAX = 40
IDS_MAX = 10


class Rule(StrEnum):
    """What a judgement rests on."""

    ACCEPTED = "R1"
    NOT_ACCEPTED = "R2"
    OPEN = "R3"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be done about a suspect, and why.

    `number`: the id under R1. `surely_taken`: whatever the id is, there is one.
    """

    rule: Rule
    because: str
    number: int | None = None
    surely_taken: bool = False


def judge(scene: Scene) -> dict[Suspect, Judgement]:
    """A judgement for each suspect that is not being sent just now."""
    if not scene.ids_speak:
        return _by_balance(scene)
    found: dict[Suspect, Judgement] = {}
    for group in groups(scene):
        found |= _judge_group(scene, group)
    return {
        suspect: _weighed(scene, suspect, judgement, found)
        for suspect, judgement in found.items()
        if not suspect.being_sent
    }


def lost(
    scene: Scene, disproved: Sequence[Suspect], orphans: Sequence[Orphan]
) -> dict[Suspect, Orphan]:
    """Which of those whose money was given back were executed after all, and as what.

    An id that may be of one still in doubt is left to it, until its money is given back, too. Those
    that were refunded unproven come before those that were disproved. Of two of one cost nobody can
    tell, and the loss is the same. Only exact charges tell anything.
    """
    if not scene.controls.scoped:
        return {}
    unproven = _unproven(scene)
    doubtful = [each for each in scene.suspects if each.state is not State.FAILED]
    free = _nobodys(scene, doubtful, orphans)
    refunded = _share_out(scene, unproven, free)
    taken = set(refunded.values())
    silent = [each for each in unproven if each not in refunded]
    left = _nobodys(scene, silent, [one for one in free if one not in taken])
    return refunded | _share_out(scene, disproved, left)


def proves_lateness(scene: Scene, guessed: Sequence[Suspect], orphan: Orphan) -> bool:
    """Whether an id can be of none that was refunded unproven, so that it came too late for sure.

    `guessed`: those of them that were given an id since, which may be another one's.
    """
    return not any(may_be(scene, each, orphan) for each in (*_unproven(scene), *guessed))


def _unproven(scene: Scene) -> list[Suspect]:
    return [each for each in scene.suspects if each.state is State.FAILED]


def _nobodys(scene: Scene, suspects: Sequence[Suspect], orphans: Sequence[Orphan]) -> list[Orphan]:
    candidates = Candidates(scene, suspects)
    return [each for each in orphans if not candidates.places(each)]


def _share_out(
    scene: Scene, suspects: Sequence[Suspect], orphans: Sequence[Orphan]
) -> dict[Suspect, Orphan]:
    candidates = Candidates(scene, suspects)
    possible = {
        one: [each for each in candidates.of(one) if is_sure(scene, each, one)] for one in orphans
    }
    return {suspect: one for one, suspect in most(possible).items()}


def _judge_group(scene: Scene, group: Group) -> dict[Suspect, Judgement]:
    suspects, orphans = group.suspects, group.orphans
    if not orphans:
        return {each: _not_found(each) for each in suspects}
    if any(each.being_sent for each in suspects):
        why = "another order of that cost is being sent"
        return {each: Judgement(Rule.WAIT, why) for each in suspects}
    if len(suspects) > GROUP_MAX or len(orphans) > GROUP_MAX:
        return _undecided(group, suspects)
    found = certain({orphan: _owners(scene, group, orphan) for orphan in orphans})
    if found is None:
        return _undecided(group, suspects)
    ids = {suspect: orphan for orphan, suspect in found.items()}
    judged = {
        each: _taken(ids[each])
        for each in suspects
        if each in ids and is_sure(scene, each, ids[each])
    }
    return judged | _undecided(group, [each for each in suspects if each not in judged])


def _owners(scene: Scene, group: Group, orphan: Orphan) -> list[Suspect]:
    mine = [each for each in group.suspects if may_be(scene, each, orphan)]
    if at_once(mine, orphan):
        return mine
    return mine + [each for each in group.gone if may_be(scene, each, orphan)]


def _undecided(group: Group, left: Sequence[Suspect]) -> dict[Suspect, Judgement]:
    """More than one reading: more evidence may come, else it is for a person (R3)."""
    ids = _ids(group.orphans)
    if not all(_closed(each) for each in group.suspects):
        why = f"{ids} may be its own; more may still turn up"
        return {each: Judgement(Rule.WAIT, why) for each in left}
    every = len(group.orphans) == len(group.suspects) and not group.gone
    if group.gone:
        late = ", ".join(str(each.order) for each in group.gone[:IDS_MAX])
        why = f"{ids} may be its own, or of {late}, executed late: compare the links"
    elif every:
        why = f"accepted, as one of {ids}: compare the links in the provider's panel"
    elif len(group.orphans) > len(group.suspects):
        why = f"{ids} are more than the orders that they may be: compare the links"
    else:
        others = ", ".join(str(each.order) for each in group.suspects[:IDS_MAX])
        why = (
            f"{len(group.orphans)} of {len(group.suspects)} orders ({others}) were accepted, as "
            f"{ids}: compare the links in the provider's panel"
        )
    return {each: Judgement(Rule.OPEN, why, surely_taken=every) for each in left}


def _not_found(suspect: Suspect) -> Judgement:
    if _closed(suspect):
        window = suspect.window
        why = f"no unknown order of that cost between {window.low} and {window.high}"
        return Judgement(Rule.NOT_ACCEPTED, why)
    if not suspect.ripe:
        return Judgement(Rule.WAIT, "it may still be executed")
    if suspect.window.high is None:
        return Judgement(Rule.WAIT, "no later order tells yet where its id would end")
    return Judgement(Rule.WAIT, "not every id between its neighbours was asked for yet")


def _closed(suspect: Suspect) -> bool:
    window = suspect.window
    bounded = window.low is not None and window.high is not None
    return bounded and suspect.ripe and suspect.covered


def _taken(orphan: Orphan) -> Judgement:
    because = f"{orphan.number} can be no other order's"
    return Judgement(Rule.ACCEPTED, because, orphan.number, surely_taken=True)


def _weighed(
    scene: Scene, suspect: Suspect, judgement: Judgement, found: dict[Suspect, Judgement]
) -> Judgement:
    """The balance may contradict that an order was not accepted; it then goes to a person."""
    ids_done = judgement.rule is Rule.NOT_ACCEPTED
    open_above = judgement.rule is Rule.WAIT and suspect.ripe and not scene.orphans
    if open_above and _nothing_missing(scene):
        return Judgement(Rule.NOT_ACCEPTED, "nothing is missing in the balance, and no id found")
    if not ids_done or not scene.scales.usable:
        return judgement
    charges = [each.charge or ZERO for each in scene.orphans]
    rest = EXACT.subtract(scene.scales.unexplained or ZERO, total(charges))
    others = [
        each.cost for each, said in found.items() if said.number is None and each is not suspect
    ]
    if explanation(EXACT.subtract(rest, suspect.cost), others) is not None:
        why = f"no id was found, but the balance lacks {rest:f}: ask the provider"
        return Judgement(Rule.OPEN, why)
    return judgement


def _by_balance(scene: Scene) -> dict[Suspect, Judgement]:
    """Where ids say nothing: an exact balance proves that nothing was charged (R2), no more."""
    why = scene.controls.why or (
        f"ids are not known to rise ({scene.calibration.samples} samples, "
        f"{scene.calibration.inversions} inversions)"
    )
    doubtful = [each for each in scene.suspects if not each.being_sent]
    if _nothing_missing(scene):
        nothing = Judgement(Rule.NOT_ACCEPTED, "nothing is missing in the balance")
        return {each: nothing if each.ripe else _not_found(each) for each in doubtful}
    missing = scene.scales.unexplained
    if scene.scales.usable and missing is not None and len(doubtful) == 1:
        (only,) = doubtful
        if near(missing, only.cost):
            lacks = f"the balance lacks just its cost, {missing:f}: find its id in their panel"
            return {only: Judgement(Rule.WAIT, lacks, surely_taken=True)}
    return {each: Judgement(Rule.WAIT, why) for each in doubtful}


def _nothing_missing(scene: Scene) -> bool:
    """Whether a quiet balance is exact to the last digit, after enough orders to believe it."""
    scales = scene.scales
    if not scales.usable or scales.unexplained is None:
        return False
    exact: Decimal = abs(scales.unexplained)
    return exact <= ROUNDING_MAX and scene.calibration.samples >= SAMPLES_MIN


def _ids(orphans: Sequence[Orphan]) -> str:
    return ", ".join(str(each.number) for each in orphans[:IDS_MAX])
