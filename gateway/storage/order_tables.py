"""Tables around orders: their parts upstream, what customers ask for later, unknown sentences."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gateway.storage.tables import METADATA, MONEY, ORDERS, TIME

UNSEEN_TEXTS = Table(
    "unseen_texts",
    METADATA,
    Column("provider", Text, primary_key=True),
    Column("action", Text, primary_key=True),
    Column("text", Text, primary_key=True),
    Column("times", BigInteger, nullable=False),
    Column("first_at", TIME, nullable=False),
    Column("last_at", TIME, nullable=False),
)

ORDER_PARTS = Table(
    "order_parts",
    METADATA,
    Column("order_id", BigInteger, ForeignKey("orders.id"), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("provider", Text, nullable=False),
    Column("provider_order", Text, nullable=False),
    Column("quantity", BigInteger),
    Column("word", Text),
    Column("charge", MONEY),
    Column("currency", Text),
    Column("start_count", BigInteger),
    Column("remains", BigInteger),
    Column("seen_since", TIME),
    Column("refused", Text, nullable=False),
    Column("next_poll_at", TIME, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("ended_at", TIME),
    Column("seen", Integer, nullable=False),
    UniqueConstraint("provider", "provider_order", name="order_parts_provider_order"),
    Index("order_parts_polled", "provider", "next_poll_at"),
)

_OPEN = text("state IN ('asked', 'sent', 'in_progress')")
ORDER_REQUESTS = Table(
    "order_requests",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_id", BigInteger, ForeignKey("orders.id"), nullable=False),
    Column("customer_id", BigInteger, ForeignKey("customers.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("provider_request", Text),
    Column("note", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", TIME, nullable=False),
    Column("asked_at", TIME, nullable=False),
    Column("sent_at", TIME),
    Column("ended_at", TIME),
    Index("order_requests_open", "order_id", "kind", unique=True, postgresql_where=_OPEN),
    Index("order_requests_due", "provider", "next_at", postgresql_where=_OPEN),
    Index("order_requests_order", "order_id"),
)

DISCREPANCIES = Table(
    "discrepancies",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("class", Text, key="kind", nullable=False),
    Column("provider", Text, nullable=False),
    Column("order_id", BigInteger),
    Column("expected", MONEY),
    Column("seen", MONEY),
    Column("note", Text, nullable=False),
    Column("opened_at", TIME, nullable=False),
    Column("closed_at", TIME),
    Column("entry_id", BigInteger),
    Column("closed_by", Text),
    Column("close_note", Text),
    Index(
        "discrepancies_open",
        "kind",
        "provider",
        "order_id",
        unique=True,
        postgresql_where=text("closed_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    ),
    Index("discrepancies_order", "order_id", postgresql_where=text("closed_at IS NULL")),
    Index("discrepancies_lately", "provider", "kind", "opened_at"),
)

Index("orders_waiting", ORDERS.c.created_at, postgresql_where=text("state = 'queued'"))
Index(
    "orders_ended",
    ORDERS.c.ended_at,
    postgresql_where=text("state IN ('completed', 'partial', 'canceled')"),
)
Index(
    "orders_turned",
    ORDERS.c.provider,
    ORDERS.c.ended_at,
    postgresql_where=text("state IN ('partial', 'canceled')"),
)

BRAKED_REFUNDS = Table(
    "braked_refunds",
    METADATA,
    Column("order_id", BigInteger, ForeignKey("orders.id"), primary_key=True),
    Column("amount", MONEY, nullable=False),
    Column("reason", Text, nullable=False),
    Column("seen", JSONB, nullable=False),
    Column("since", TIME, nullable=False),
)

DENIED_ORDERS = Table(
    "denied_orders",
    METADATA,
    Column("order_id", BigInteger, ForeignKey("orders.id"), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("times", Integer, nullable=False),
    Column("since", TIME, nullable=False),
)

SUSPECTS = Table(
    "suspects",
    METADATA,
    Column("order_id", BigInteger, ForeignKey("orders.id"), primary_key=True),
    Column("losses", Integer, nullable=False),
    Column("due_at", TIME, nullable=False),
)

BREAKERS = Table(
    "breakers",
    METADATA,
    Column("provider", Text, primary_key=True),
    Column("trips", Integer, nullable=False),
    Column("until", TIME),
    Column("closed_at", TIME),
    Column("reason", Text, nullable=False),
)
