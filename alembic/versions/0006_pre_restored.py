"""Which database this is, and when it turned out to be an earlier one of itself."""

from alembic import op

revision = "0006"
down_revision = "0005"

RESTORED = """
ALTER TABLE installation ADD cluster text NOT NULL DEFAULT '';
CREATE TABLE restorations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  reason text NOT NULL,
  found_at timestamptz NOT NULL DEFAULT now(),
  released_at timestamptz, released_by text, note text,
  CONSTRAINT released_by_somebody CHECK ((released_at IS NULL) = (released_by IS NULL)));
CREATE UNIQUE INDEX restorations_open ON restorations ((released_at IS NULL))
  WHERE released_at IS NULL;
"""


def upgrade() -> None:
    for statement in RESTORED.split(";\n"):
        if statement.strip():
            op.execute(statement)
