"""What a run is made of: everything else follows from the seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from gateway.domain.money import ZERO
from gateway.sandbox.shares import read_share
from gateway.simulation.faults import Dice, each_at

ORDERS_MAX = 1_000_000
WARM_ORDERS = 220
PROVIDERS_MAX = 3
LATE_SECONDS = 600
LATER_SECONDS_MAX = 7 * 24 * 3_600


@dataclass(frozen=True, slots=True)
class Setting:
    """One run.

    `faults`: shares of the attempts by name. `uncharged`, `charged_twice`: shares of the accepted
    orders; `lying`: of the errors, where the panel has accepted all the same. `flapping`: of the
    orders, whose status goes back and forth. `later_than_seconds`: the latest that a lost order is
    still executed, from `late_seconds` on; None = never later than those. `warm`: so many orders
    for each provider before the first fault, from which his ways are learnt.
    """

    seed: int = 1
    orders: int = 1_000
    faults: Mapping[str, Decimal] = field(default_factory=lambda: each_at(Decimal("0.05")))
    random_ids: bool = False
    uncharged: Decimal = ZERO
    charged_twice: Decimal = ZERO
    lying: Decimal = ZERO
    flapping: Decimal = ZERO
    later_than_seconds: int | None = None
    providers: int = 1
    warm: int = WARM_ORDERS

    def __post_init__(self) -> None:
        """Raises ValueError in plain words for what is out of bounds."""
        if not 1 <= self.orders <= ORDERS_MAX:
            raise ValueError(f"{self.orders} orders is not within 1 and {ORDERS_MAX}")
        if not 1 <= self.providers <= PROVIDERS_MAX:
            raise ValueError(f"{self.providers} providers is not within 1 and {PROVIDERS_MAX}")
        if not 0 <= self.warm <= ORDERS_MAX:
            raise ValueError(f"{self.warm} warm orders is not within 0 and {ORDERS_MAX}")
        for name in ("uncharged", "charged_twice", "lying", "flapping"):
            read_share(name, str(getattr(self, name)))
        later = self.later_than_seconds
        if later is not None and not LATE_SECONDS < later <= LATER_SECONDS_MAX:
            raise ValueError(
                f"later than {later} s is not above late_seconds ({LATE_SECONDS}) and at most "
                f"{LATER_SECONDS_MAX}"
            )
        Dice(self.faults, Random(0))  # noqa: S311  raises for what it cannot draw

    @property
    def orders_total(self) -> int:
        """With those before the first fault."""
        return self.orders + self.warm * self.providers

    def chance(self, purpose: str) -> Random:
        """Chance of its own for each purpose, so that one does not disturb another."""
        return Random(f"{self.seed}:{purpose}")  # noqa: S311  chance that a seed can replay
