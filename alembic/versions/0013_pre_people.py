"""Adjustments and who agreed, customers' own limits, providers that an operator stopped."""

from alembic import op

revision = "0013"
down_revision = "0012"

ADJUSTMENTS = """
CREATE TABLE adjustments (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers,
  amount numeric(38,12) NOT NULL CHECK (amount <> 0 AND abs(amount) < 1e26),
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  token text NOT NULL CONSTRAINT adjustments_token UNIQUE CHECK (length(token) BETWEEN 1 AND 100),
  proposed_by text NOT NULL,
  proposed_at timestamptz NOT NULL DEFAULT now(),
  decided_by text,
  decided_at timestamptz,
  outcome text CHECK (outcome IN ('booked', 'withdrawn')),
  alone boolean NOT NULL DEFAULT false,
  entry_id bigint REFERENCES journal_entries,
  CONSTRAINT decided_whole CHECK ((outcome IS NULL) = (decided_by IS NULL)
    AND (outcome IS NULL) = (decided_at IS NULL)),
  CONSTRAINT booked_has_entry CHECK ((outcome IS NOT DISTINCT FROM 'booked')
    = (entry_id IS NOT NULL)));
"""
STOPS = """
CREATE TABLE provider_stops (
  provider text PRIMARY KEY,
  stopped_by text NOT NULL,
  reason text NOT NULL,
  stopped_at timestamptz NOT NULL DEFAULT now());
"""
LIMITS = (
    """
ALTER TABLE customers
  ADD COLUMN calls_per_second integer CHECK (calls_per_second BETWEEN 1 AND 100000),
  ADD COLUMN adds_per_second integer CHECK (adds_per_second BETWEEN 1 AND 100000)""",
    # beside the balance, since its row is the one that every placement locks and writes anyway
    """
ALTER TABLE balances
  ADD COLUMN spend_max numeric(38,12) CHECK (spend_max >= 0 AND spend_max < 1e26),
  ADD COLUMN spent numeric(38,12) NOT NULL DEFAULT 0,
  ADD COLUMN spent_on date""",
)
INDEXES = (
    "CREATE INDEX adjustments_waiting ON adjustments (id) WHERE outcome IS NULL",
    """CREATE INDEX adjustments_booked ON adjustments (proposed_by, decided_at)
 WHERE outcome = 'booked'""",
    "CREATE INDEX adjustments_customer ON adjustments (customer_id, id)",
)


def upgrade() -> None:
    for statement in (ADJUSTMENTS, STOPS, *LIMITS, *INDEXES):
        op.execute(statement)
