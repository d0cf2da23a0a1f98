"""Find what a provider executed of what was given back, disproved or not (money.md 2, T13).

Its customer has his money back and keeps it: what it cost is our loss.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gateway import clock
from gateway.domain.catalog import Provider
from gateway.domain.evidence import Control, Controls, Scene, Suspect, calibrate
from gateway.domain.judging import lost, proves_lateness
from gateway.domain.outcomes import Outcome
from gateway.domain.spans import Span, first, without
from gateway.operations import Backends
from gateway.storage import incidents, investigations, probes
from gateway.storage.claims import AttemptKey
from gateway.storage.database import Connection
from gateway.storage.investigations import GUESSED, SUSPECTS_MAX
from gateway.storage.settling import Ended
from gateway.upstream.batches import one_round
from gateway.upstream.client import ProviderClient
from gateway.upstream.neighbours import check, ids_max, look
from gateway.upstream.panels import KeyMissing

TOO_LATE = "came after it had been disproved"
UNPROVEN = "is by its cost of one that was refunded unproven"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one look is to ask: `since` is below the ids of all that were disproved lately."""

    since: int
    top: int
    controls: tuple[Control, ...]
    spans: tuple[Span, ...]
    known: frozenset[int]


async def look_back(
    backends: Backends, provider: Provider, nanoseconds: Callable[[], int] = clock.nanoseconds
) -> int:
    """One look in an hour, while anything was disproved lately; how many losses it found."""
    try:
        panel = backends.panels.of(provider)
    except KeyMissing:
        return 0
    most = ids_max(panel)
    async with backends.database.transaction() as connection:
        plan = await _plan(connection, provider, most)
    if plan is None:
        return 0
    goes_on = one_round(nanoseconds)
    controls = await check(panel, plan.controls, plan.top, goes_on)
    if not controls.scoped:
        return 0
    await _look(backends, panel, plan, goes_on)
    async with backends.database.transaction() as connection:
        await investigations.alone(connection, provider.name)
        return await _conclude(connection, provider, plan.since, controls)


async def _plan(connection: Connection, provider: Provider, most: int) -> _Plan | None:
    """Each id that was given away since and not asked for yet; None: nothing is due, or to be told.

    Who once executed too late is asked as before: it is only what he denies that proves nothing.
    """
    since = await investigations.watch(connection, provider.name)
    if since is None:
        return None
    sampled = await probes.samples(connection, provider.name, ever=True)
    if not calibrate(sampled).rising:
        return None
    top = max(each.number or 0 for each in sampled)
    covered = await probes.covered(connection, provider.name, since)
    spans = first(without([Span(since + 1, top - 1)], covered), most)
    known = await probes.known(connection, provider.name, spans)
    controls = await probes.controls(connection, provider.name)
    return _Plan(since, top, tuple(controls), tuple(spans), frozenset(known))


async def _look(
    backends: Backends, panel: ProviderClient, plan: _Plan, goes_on: Callable[[], bool]
) -> None:
    """Ask for them, and write down which were answered, and what nobody knew."""
    if not plan.spans:
        return
    name = panel.provider.name
    looked = await look(panel, plan.spans, plan.known, goes_on)
    async with backends.database.transaction() as connection:
        await investigations.alone(connection, name)
        await probes.cover(connection, name, looked.covered)
        await probes.note(connection, name, looked.orphans)


async def _conclude(
    connection: Connection, provider: Provider, since: int, controls: Controls
) -> int:
    """Book what can be nobody's who is still in doubt."""
    orphans = await probes.orphans(connection, provider.name, since)
    charges = [each.charge for each in orphans if each.charge]
    if not charges:
        return 0
    doubtful = await investigations.suspects(connection, provider.name, provider.late_seconds)
    if len(doubtful) >= SUSPECTS_MAX:
        return 0  # some are not seen: who might be mistaken for another is not known
    disproved = await investigations.watched(connection, provider.name, min(charges))
    scene = Scene(tuple(each.suspect(()) for each in doubtful), controls=controls)
    guesses = await investigations.guessed(connection, provider.name, provider.late_seconds)
    gone = [each.suspect(()) for each in disproved]
    found = lost(scene, gone, orphans)
    ended = [
        Ended(_key(each), Outcome.ACCEPTED, str(orphan.number), reason, GUESSED)
        for each, orphan in found.items()
        for reason in (f"{orphan.number} {TOO_LATE if each in gone else UNPROVEN}",)
    ]
    given = [each.suspect(()) for each in guesses]
    certain = {_key(each) for each, one in found.items() if proves_lateness(scene, given, one)}
    await incidents.found_late(connection, ended, certain)
    return len(ended)


def _key(suspect: Suspect) -> AttemptKey:
    return AttemptKey(suspect.order, suspect.number, suspect.run)
