"""What a caller of the sandbox must know, what he has, and how the panel treats him."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """The seed makes order ids replayable.

    `statuses`: refusals come with HTTP status codes of their own in place of 200. `plain_parents`:
    a drip-feed or subscription shows charge and remains, and not the orders it is made of.
    `calls_per_minute` and `page_size` (of the services list): None = no bound.
    """

    key: str = "sandbox-key"
    balance: Decimal = Decimal(1_000_000)
    currency: str = "USD"
    seed: str = ""
    statuses: bool = False
    plain_parents: bool = False
    calls_per_minute: int | None = None
    page_size: int | None = None
