"""Goodwill that operators give, and what finding orders by any word of theirs needs."""

from alembic import op

revision = "0012"
down_revision = "0011"

GOODWILL = """
CREATE TABLE goodwill (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id bigint NOT NULL REFERENCES orders,
  token text NOT NULL CONSTRAINT goodwill_token UNIQUE CHECK (length(token) BETWEEN 8 AND 64),
  amount numeric(38,12) NOT NULL CHECK (amount > 0 AND amount < 1e26),
  operator text NOT NULL,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  why text NOT NULL DEFAULT '',
  state text NOT NULL CHECK (state IN ('waiting', 'given', 'withdrawn')),
  asked_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  ended_by text);
"""
INDEXES = (
    "CREATE INDEX goodwill_order ON goodwill (order_id, id)",
    "CREATE INDEX goodwill_waiting ON goodwill (id) WHERE state = 'waiting'",
    # what one operator adjusted today: of no other kind of entry anything is kept in it
    "CREATE INDEX journal_entries_adjusted ON journal_entries (actor, at) WHERE kind = 'adjust'",
    # a link may be longer than an index takes; what begins alike in 64 characters is few
    "CREATE INDEX orders_link ON orders (left(link, 64) text_pattern_ops)",
    "CREATE INDEX discrepancies_of_order ON discrepancies (order_id, id)",
    "CREATE INDEX orders_failed ON orders (id) WHERE state = 'failed'",
)


def upgrade() -> None:
    for statement in (GOODWILL, *INDEXES):
        op.execute(statement)
