"""The ledger's tables (money.md 6); `alembic/` owns the schema."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from gateway.storage.tables import METADATA, MONEY, RATE, Xid8

ACCOUNTS = Table(
    "accounts",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("customer_id", BigInteger, ForeignKey("customers.id")),
    Column("provider", Text),
    Column("currency", Text, nullable=False),
    UniqueConstraint(
        "kind",
        "customer_id",
        "provider",
        "currency",
        name="accounts_one",
        postgresql_nulls_not_distinct=True,
    ),
    UniqueConstraint("id", "currency", name="accounts_currency"),
    UniqueConstraint("id", "customer_id", "currency", name="accounts_customer"),
)

JOURNAL_ENTRIES = Table(
    "journal_entries",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_id", BigInteger),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("rate", RATE),
    Column("at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("order_id", "key", name="entry_once", postgresql_nulls_not_distinct=True),
)

TRANSFERS = Table(
    "transfers",
    METADATA,
    Column("entry_id", BigInteger, ForeignKey("journal_entries.id"), primary_key=True),
    Column("leg", SmallInteger, primary_key=True, autoincrement=False),
    Column("debit_id", BigInteger, nullable=False),
    Column("credit_id", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", MONEY, nullable=False),
    Column("xid", Xid8, nullable=False),
    ForeignKeyConstraint(
        ["debit_id", "currency"], ["accounts.id", "accounts.currency"], name="debit_currency"
    ),
    ForeignKeyConstraint(
        ["credit_id", "currency"], ["accounts.id", "accounts.currency"], name="credit_currency"
    ),
    Index("transfers_debit", "debit_id", "xid"),
    Index("transfers_credit", "credit_id", "xid"),
)

_OWN = ["accounts.id", "accounts.customer_id", "accounts.currency"]
BALANCES = Table(
    "balances",
    METADATA,
    Column("customer_id", BigInteger, primary_key=True, autoincrement=False),
    Column("currency", Text, primary_key=True),
    Column("available_id", BigInteger, nullable=False),
    Column("held_id", BigInteger, nullable=False),
    Column("available", MONEY, nullable=False),
    Column("held", MONEY, nullable=False),
    Column("spend_max", MONEY),
    Column("spent", MONEY, nullable=False),
    Column("spent_on", Date),
    UniqueConstraint("available_id", name="balances_available"),
    UniqueConstraint("held_id", name="balances_held"),
    ForeignKeyConstraint(["available_id", "customer_id", "currency"], _OWN, name="available_own"),
    ForeignKeyConstraint(["held_id", "customer_id", "currency"], _OWN, name="held_own"),
)

FOLDS = Table(
    "folds",
    METADATA,
    Column("account_id", BigInteger, ForeignKey("accounts.id"), primary_key=True),
    Column("below", Xid8, nullable=False),
    Column("amount", MONEY, nullable=False),
)
