"""Indexes for long queues and large books, and tables that are swept before they slow down."""

from alembic import op

revision = "0007"
down_revision = "0006"

# by provider in place of by lease: a claim asks for it each time, and the reaper reads all of them
SPEED = """
DROP INDEX attempts_open;
CREATE INDEX attempts_open ON attempts (provider, started_at) WHERE outcome = 'open';
CREATE INDEX orders_waiting ON orders (created_at) WHERE state = 'queued';
CREATE INDEX orders_ended ON orders (ended_at)
  WHERE state IN ('completed', 'partial', 'canceled');
ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE attempts SET (autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02);
"""


def upgrade() -> None:
    for statement in SPEED.split(";\n"):
        if statement.strip():
            op.execute(statement)
