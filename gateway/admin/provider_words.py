"""How providers look on pages: what their state is in one word, and what else is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from gateway.admin.grids import Cell
from gateway.domain.catalog import Provider, Quirks
from gateway.domain.money import ZERO
from gateway.domain.syncing import SHRUNK
from gateway.operations.show_providers import ProviderFacts, ProviderStanding

PATH = "/providers"


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Something that keeps orders from a provider. `ends`: how it ends; `by_hand`: by a button."""

    word: str
    why: str
    ends: str
    by_hand: bool = False


def hindrances(facts: ProviderFacts | None) -> Sequence[Hindrance]:
    """All of them, what only a person can end first."""
    if facts is None:
        return ()
    found: list[Hindrance] = []
    if facts.held_back:
        ends = "It ends when the discrepancy behind it is closed."
        found.append(Hindrance("held back", facts.held_back, ends))
    if facts.stopped_by:
        ends = f"{facts.stopped_by} stopped it; it goes on when an operator says so."
        found.append(Hindrance("stopped", facts.stop_reason or "", ends, by_hand=True))
    if facts.breaker_until:
        ends = "It tries again by itself."
        found.append(Hindrance("breaker open", facts.breaker_reason, ends))
    if facts.paused_until:
        ends = "It goes on by itself, or when an operator says so."
        found.append(Hindrance("paused", facts.pause_reason, ends, by_hand=True))
    return found


def health(standing: ProviderStanding) -> Cell:
    """Its state as a mark, with the colour that says the same."""
    facts = standing.facts
    hindered = hindrances(facts)
    if hindered:
        return Cell(None, tone="loss", mark=hindered[0].word)
    if facts is None or facts.tried_at is None:
        return Cell(None, tone="doubt", mark="never read")
    if facts.sync_error:
        failed = facts.synced_at != facts.tried_at
        return Cell(
            None, tone="loss" if failed else "doubt", mark="unread" if failed else "odd list"
        )
    if facts.waiting:
        return Cell(None, tone="doubt", mark="needs you")
    return Cell(None, tone="settled", mark="ok")


def worst_first(standings: Iterable[ProviderStanding]) -> Sequence[ProviderStanding]:
    """Those to which nothing is sent, then what is owed or odd, then what waits, then the rest."""

    def risk(standing: ProviderStanding) -> tuple[bool, bool, bool, bool, str]:
        facts = standing.facts
        odd = facts is None or bool(facts.sync_error)
        return (
            not hindrances(facts),
            not is_empty(facts),
            not odd,
            facts is None or not facts.waiting,
            standing.provider.name,
        )

    return sorted(standings, key=risk)


def is_empty(facts: ProviderFacts | None) -> bool:
    """Whether nothing is left of what was paid in there."""
    return facts is not None and facts.balance is not None and facts.balance <= ZERO


def shrunk(facts: ProviderFacts | None) -> bool:
    """Whether its list lost so much that an operator must agree."""
    return facts is not None and facts.sync_error.startswith(SHRUNK)


def quirks_of(provider: Provider) -> Sequence[tuple[str, str]]:
    """How it departs from its dialect, as its document says."""
    told = (
        (each.name, getattr(provider.quirks, each.name), each.default) for each in fields(Quirks)
    )
    return [(name, str(value)) for name, value, usual in told if value != usual]
