"""The catalog: providers, services, offers and the markup, as one revision (architecture.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Protocol

from gateway.domain.brakes import BRAKES, Brakes
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType


@dataclass(frozen=True, slots=True)
class Quirks:
    """How one panel departs from its dialect, as `providers.toml` tells it (protocol.md 2.1, 7).

    `order_field`: the key of the id in the answer to `add`; `id_pattern`: a regular expression for
    ids that are no numbers; `refusal_fields`: further keys under which it refuses with a text;
    `page_size`: its services list comes in pages of so many rows; `decodes_twice`: it decodes
    values once too often; `drip_max_total`: its bounds hold for all runs together;
    `trusts_429`: a bare HTTP 429 proves that nothing was taken; `texts`: what sentences of its
    own mean.
    """

    order_field: str = ""
    id_pattern: str = ""
    refusal_fields: tuple[str, ...] = ()
    page_size: int | None = None
    decodes_twice: bool = False
    drip_max_total: bool = False
    trusts_429: bool = False
    texts: tuple[tuple[str, Code], ...] = ()


@dataclass(frozen=True, slots=True)
class Provider:
    """An upstream panel as `providers.toml` describes it; the key stays in the environment.

    `document` is the text of its dialect where that is none of the built-in ones. An order of which
    nothing could be proven is given up after `refund_unproven_hours`; 0 = never.
    """

    name: str
    url: str
    dialect: str
    currency: str
    key_env: str
    timeout_seconds: int = 40
    late_seconds: int = 600
    poll_seconds: int = 60
    sync_seconds: int = 600
    in_flight_max: int = 8
    calls_per_minute: int | None = None
    document: str = ""
    quirks: Quirks = Quirks()
    refund_unproven_hours: int = 24


class Speech(Protocol):
    """What can be said to a provider in its dialect, as far as routing must know it."""

    @property
    def refills(self) -> bool:
        """Whether a refill can be asked for."""
        ...

    @property
    def cancels(self) -> bool:
        """Whether a cancel can be asked for."""
        ...

    def why_not_carry(self, placement: Placement) -> str:
        """Why a placement cannot be said without loss; empty when it can."""
        ...

    def field_not_carried(self, placement: Placement) -> str:
        """The one field, in the standard's words, that cannot be said; empty when it is none."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class OfferRef:
    """`acme:101`: an offer's provider and its id there."""

    provider: str
    offer: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.offer}"


@dataclass(frozen=True, slots=True)
class Service:
    """A thing that we sell. Bounds and flags that are None follow the offer.

    Bounds narrow the offer's; a flag set to yes speaks only where the offer does not say, but for
    `drip_feed`, which we run ourselves where the offer does not. `posts_max` lets a subscription
    come without posts. A refill is granted within `refill_days` of completion, not before
    `refill_after_hours`, and after a partial end only with `refill_partial`.
    """

    id: int
    name: str
    category: str
    offers: tuple[OfferRef, ...]
    description: str = ""
    enabled: bool = True
    kind: ServiceType | None = None
    quantity_min: int | None = None
    quantity_max: int | None = None
    refill: bool | None = None
    cancel: bool | None = None
    drip_feed: bool | None = None
    posts_max: int | None = None
    refill_days: int | None = None
    refill_after_hours: int = 0
    refill_partial: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule asks of an order: all that is named must hold; an empty match always holds.

    Texts are shell-style patterns in any case. Costs are rates per 1,000 in house currency, from
    `cost_min` on and below `cost_max`.
    """

    provider: str | None = None
    category: str | None = None
    service: int | None = None
    kind: ServiceType | None = None
    group: str | None = None
    customer: str | None = None
    cost_min: Decimal | None = None
    cost_max: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One markup rule: percent and fixed add to the cost, `rate` stands in its place."""

    number: int
    match: Match
    percent: Decimal | None = None
    fixed: Decimal | None = None
    rate: Decimal | None = None
    round_up_to: Decimal = Decimal("0.0001")
    margin_min_percent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Denied:
    """What is never sold: patterns for categories, patterns for types, words in either name."""

    categories: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Markup:
    """The rules, top to bottom, one unit of each foreign currency in house currency, the brakes."""

    currency: str
    rules: tuple[Rule, ...]
    conversion: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    denied: Denied = Denied()
    brakes: Brakes = BRAKES


@dataclass(frozen=True, slots=True)
class Catalog:
    """One revision of the documents, read and checked; number 0 is not stored yet.

    `speech` by provider: what its dialect can carry; a provider without one carries everything.
    """

    number: int
    providers: Mapping[str, Provider]
    services: Mapping[int, Service]
    markup: Markup
    speech: Mapping[str, Speech] = field(default_factory=dict[str, Speech])


class OfferState(StrEnum):
    """Only a listed offer is sold. A quarantined one came back as another thing."""

    LISTED = "listed"
    QUARANTINED = "quarantined"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class Listing:
    """One row of a provider's services list, as its dialect reads it. Flags: None = not known."""

    offer: str
    name: str
    category: str
    kind_word: str
    rate: Decimal
    quantity_min: int
    quantity_max: int
    drip_feed: bool | None = None
    refill: bool | None = None
    cancel: bool | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider's listing and its standing here; the rate is in the provider's currency."""

    ref: OfferRef
    listing: Listing
    state: OfferState = OfferState.LISTED
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Buyer:
    """What pricing needs to know of a customer."""

    name: str = ""
    group: str = ""


@lru_cache(maxsize=10_000)  # a few patterns meet the same few categories in every rating
def fits(pattern: str, text: str) -> bool:
    """Whether a shell-style pattern fits a text, in any case."""
    return fnmatchcase(text.casefold(), pattern.casefold())
