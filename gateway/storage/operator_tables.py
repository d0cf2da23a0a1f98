"""Tables of the operators: who they are, their sessions, what they did (money.md 9)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from gateway.storage.tables import METADATA, TIME

OPERATORS = Table(
    "operators",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password", Text),
    Column("totp_seed", LargeBinary, nullable=False),
    Column("totp_step", BigInteger, nullable=False),
    Column("subject", Text),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("created_by", Text, nullable=False),
    UniqueConstraint("name", name="operators_name"),
    UniqueConstraint("subject", name="operators_subject"),
)

OPERATOR_SESSIONS = Table(
    "operator_sessions",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("operator_id", BigInteger, ForeignKey("operators.id"), nullable=False),
    Column("began_at", TIME, nullable=False),
    Column("seen_at", TIME, nullable=False),
    Column("proven_at", TIME, nullable=False),
    Column("ended_at", TIME),
    Column("address", Text, nullable=False),
    Index("operator_sessions_operator", "operator_id"),
)

SIGN_INS = Table(
    "sign_ins",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("good", Boolean, nullable=False),
    Column("at", TIME, nullable=False),
    Index("sign_ins_name", "name", "at"),
    Index("sign_ins_address", "address", "at"),
)

DEEDS = Table(
    "deeds",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", TIME, nullable=False),
    Column("actor", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("reason", Text, nullable=False),
    Index("deeds_subject", "subject", "id"),
    Index("deeds_actor", "actor", "id"),
    Index("deeds_what", "what", "id"),
)

KEPT_FORMS = Table(
    "kept_forms",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("operator_id", BigInteger, ForeignKey("operators.id"), nullable=False),
    Column("path", Text, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("kept_at", TIME, nullable=False),
    Index("kept_forms_operator", "operator_id", "id"),
)
