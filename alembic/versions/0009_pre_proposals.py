"""What one operator wants decided, until a second one agrees."""

from alembic import op

revision = "0009"
down_revision = "0008"

PROPOSALS = """
CREATE TABLE proposals (
  order_id bigint PRIMARY KEY REFERENCES orders,
  number integer NOT NULL,
  operator text NOT NULL,
  accepted text,
  note text NOT NULL,
  proposed_at timestamptz NOT NULL DEFAULT now());
"""


def upgrade() -> None:
    op.execute(PROPOSALS)
