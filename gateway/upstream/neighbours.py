"""Asking about ids that may be ours: the neighbours of an order in doubt (money.md 4, E1).

Orders whose answer is known, and ids that nobody has, are asked together with them: a look that
gets these wrong proves nothing.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from gateway.dialects.book import spoken_by
from gateway.dialects.spelling import Action
from gateway.domain.evidence import Control, Controls, Orphan, check_controls
from gateway.domain.observations import Observation, Refused, Unclear
from gateway.domain.refusals import Code
from gateway.domain.spans import Span
from gateway.upstream.batches import ask_each
from gateway.upstream.client import ProviderClient

CALLS_MAX = 50
BEYOND = 1_000_000_000
"""So far above the greatest id that we know nobody has one yet."""
NOBODYS = 3

Rows = Mapping[str, Observation | Refused | Unclear]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at neighbours found; `covered` are the spans of which every id was answered."""

    orphans: tuple[Orphan, ...] = ()
    covered: tuple[Span, ...] = ()
    asked: int = 0


def ids_max(panel: ProviderClient) -> int:
    """How many ids one look may ask for: as many as fit into 50 calls."""
    return CALLS_MAX * _batch_max(panel)


async def check(
    panel: ProviderClient, ours: Sequence[Control], top: int, goes_on: Callable[[], bool]
) -> Controls:
    """Whether `status` tells of our orders and denies ids that nobody has; `top`: our greatest."""
    nobodys = [str(top + BEYOND + each) for each in range(NOBODYS)]
    rows = await _ask(panel, [*(each.number for each in ours), *nobodys], goes_on)
    seen = [(each, _seen(rows.get(each.number))) for each in ours]
    return check_controls(seen, [_denied(rows.get(each)) for each in nobodys])


async def look(
    panel: ProviderClient,
    spans: Sequence[Span],
    known: Collection[int],
    goes_on: Callable[[], bool],
) -> Looked:
    """Ask for every id of some spans that is not known; at most `ids_max` of them."""
    wanted = [
        number for span in spans for number in range(span.low, span.high + 1) if number not in known
    ]
    rows = await _ask(panel, [str(each) for each in wanted], goes_on)
    orphans: list[Orphan] = []
    silent: set[int] = set()
    for number in wanted:
        row = rows.get(str(number))
        if isinstance(row, Observation):
            orphans.append(Orphan(number, row.charge, row.word, row.remains))
        elif not _denied(row):
            silent.add(number)
    return Looked(tuple(orphans), tuple(_answered(spans, silent)), len(wanted))


async def _ask(panel: ProviderClient, ids: Sequence[str], goes_on: Callable[[], bool]) -> Rows:
    """Refused of a whole call says nothing of single ids, unless it is that one is not known."""

    async def ask(batch: Sequence[str]) -> Mapping[str, Observation | Refused] | Refused | Unclear:
        answer = await panel.status(batch)
        halves_help = isinstance(answer, Refused) and answer.code in _LESS_MAY_HELP
        if isinstance(answer, Refused) and not halves_help:
            return Unclear(answer.text)
        return answer

    return await ask_each(ask, ids, _batch_max(panel), goes_on)


_LESS_MAY_HELP = frozenset({Code.ORDER_NOT_FOUND, Code.TOO_MANY_IDS, Code.TOO_LARGE})


def _batch_max(panel: ProviderClient) -> int:
    return max(1, spoken_by(panel.provider).batch_max(Action.STATUS))


def _seen(row: Observation | Refused | Unclear | None) -> Observation | None:
    return row if isinstance(row, Observation) else None


def _denied(row: Observation | Refused | Unclear | None) -> bool:
    return isinstance(row, Refused) and row.code is Code.ORDER_NOT_FOUND


def _answered(spans: Sequence[Span], silent: set[int]) -> list[Span]:
    """The parts of some spans without the ids of which nothing definite was said."""
    found: list[Span] = []
    for span in spans:
        low = span.low
        for number in sorted(each for each in silent if span.low <= each <= span.high):
            if low < number:
                found.append(Span(low, number - 1))
            low = number + 1
        if low <= span.high:
            found.append(Span(low, span.high))
    return found
