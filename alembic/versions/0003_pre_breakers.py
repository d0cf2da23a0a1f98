"""Breakers of providers, and the attempts that open them."""

from alembic import op

revision = "0003"
down_revision = "0002"

BREAKERS = """
CREATE TABLE breakers (
  provider text PRIMARY KEY,
  trips integer NOT NULL DEFAULT 0 CHECK (trips >= 0),
  until timestamptz,
  closed_at timestamptz,
  reason text NOT NULL DEFAULT '',
  CONSTRAINT open_or_closed CHECK ((until IS NULL) = (trips = 0)));
CREATE INDEX attempts_doubtful ON attempts (provider, ended_at)
  WHERE outcome IN ('uncertain', 'not_sent');
"""


def upgrade() -> None:
    for statement in BREAKERS.split(";\n"):
        if statement.strip():
            op.execute(statement)
