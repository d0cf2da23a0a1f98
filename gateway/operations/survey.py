"""List what a restored database has forgotten, as its providers tell it (money.md 8, F18)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gateway import clock
from gateway.domain.catalog import Provider
from gateway.domain.equation import TOLERANCE
from gateway.domain.evidence import Orphan, calibrate, reach
from gateway.domain.money import EXACT, ZERO, total
from gateway.domain.spans import first, without
from gateway.operations import Backends
from gateway.storage import balances, probes, restored
from gateway.storage.restored import Restored
from gateway.upstream.batches import one_round
from gateway.upstream.client import ProviderClient
from gateway.upstream.neighbours import check, ids_max, look
from gateway.upstream.panels import KeyMissing

ROUNDS_MAX = 20


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What one provider knows that we do not.

    `why_not`: why his ids could not be asked for, empty when they were. `missing`: what his balance
    lacks by our books, None when that is not known. `agrees`: the unknown orders explain it.
    """

    provider: str
    unknown: tuple[Orphan, ...]
    why_not: str
    missing: Decimal | None

    @property
    def charged(self) -> Decimal:
        """What the unknown orders were charged, together."""
        return total(each.charge or ZERO for each in self.unknown)

    @property
    def agrees(self) -> bool:
        """Whether ids and balance tell the same."""
        if self.why_not or self.missing is None:
            return False
        slack = EXACT.multiply(TOLERANCE, Decimal(max(1, len(self.unknown))))
        return abs(EXACT.subtract(self.missing, self.charged)) <= slack


@dataclass(frozen=True, slots=True)
class Survey:
    """All providers, and the restored backup because of which nothing is sent, if there is one."""

    restored: Restored | None
    providers: Sequence[Surveyed]


async def survey(backends: Backends, nanoseconds: Callable[[], int] = clock.nanoseconds) -> Survey:
    """Ask every provider for his latest orders and our balance; nothing is changed there."""
    found = [
        await _survey(backends, each, nanoseconds)
        for each in backends.shelf.stock.catalog.providers.values()
    ]
    async with backends.database.reading() as connection:
        return Survey(await restored.unreleased(connection), found)


async def _survey(
    backends: Backends, provider: Provider, nanoseconds: Callable[[], int]
) -> Surveyed:
    try:
        panel = backends.panels.of(provider)
    except KeyMissing as error:
        return Surveyed(provider.name, (), str(error), None)
    why_not = await _look_on(backends, provider.name, panel, nanoseconds)
    equation = (await balances.weigh(backends.database, provider, panel.balance)).equation
    async with backends.database.reading() as connection:
        unknown = await probes.orphans(connection, provider.name, 0)
    missing = equation.unexplained if equation and equation.quiet else None
    return Surveyed(provider.name, tuple(unknown), why_not, missing)


async def _look_on(
    backends: Backends, name: str, panel: ProviderClient, nanoseconds: Callable[[], int]
) -> str:
    """Ask for every id that he may have given us since, and for the last ones that we know of.

    Why it proves nothing; empty when it does.
    """
    async with backends.database.reading() as connection:
        samples = await probes.samples(connection, name)
        beyond = reach(samples, await probes.clock(connection))
        if beyond is None or not calibrate(samples).rising:
            return "his ids are not known to rise"
        known = await probes.known(connection, name, [beyond])
        ours = await probes.controls(connection, name)
    controls = await check(panel, ours, beyond.high, one_round(nanoseconds))
    if not controls.scoped:
        return controls.why
    left, step = [beyond], ids_max(panel)
    for _ in range(ROUNDS_MAX):
        asked = first(left, step)
        looked = await look(panel, asked, known, one_round(nanoseconds))
        async with backends.database.transaction() as connection:
            await probes.note(connection, name, looked.orphans)
        if list(looked.covered) != asked:
            return "not every id was answered for"
        left = without(left, asked)
        if not left:
            return ""
    return "there are more ids than could be asked for"
