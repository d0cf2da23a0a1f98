"""What is gathered for orders in doubt, balances as they were read, and who closed what is odd."""

from alembic import op

revision = "0004"
down_revision = "0003"

EVIDENCE = """
CREATE TABLE investigations (
  order_id bigint NOT NULL, number integer NOT NULL, PRIMARY KEY (order_id, number),
  FOREIGN KEY (order_id, number) REFERENCES attempts (order_id, number),
  provider text NOT NULL,
  tries integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
  next_at timestamptz DEFAULT now(),
  evidence jsonb NOT NULL DEFAULT '{}',
  recommendation text NOT NULL DEFAULT '',
  looked_at timestamptz);
CREATE INDEX investigations_due ON investigations (provider, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX investigations_lately ON investigations (provider, looked_at);

CREATE TABLE probes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL,
  low bigint NOT NULL, high bigint NOT NULL CHECK (high >= low),
  probed_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX probes_ranges ON probes (provider, high);

CREATE TABLE foreign_orders (
  provider text NOT NULL, number bigint NOT NULL, PRIMARY KEY (provider, number),
  charge numeric(38,12) CHECK (charge >= 0 AND charge < 1e26),
  word text NOT NULL,
  remains bigint,
  found_at timestamptz NOT NULL DEFAULT now());

CREATE INDEX attempts_accepted ON attempts (provider, started_at) WHERE outcome = 'accepted';

CREATE TABLE balance_readings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL,
  currency text NOT NULL,
  balance numeric(38,12) NOT NULL CHECK (balance > -1e26 AND balance < 1e26),
  prepaid numeric(38,12) NOT NULL CHECK (prepaid > -1e26 AND prepaid < 1e26),
  quiet boolean NOT NULL,
  read_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX balance_readings_latest ON balance_readings (provider, id);

ALTER TABLE provider_states ADD calibrated_since timestamptz;
ALTER TABLE discrepancies ADD closed_by text, ADD close_note text;
"""


def upgrade() -> None:
    for statement in EVIDENCE.split(";\n"):
        if statement.strip():
            op.execute(statement)
