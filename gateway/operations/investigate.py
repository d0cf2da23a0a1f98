"""Find out what became of orders in doubt, by evidence alone (money.md 4).

Whatever it decides, nothing is ever sent again because of it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from gateway import clock
from gateway.domain.catalog import Provider
from gateway.domain.evidence import (
    Calibration,
    Control,
    Controls,
    Scales,
    Scene,
    Suspect,
    Window,
    calibrate,
)
from gateway.domain.judging import Judgement, Rule, judge
from gateway.domain.money import ZERO
from gateway.domain.observations import Balance
from gateway.domain.orders import State
from gateway.domain.outcomes import Outcome
from gateway.domain.pursuit import advice, again_after, evidence, goes_to_review, refunded_unproven
from gateway.domain.spans import Span, first, without
from gateway.operations import Backends
from gateway.storage import balances, incidents, investigations, ledger, probes, settling
from gateway.storage.claims import AttemptKey
from gateway.storage.database import Connection
from gateway.storage.investigations import SUSPECTS_MAX, Doubtful, Found
from gateway.storage.ledger import Posting
from gateway.storage.moves import Move, move
from gateway.storage.settling import Ended, Locked, Taken
from gateway.upstream.batches import lease_seconds, one_round
from gateway.upstream.client import ProviderClient
from gateway.upstream.neighbours import Looked, check, ids_max, look
from gateway.upstream.panels import KeyMissing

ACTOR = "resolver"
POLICY = "policy"
REFUNDED = "policy: the hold goes back, as nothing could be proven in time"
DOUBTFUL = (State.UNCONFIRMED, State.REVIEW)
_NOT_ASKED = Controls(scoped=False, charges=False)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one round is to ask: from the ids that are known on record when it begins."""

    calibration: Calibration
    controls: tuple[Control, ...]
    top: int
    spans: tuple[Span, ...]
    known: Collection[int]


@dataclass(frozen=True, slots=True)
class _Case:
    """One attempt in doubt, what was judged of it, and its order, locked."""

    doubtful: Doubtful
    suspect: Suspect
    judgement: Judgement
    order: Locked
    evidence: dict[str, Any]


async def investigate(
    backends: Backends, provider: Provider, nanoseconds: Callable[[], int] = clock.nanoseconds
) -> int:
    """One round for a provider: ask, weigh, judge all that is in doubt there; how many were due."""
    async with backends.database.transaction() as connection:
        doubtful = await _suspects(connection, provider)
        due = [each.key for each in doubtful if each.due]
        lease = lease_seconds(provider.timeout_seconds)
        if not due or not await investigations.lease(connection, provider.name, due, lease):
            return 0
        plan = await _plan(backends, connection, provider, doubtful)
    controls, looked = await _look(backends, provider, plan, one_round(nanoseconds))
    scales = await _weigh(backends, provider, doubtful)
    async with backends.database.transaction() as connection:
        await investigations.alone(connection, provider.name)
        await probes.cover(connection, provider.name, looked.covered)
        await probes.note(connection, provider.name, looked.orphans)
        scene = Scene((), (), plan.calibration, controls, scales)
        await _conclude(connection, provider, scene, due)
    return len(due)


async def _suspects(connection: Connection, provider: Provider) -> list[Doubtful]:
    return await investigations.suspects(connection, provider.name, provider.late_seconds)


async def _plan(
    backends: Backends, connection: Connection, provider: Provider, doubtful: Sequence[Doubtful]
) -> _Plan:
    """Every id between a suspect's neighbours that was given away by now and not asked for yet."""
    sampled = await probes.samples(connection, provider.name)
    calibration = calibrate(sampled)
    top = max((each.number or 0 for each in sampled), default=0)
    wanted = [span for each in doubtful if (span := _span(each.window, top))]
    if not calibration.rising:
        return _Plan(calibration, (), top, (), ())
    ours = tuple(await probes.controls(connection, provider.name))
    if not wanted:
        return _Plan(calibration, ours, top, (), ())
    lowest = min(each.low for each in wanted)
    spans = without(wanted, await probes.covered(connection, provider.name, lowest))
    asked = first(spans, _ids_max(backends, provider))
    known = await probes.known(connection, provider.name, asked)
    return _Plan(calibration, ours, top, tuple(asked), known)


def _span(window: Window, top: int) -> Span | None:
    """The ids within a window that were given away for sure: those below one that is known."""
    if window.low is None:
        return None
    span = Span(window.low + 1, min(window.high or top, top) - 1)
    return span if span.low <= span.high else None


def _ids_max(backends: Backends, provider: Provider) -> int:
    panel = _panel(backends, provider)
    return ids_max(panel) if panel else 0


def _panel(backends: Backends, provider: Provider) -> ProviderClient | None:
    try:
        return backends.panels.of(provider)
    except KeyMissing:
        return None


async def _look(
    backends: Backends, provider: Provider, plan: _Plan, goes_on: Callable[[], bool]
) -> tuple[Controls, Looked]:
    """Ask for unknown ids, if those that are known show that the answers mean something."""
    if not plan.calibration.rising:
        return _NOT_ASKED, Looked()
    panel = _panel(backends, provider)
    if panel is None or not plan.controls:
        return replace(_NOT_ASKED, why="no order of ours could be asked for"), Looked()
    controls = await check(panel, plan.controls, plan.top, goes_on)
    if not controls.scoped or not plan.spans:
        return controls, Looked()
    return controls, await look(panel, plan.spans, plan.known, goes_on)


