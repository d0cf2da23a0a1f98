"""Operators: accounts, sessions, tries to sign in, what they did, and forms of ended sessions."""

from alembic import op

revision = "0010"
down_revision = "0009"

OPERATORS = """
CREATE TABLE operators (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL CONSTRAINT operators_name UNIQUE CHECK (length(name) BETWEEN 1 AND 64),
  role text NOT NULL CHECK (role IN ('viewer', 'operator', 'finance', 'owner')),
  password text,
  totp_seed bytea NOT NULL,
  totp_step bigint NOT NULL DEFAULT 0,
  subject text CONSTRAINT operators_subject UNIQUE,
  enabled boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by text NOT NULL);
"""
SESSIONS = """
CREATE TABLE operator_sessions (
  digest bytea PRIMARY KEY,
  operator_id bigint NOT NULL REFERENCES operators,
  began_at timestamptz NOT NULL DEFAULT now(),
  seen_at timestamptz NOT NULL DEFAULT now(),
  proven_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  address text NOT NULL);
"""
SIGN_INS = """
CREATE TABLE sign_ins (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  address text NOT NULL,
  good boolean NOT NULL,
  at timestamptz NOT NULL DEFAULT now());
"""
DEEDS = """
CREATE TABLE deeds (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
  address text NOT NULL,
  what text NOT NULL,
  subject text NOT NULL,
  before jsonb,
  after jsonb,
  reason text NOT NULL DEFAULT '');
"""
KEPT = """
CREATE TABLE kept_forms (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  operator_id bigint NOT NULL REFERENCES operators,
  path text NOT NULL,
  fields jsonb NOT NULL,
  kept_at timestamptz NOT NULL DEFAULT now());
"""
INDEXES = (
    "CREATE INDEX operator_sessions_operator ON operator_sessions (operator_id)",
    "CREATE INDEX sign_ins_name ON sign_ins (name, at)",
    "CREATE INDEX sign_ins_address ON sign_ins (address, at)",
    "CREATE INDEX deeds_subject ON deeds (subject, id)",
    "CREATE INDEX deeds_actor ON deeds (actor, id)",
    "CREATE INDEX deeds_what ON deeds (what, id)",
    "CREATE INDEX kept_forms_operator ON kept_forms (operator_id, id)",
)
APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON deeds
  EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    for statement in (OPERATORS, SESSIONS, SIGN_INS, DEEDS, KEPT, *INDEXES, APPEND_ONLY):
        op.execute(statement)
