"""Who is calling at the front door."""

from dataclasses import dataclass

from gateway.domain.catalog import Buyer


@dataclass(frozen=True, slots=True)
class Caller:
    """A customer who is calling, and the dialect that his key speaks.

    Paces are his own, None: as everybody's.
    """

    customer: int
    name: str
    group: str
    currency: str
    dialect: str
    calls_per_second: int | None = None
    adds_per_second: int | None = None

    @property
    def buyer(self) -> Buyer:
        """What pricing needs to know of him."""
        return Buyer(self.name, self.group)
