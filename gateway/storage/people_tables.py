"""Tables of adjustments to customers' balances, and of providers that operators stopped."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gateway.storage.tables import METADATA, MONEY, TIME

ADJUSTMENTS = Table(
    "adjustments",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("customer_id", BigInteger, ForeignKey("customers.id"), nullable=False),
    Column("amount", MONEY, nullable=False),
    Column("reason", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", TIME, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", TIME),
    Column("outcome", Text),
    Column("alone", Boolean, nullable=False),
    Column("entry_id", BigInteger, ForeignKey("journal_entries.id")),
    UniqueConstraint("token", name="adjustments_token"),
    Index("adjustments_waiting", "id", postgresql_where=text("outcome IS NULL")),
    Index(
        "adjustments_booked",
        "proposed_by",
        "decided_at",
        postgresql_where=text("outcome = 'booked'"),
    ),
    Index("adjustments_customer", "customer_id", "id"),
)

PROVIDER_STOPS = Table(
    "provider_stops",
    METADATA,
    Column("provider", Text, primary_key=True),
    Column("stopped_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("stopped_at", TIME, nullable=False),
)
