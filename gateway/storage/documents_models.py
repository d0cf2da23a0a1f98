"""The shape of the three documents that operators edit (architecture.md, the catalog)."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.domain.services import ServiceType
from gateway.storage.documents_values import (
    PROVIDER_NAME,
    AboveZero,
    AnswerKey,
    Currency,
    Id,
    IdPattern,
    KeyEnv,
    Line,
    Meaning,
    NotNegative,
    Patterns,
    Percent,
    Quantity,
    Seconds,
    Text,
    Type,
    Url,
)

PROVIDERS = "providers.toml"
SERVICES = "services.toml"
MARKUP = "markup.toml"
FILES = (PROVIDERS, SERVICES, MARKUP)
OFFERS_MAX = 20
POSTS_MAX = 10_000
REFUSAL_FIELDS_MAX = 10
TEXTS_MAX = 500
# what else stands in answers to `add`: as the text of a refusal it would let an order get lost
NO_REFUSALS = frozenset({"order", "orders", "order_id", "id", "status", "success"})


class Entry(BaseModel):
    """A table of a document: known keys only, and no value turned into another kind."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ProviderEntry(Entry):
    """`[providers.NAME]`."""

    url: Url
    dialect: Line
    currency: Currency
    key_env: KeyEnv | None = None
    timeout_seconds: Annotated[int, Field(ge=1, le=300)] = 40
    late_seconds: Seconds = 600
    refund_unproven_hours: Annotated[int, Field(ge=0, le=168)] = 24
    poll_seconds: Seconds = 60
    sync_seconds: Seconds = 600
    in_flight_max: Annotated[int, Field(ge=1, le=256)] = 8
    calls_per_minute: Annotated[int, Field(ge=1, le=100_000)] | None = None
    order_field: AnswerKey | None = None
    id_pattern: IdPattern | None = None
    refusal_fields: Annotated[list[AnswerKey], Field(max_length=REFUSAL_FIELDS_MAX)] = []
    page_size: Annotated[int, Field(ge=1, le=100_000)] | None = None
    decodes_twice: bool = False
    drip_max_total: bool = False
    trusts_429: bool = False
    texts: Annotated[dict[Line, Meaning], Field(max_length=TEXTS_MAX)] = {}

    @model_validator(mode="after")
    def _refusals_apart_from_orders(self) -> "ProviderEntry":
        if self.order_field in ("error", "errors", *self.refusal_fields):
            raise ValueError(f'order_field "{self.order_field}" is where a refusal has its text')
        for name in self.refusal_fields:
            if name in NO_REFUSALS:
                raise ValueError(f'refusal_fields: "{name}" stands in accepted answers too')
        return self


class ServiceEntry(Entry):
    """`[[services]]`."""

    id: Id
    name: Line
    category: Line
    offers: Annotated[list[Line], Field(min_length=1, max_length=OFFERS_MAX)]
    description: Text = ""
    enabled: bool = True
    type: Type | None = None
    quantity_min: Quantity | None = None
    quantity_max: Quantity | None = None
    refill: bool | None = None
    cancel: bool | None = None
    drip_feed: bool | None = None
    posts_max: Annotated[int, Field(ge=1, le=POSTS_MAX)] | None = None
    refill_days: Annotated[int, Field(ge=1, le=3_650)] | None = None
    refill_after_hours: Annotated[int, Field(ge=0, le=8_760)] = 0
    refill_partial: bool = False

    @model_validator(mode="after")
    def _bounds_in_order(self) -> "ServiceEntry":
        low, high = self.quantity_min, self.quantity_max
        if low is not None and high is not None and low > high:
            raise ValueError(f"quantity_min {low} is above quantity_max {high}")
        return self

    @model_validator(mode="after")
    def _fields_of_its_type(self) -> "ServiceEntry":
        if self.posts_max and self.type not in (None, ServiceType.SUBSCRIPTIONS):
            raise ValueError(f"posts_max is for {ServiceType.SUBSCRIPTIONS}, not for {self.type}")
        if self.refill_days and self.refill_after_hours >= self.refill_days * 24:
            raise ValueError("refill_after_hours leaves nothing of refill_days")
        return self


class MatchEntry(Entry):
    """`match` of a rule: all that is named must hold."""

    provider: Line | None = None
    category: Line | None = None
    service: Id | None = None
    type: Type | None = None
    group: Line | None = None
    customer: Line | None = None
    cost_min: NotNegative | None = None
    cost_max: AboveZero | None = None

    @model_validator(mode="after")
    def _costs_in_order(self) -> "MatchEntry":
        low, high = self.cost_min, self.cost_max
        if low is not None and high is not None and low >= high:
            raise ValueError("cost_min is not below cost_max")
        return self


class RuleEntry(Entry):
    """`[[rules]]`: percent and fixed add to the cost, `rate` stands in its place."""

    match: MatchEntry = MatchEntry()
    percent: Percent | None = None
    fixed: NotNegative | None = None
    rate: AboveZero | None = None
    round_up_to: AboveZero | None = None
    margin_min_percent: NotNegative | None = None

    @model_validator(mode="after")
    def _one_way_to_a_rate(self) -> "RuleEntry":
        adds = self.percent is not None or self.fixed is not None
        if adds == (self.rate is not None):
            raise ValueError("wants either percent and/or fixed, or rate")
        if self.percent is not None and self.percent < 0 and not self.fixed:
            raise ValueError("a percent below 0 without a fixed part loses money")
        return self


class DenyEntry(Entry):
    """`[deny]`: what is never sold, whoever offers it."""

    categories: Patterns = []
    types: Patterns = []
    words: Patterns = []


class BrakesEntry(Entry):
    """`[brakes]`: from where on one word is not enough; amounts in house currency."""

    refund_above: NotNegative | None = None
    turned_percent: AboveZero | None = None
    orders_min: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    rate_up_percent: AboveZero | None = None
    rate_down_percent: AboveZero | None = None
    overcharged_times: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    overcharged_above: NotNegative | None = None
    decided_alone_max: NotNegative | None = None


class ProvidersDocument(Entry):
    """providers.toml."""

    providers: dict[Annotated[str, Field(pattern=f"^{PROVIDER_NAME}$")], ProviderEntry] = {}


class ServicesDocument(Entry):
    """services.toml."""

    services: list[ServiceEntry] = []


class MarkupHead(Entry):
    """markup.toml without its rules; the step and the minimum hold for rules that name none."""

    currency: Currency
    round_up_to: AboveZero = Decimal("0.0001")
    margin_min_percent: NotNegative = Decimal(0)
    conversion: dict[Currency, AboveZero] = {}
    deny: DenyEntry = DenyEntry()
    brakes: BrakesEntry = BrakesEntry()


class MarkupDocument(MarkupHead):
    """markup.toml."""

    rules: Annotated[list[RuleEntry], Field(min_length=1)]


def schemas() -> dict[str, dict[str, object]]:
    """JSON schemas by file name, for editors that check TOML while it is typed."""
    models = (ProvidersDocument, ServicesDocument, MarkupDocument)
    return {file: model.model_json_schema() for file, model in zip(FILES, models, strict=True)}
