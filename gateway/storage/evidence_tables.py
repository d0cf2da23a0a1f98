"""Tables of evidence: what was gathered for orders in doubt, and balances as they were read."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gateway.storage.tables import METADATA, MONEY, TIME

INVESTIGATIONS = Table(
    "investigations",
    METADATA,
    Column("order_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("provider", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", TIME),
    Column("evidence", JSONB, nullable=False),
    Column("recommendation", Text, nullable=False),
    Column("looked_at", TIME),
    ForeignKeyConstraint(["order_id", "number"], ["attempts.order_id", "attempts.number"]),
    Index(
        "investigations_due",
        "provider",
        "next_at",
        postgresql_where=text("next_at IS NOT NULL"),
    ),
    Index("investigations_lately", "provider", "looked_at"),
)

PROBES = Table(
    "probes",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("provider", Text, nullable=False),
    Column("low", BigInteger, nullable=False),
    Column("high", BigInteger, nullable=False),
    Column("probed_at", TIME, nullable=False),
    Index("probes_ranges", "provider", "high"),
)

FOREIGN_ORDERS = Table(
    "foreign_orders",
    METADATA,
    Column("provider", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("charge", MONEY),
    Column("word", Text, nullable=False),
    Column("remains", BigInteger),
    Column("found_at", TIME, nullable=False),
)

PROPOSALS = Table(
    "proposals",
    METADATA,
    Column("order_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("operator", Text, nullable=False),
    Column("accepted", Text),
    Column("note", Text, nullable=False),
    Column("proposed_at", TIME, nullable=False),
    ForeignKeyConstraint(["order_id"], ["orders.id"]),
)

BALANCE_READINGS = Table(
    "balance_readings",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("provider", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("balance", MONEY, nullable=False),
    Column("prepaid", MONEY, nullable=False),
    Column("quiet", Boolean, nullable=False),
    Column("read_at", TIME, nullable=False),
    Index("balance_readings_latest", "provider", "id"),
)

RESTORATIONS = Table(
    "restorations",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("found_at", TIME, nullable=False),
    Column("released_at", TIME),
    Column("released_by", Text),
    Column("note", Text),
    Index(
        "restorations_open",
        text("(released_at IS NULL)"),
        unique=True,
        postgresql_where=text("released_at IS NULL"),
    ),
)