async def _weigh(backends: Backends, provider: Provider, doubtful: Sequence[Doubtful]) -> Scales:
    """The balance, once none of the orders in doubt can still be executed."""
    panel = _panel(backends, provider)
    if panel is None or not all(each.ripe for each in doubtful):
        return Scales()
    weighed = await balances.weigh(backends.database, provider, panel.balance)
    if not isinstance(weighed.told, Balance):
        return Scales(note="the balance could not be read")
    equation = weighed.equation
    if equation is None:
        return Scales(note="nothing is booked to hold the balance against")
    if not equation.quiet:
        return Scales(note="the balance was not read in a quiet moment")
    return Scales(
        equation.unexplained, since_all_ripe=True, note=f"unexplained {equation.unexplained:f}"
    )


async def _conclude(
    connection: Connection, provider: Provider, scene: Scene, due: Sequence[AttemptKey]
) -> None:
    """Judge all that is in doubt now, and do what follows."""
    found = await _suspects(connection, provider)
    doubtful = [replace(each, due=each.key in due) for each in found]
    if len(doubtful) >= SUSPECTS_MAX:
        return  # some are not seen: who might be mistaken for another is not known
    low = min((each.window.low for each in doubtful if each.window.low is not None), default=0)
    covered = await probes.covered(connection, provider.name, low)
    suspects = {each.suspect(covered): each for each in doubtful}
    orphans = tuple(await probes.orphans(connection, provider.name, low))
    gone = await _gone(connection, provider) if orphans else ()
    scene = replace(scene, suspects=tuple(suspects), orphans=orphans, gone=gone)
    judged = judge(scene)
    locked = await settling.lock(connection, sorted({each.order for each in judged}))
    cases = [
        _Case(suspects[each], each, judgement, locked[each.order], evidence(scene, each, judgement))
        for each, judgement in judged.items()
    ]
    postings = await _accept(connection, provider, cases)
    postings += await _disprove(connection, cases)
    postings += await _leave_open(connection, provider, cases)
    await ledger.post(connection, postings, actor=ACTOR)


async def _gone(connection: Connection, provider: Provider) -> tuple[Suspect, ...]:
    """Those that were disproved may be executed yet, unless he is slow, but never so slow."""
    if await investigations.is_slow(connection, provider.name):
        return ()
    disproved = await investigations.watched(connection, provider.name, ZERO)
    return tuple(each.suspect(()) for each in disproved)


async def _accept(
    connection: Connection, provider: Provider, cases: Sequence[_Case]
) -> list[Posting]:
    """R1: it was taken under an id that can be no other order's (T8, T13)."""
    chosen = {
        case.doubtful.key: case
        for case in cases
        if case.judgement.rule is Rule.ACCEPTED and case.order.state is not State.REVIEW
    }
    ended = [
        Ended(key, Outcome.ACCEPTED, str(case.judgement.number), _reason(case))
        for key, case in chosen.items()
    ]
    costs = await settling.end_attempts(connection, ended) if ended else {}
    taken = [
        Taken(case.order, key, str(case.judgement.number), costs[key], case.evidence)
        for key, case in chosen.items()
        if key in costs
    ]
    in_time = await incidents.in_time(connection, taken)
    providers = {provider.name: provider}
    return await settling.confirm(connection, in_time, providers, actor=ACTOR)


async def _disprove(connection: Connection, cases: Sequence[_Case]) -> list[Posting]:
    """R2: it was not taken; the hold goes back (T9). A run is not sent again because of that."""
    chosen = {
        case.doubtful.key: case
        for case in cases
        if case.judgement.rule is Rule.NOT_ACCEPTED
        and case.order.state in (State.UNCONFIRMED, State.FAILED)
    }
    ended = [Ended(key, Outcome.DISPROVED, reason=_reason(case)) for key, case in chosen.items()]
    costs = await settling.end_attempts(connection, ended) if ended else {}
    postings: list[Posting] = []
    for key, case in chosen.items():
        if key in costs and case.order.state is State.UNCONFIRMED:
            postings += await settling.fail(
                connection, [case.order], actor=ACTOR, reason=_reason(case), evidence=case.evidence
            )
    return postings


async def _leave_open(
    connection: Connection, provider: Provider, cases: Sequence[_Case]
) -> list[Posting]:
    """Not decided: look again, hand it to a person, or give the money back in the end."""
    postings: list[Posting] = []
    found: list[Found] = []
    late = timedelta(seconds=provider.late_seconds)
    for case in cases:
        state, age = case.order.state, case.doubtful.age
        if state in DOUBTFUL and refunded_unproven(
            case.judgement, age, provider.refund_unproven_hours
        ):
            postings += await settling.fail(
                connection, [case.order], actor=POLICY, reason=REFUNDED, evidence=case.evidence
            )
            state = State.FAILED
        elif state is State.UNCONFIRMED and goes_to_review(case.judgement, age):
            moved = Move(case.order.id, state, State.REVIEW, _reason(case), case.evidence)
            await move(connection, [moved], actor=ACTOR)
        decided = _decided(case)
        again = _watched(case) if decided else again_after(age, late, state)
        if case.doubtful.due or decided:
            found.append(Found(case.doubtful.key, again, advice(case.judgement), case.evidence))
    await investigations.save(connection, provider.name, found)
    return postings


def _watched(case: _Case) -> timedelta | None:
    """What was not executed in time may be later still, which `look_back` finds out."""
    return investigations.LATE_AGAIN if case.judgement.rule is Rule.NOT_ACCEPTED else None


def _decided(case: _Case) -> bool:
    """Whether nothing is left to find out; an operator decides what came to review, and runs."""
    state, rule = case.order.state, case.judgement.rule
    if rule is Rule.ACCEPTED:
        return state is not State.REVIEW
    return rule is Rule.NOT_ACCEPTED and state in (State.UNCONFIRMED, State.FAILED)


def _reason(case: _Case) -> str:
    return f"{case.judgement.rule}: {case.judgement.because}"
