"""Orders whose claim may have ended their worker."""

from alembic import op

revision = "0008"
down_revision = "0007"

SUSPECTS = """
CREATE TABLE suspects (
  order_id bigint PRIMARY KEY REFERENCES orders,
  losses integer NOT NULL CHECK (losses > 0),
  due_at timestamptz NOT NULL);
"""


def upgrade() -> None:
    op.execute(SUSPECTS)
