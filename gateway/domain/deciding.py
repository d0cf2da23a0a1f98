"""Who may decide an order in doubt: alone up to a charge, above it two who say the same (T11)."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.money import plain
from gateway.domain.operators import Actor


@dataclass(frozen=True, slots=True)
class Decision:
    """What an operator says became of an attempt: accepted under an id, or not at all (None)."""

    actor: Actor
    accepted: str | None
    note: str

    @property
    def operator(self) -> str:
        """His name."""
        return self.actor.name

    @property
    def meant(self) -> str:
        """In words."""
        return "refused" if self.accepted is None else f"accepted as {self.accepted}"


@dataclass(frozen=True, slots=True)
class Agreed:
    """It is to be carried out; `reason` is what stays with the order."""

    reason: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """It waits for a second operator; `why` in words."""

    why: str


def weigh_in(
    decision: Decision, before: Decision | None, charge: Decimal, alone_max: Decimal, *, alone: bool
) -> Agreed | Proposed:
    """What follows when an operator decides; `before`: what was proposed for the same attempt.

    `alone`: he says that there is no second one, which stays with the order.
    """
    own = f"{decision.operator}: {decision.note}"
    if charge <= alone_max:
        return Agreed(own)
    above = f"its charge of {plain(charge)} is above {plain(alone_max)}"
    if before is None or before.operator == decision.operator:
        return Agreed(f"{own} (decided alone, {above})") if alone else Proposed(above)
    if before.accepted != decision.accepted:
        return Proposed(f"{above}, and {before.operator} said {before.meant}")
    return Agreed(f"{before.operator}: {before.note}; {own}")
