"""What the pages of orders need: goodwill, given or waiting for a second operator, and indexes."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from gateway.storage.ledger_tables import JOURNAL_ENTRIES
from gateway.storage.order_tables import DISCREPANCIES
from gateway.storage.tables import METADATA, MONEY, ORDERS, TIME

GOODWILL = Table(
    "goodwill",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_id", BigInteger, ForeignKey("orders.id"), nullable=False),
    Column("token", Text, nullable=False),
    Column("amount", MONEY, nullable=False),
    Column("operator", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", TIME, nullable=False),
    Column("ended_at", TIME),
    Column("ended_by", Text),
    UniqueConstraint("token", name="goodwill_token"),
    Index("goodwill_order", "order_id", "id"),
    Index("goodwill_waiting", "id", postgresql_where=text("state = 'waiting'")),
)

Index(
    "journal_entries_adjusted",
    JOURNAL_ENTRIES.c.actor,
    JOURNAL_ENTRIES.c.at,
    postgresql_where=text("kind = 'adjust'"),
)
Index(
    "orders_link",
    func.left(ORDERS.c.link, 64).label("start"),
    postgresql_ops={"start": "text_pattern_ops"},
)
Index("discrepancies_of_order", DISCREPANCIES.c.order_id, DISCREPANCIES.c.id)
Index("orders_failed", ORDERS.c.id, postgresql_where=text("state = 'failed'"))
