"""The tables as SQLAlchemy knows them. `alembic/` owns the schema; a test compares the two."""

from typing import TypeVar

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.type_api import TypeEngine
from sqlalchemy.types import UserDefinedType

METADATA = MetaData()
T = TypeVar("T")


class Xid8(UserDefinedType[int]):
    """Postgres' 64-bit transaction id; read and compared in SQL only."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "XID8"


MONEY = Numeric(38, 12)
RATE = Numeric(30, 12)
TIME = DateTime(timezone=True)


def _key() -> Column[int]:
    return Column("id", BigInteger, Identity(), primary_key=True)


def _must(name: str, kind: TypeEngine[T] | type[TypeEngine[T]]) -> Column[T]:
    return Column(name, kind, nullable=False)


INSTALLATION = Table(
    "installation", METADATA, Column("id", Uuid, primary_key=True), _must("cluster", Text)
)

CUSTOMERS = Table(
    "customers",
    METADATA,
    _key(),
    _must("name", Text),
    _must("group_name", Text),
    _must("currency", Text),
    _must("enabled", Boolean),
    _must("created_at", TIME),
    *(Column(name, Integer) for name in ("calls_per_second", "adds_per_second")),
    UniqueConstraint("name", name="customers_name"),
)

CUSTOMER_KEYS = Table(
    "customer_keys",
    METADATA,
    _key(),
    Column("customer_id", BigInteger, ForeignKey("customers.id"), nullable=False),
    _must("digest", LargeBinary),
    _must("hint", Text),
    _must("dialect", Text),
    _must("created_at", TIME),
    Column("expires_at", TIME),
    Column("revoked_at", TIME),
    UniqueConstraint("digest", name="customer_keys_digest"),
    Index("customer_keys_customer", "customer_id"),
)

CATALOG_REVISIONS = Table(
    "catalog_revisions",
    METADATA,
    _key(),
    _must("providers", Text),
    _must("services", Text),
    _must("markup", Text),
    _must("sha256", Text),
    _must("author", Text),
    _must("note", Text),
    _must("summary", JSONB),
    _must("dialects", JSONB),
    _must("created_at", TIME),
)

CATALOG_ACTIVATIONS = Table(
    "catalog_activations",
    METADATA,
    _key(),
    Column("revision_id", BigInteger, ForeignKey("catalog_revisions.id"), nullable=False),
    _must("actor", Text),
    _must("reason", Text),
    _must("at", TIME),
)

PROVIDER_STATES = Table(
    "provider_states",
    METADATA,
    Column("provider", Text, primary_key=True),
    _must("offers_version", BigInteger),
    Column("synced_at", TIME),
    Column("tried_at", TIME),
    _must("sync_error", Text),
    Column("paused_until", TIME),
    _must("pause_reason", Text),
    Column("balance", MONEY),
    Column("balance_currency", Text),
    Column("balance_at", TIME),
    _must("repairs", JSONB),
    _must("budget", Text),
    Column("calibrated_since", TIME),
)

OFFERS = Table(
    "offers",
    METADATA,
    Column("provider", Text, primary_key=True),
    Column("offer", Text, primary_key=True),
    *(_must(name, Text) for name in ("name", "category", "kind", "description")),
    _must("rate", MONEY),
    _must("quantity_min", BigInteger),
    _must("quantity_max", BigInteger),
    *(Column(name, Boolean) for name in ("drip_feed", "refill", "cancel")),
    _must("state", Text),
    _must("note", Text),
    _must("first_seen_at", TIME),
    _must("seen_at", TIME),
    Column("rate_waiting", MONEY),
    Column("agreed_at", TIME),
)

_POLLED = text("state IN ('active', 'completed', 'partial', 'canceled')")
ORDERS = Table(
    "orders",
    METADATA,
    _key(),
    _must("customer_id", BigInteger),
    _must("service_id", BigInteger),
    _must("kind", Text),
    _must("link", Text),
    _must("quantity", BigInteger),
    Column("runs", Integer),
    Column("interval_minutes", Integer),
    Column("comments", ARRAY(Text)),
    Column("details", JSONB),
    _must("quantity_total", BigInteger),
    _must("charged_quantity", BigInteger),
    _must("currency", Text),
    _must("charge", MONEY),
    _must("rate", MONEY),
    _must("margin_min_percent", RATE),
    _must("revision_id", BigInteger),
    _must("priced", JSONB),
    _must("offers", ARRAY(Text)),
    _must("provider", Text),
    _must("offer", Text),
    _must("cost", MONEY),
    _must("cost_currency", Text),
    _must("conversion", RATE),
    _must("cost_booked", MONEY),
    _must("state", Text),
    Column("progress", Text),
    Column("closed_from", Text),
    Column("provider_order", Text),
    _must("tries", Integer),
    _must("tried", ARRAY(Text)),
    _must("next_at", TIME),
    Column("next_poll_at", TIME),
    Column("start_count", BigInteger),
    Column("remains", BigInteger),
    _must("seen", Integer),
    Column("seen_as", Text),
    Column("seen_since", TIME),
    Column("seen_word", Text),
    Column("delivered", BigInteger),
    _must("parts", Integer),
    _must("self_run", Boolean),
    Column("next_run_at", TIME),
    _must("run_tries", Integer),
    _must("cancel_wanted", Boolean),
    _must("created_at", TIME),
    Column("started_at", TIME),
    Column("ended_at", TIME),
    Index("orders_queued", "provider", "next_at", "id", postgresql_where=text("state = 'queued'")),
    Index("orders_sending", "id", postgresql_where=text("state = 'sending'")),
    Index("orders_doubtful", "id", postgresql_where=text("state IN ('unconfirmed', 'review')")),
    Index("orders_polled", "provider", "next_poll_at", postgresql_where=_POLLED),
    Index(
        "orders_next_run",
        "provider",
        "next_run_at",
        postgresql_where=text("next_run_at IS NOT NULL AND state = 'active'"),
    ),
    Index("orders_customer", "customer_id", "id"),
)

ORDER_EDGES = Table(
    "order_edges",
    METADATA,
    Column("from_state", Text, primary_key=True),
    Column("to_state", Text, primary_key=True),
)

ORDER_EVENTS = Table(
    "order_events",
    METADATA,
    Column("order_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("from_state", Text),
    _must("to_state", Text),
    _must("actor", Text),
    _must("reason", Text),
    Column("evidence", JSONB),
    _must("at", TIME),
    ForeignKeyConstraint(
        ["from_state", "to_state"],
        ["order_edges.from_state", "order_edges.to_state"],
        name="known_edge",
    ),
)

WORKERS = Table("workers", METADATA, _key(), _must("name", Text), _must("started_at", TIME))

ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("order_id", BigInteger, ForeignKey("orders.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _must("run", SmallInteger),
    _must("provider", Text),
    _must("offer", Text),
    _must("cost", MONEY),
    _must("cost_currency", Text),
    _must("worker_id", BigInteger),
    _must("lease_until", TIME),
    _must("outcome", Text),
    Column("provider_order", Text),
    _must("reason", Text),
    Column("code", Text),
    *(Column(name, Boolean) for name in ("trace_sent", "trace_body", "trace_resp")),
    Column("http_status", Integer),
    Column("raw", LargeBinary),
    Column("took_milliseconds", Integer),
    _must("started_at", TIME),
    Column("ended_at", TIME),
    Index(
        "attempts_one_live",
        "order_id",
        "run",
        unique=True,
        postgresql_where=text("outcome IN ('open', 'uncertain', 'accepted')"),
    ),
    Index(
        "attempts_provider_order",
        "provider",
        "provider_order",
        unique=True,
        postgresql_where=text("provider_order IS NOT NULL"),
    ),
    Index(
        "attempts_accepted",
        "provider",
        "started_at",
        postgresql_where=text("outcome = 'accepted'"),
    ),
    Index("attempts_open", "provider", "started_at", postgresql_where=text("outcome = 'open'")),
    Index(
        "attempts_doubtful",
        "provider",
        "ended_at",
        postgresql_where=text("outcome IN ('uncertain', 'not_sent')"),
    ),
)

IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("customer_id", BigInteger, ForeignKey("customers.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    _must("input_sha256", LargeBinary),
    _must("order_id", BigInteger),
    _must("created_at", TIME),
)
