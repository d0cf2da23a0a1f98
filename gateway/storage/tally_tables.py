"""Tables that pages read in place of a million orders, and histories that a sync writes."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gateway.storage.operator_tables import DEEDS
from gateway.storage.order_tables import DISCREPANCIES
from gateway.storage.tables import ATTEMPTS, METADATA, MONEY, ORDERS, TIME, Xid8

TALLIES = Table(
    "tallies",
    METADATA,
    Column("span", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("at", TIME, primary_key=True),
    *(Column(name, Text, primary_key=True) for name in ("currency", "provider", "category")),
    Column("entry", Text, primary_key=True),
    Column("transfers", BigInteger, nullable=False),
    Column("amount", MONEY, nullable=False),
    Column("low", Xid8, nullable=False),
    Column("high", Xid8, nullable=False),
)

TALLY_MARKS = Table(
    "tally_marks",
    METADATA,
    Column("account_id", BigInteger, ForeignKey("accounts.id"), primary_key=True),
    Column("side", Text, primary_key=True),
    Column("counted", Xid8, nullable=False),
)

ORDER_CENSUS = Table(
    "order_census",
    METADATA,
    Column("state", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("orders", BigInteger, nullable=False),
    Column("late", BigInteger, nullable=False),
    Column("counted_at", TIME, nullable=False),
)

OFFER_DAYS = Table(
    "offer_days",
    METADATA,
    Column("day", Date, primary_key=True),
    Column("service_id", BigInteger, primary_key=True, autoincrement=False),
    Column("provider", Text, primary_key=True),
    Column("offer", Text, primary_key=True),
    *(
        Column(name, BigInteger, nullable=False)
        for name in ("completed", "partial", "canceled", "started")
    ),
    Column("start_seconds", BigInteger),
    Column("end_seconds", BigInteger),
    Column("tries", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
)

OFFER_DAYS_COUNTED = Table(
    "offer_days_counted",
    METADATA,
    Column("day", Date, primary_key=True),
    Column("counted_at", TIME, nullable=False),
)

OFFER_QUALITY = Table(
    "offer_quality",
    METADATA,
    Column("service_id", BigInteger, primary_key=True, autoincrement=False),
    Column("provider", Text, primary_key=True),
    Column("offer", Text, primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in ("completed", "partial", "canceled")),
    Column("start_seconds", BigInteger),
    Column("end_seconds", BigInteger),
    Column("tries", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
)

RATE_CHANGES = Table(
    "rate_changes",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("provider", "offer", "name")),
    Column("old", MONEY, nullable=False),
    Column("new", MONEY, nullable=False),
    Column("at", TIME, nullable=False),
    Index("rate_changes_offer", "provider", "offer", "id"),
    Index("rate_changes_provider", "provider", "id"),
)

SYNC_LOG = Table(
    "sync_log",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("provider", Text, nullable=False),
    Column("at", TIME, nullable=False),
    Column("last_at", TIME, nullable=False),
    Column("times", BigInteger, nullable=False),
    Column("well", Boolean, nullable=False),
    *(
        Column(name, BigInteger, nullable=False)
        for name in ("listed", "appeared", "changed", "vanished", "quarantined")
    ),
    Column("odd", Text, nullable=False),
    Column("repairs", JSONB, nullable=False),
    Index("sync_log_provider", "provider", "id"),
)

Index("orders_active", ORDERS.c.provider, postgresql_where=text("state = 'active'"))
Index(
    "attempts_refused",
    ATTEMPTS.c.provider,
    ATTEMPTS.c.started_at,
    postgresql_where=text("outcome = 'refused'"),
)
Index("discrepancies_class", DISCREPANCIES.c.kind, DISCREPANCIES.c.id)
Index("discrepancies_provider", DISCREPANCIES.c.provider, DISCREPANCIES.c.id)
Index("deeds_at", DEEDS.c.at)
