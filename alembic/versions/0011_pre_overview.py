"""Rollups of the ledger and of offers' quality, rates as they changed, a log of syncs."""

from alembic import op

revision = "0011"
down_revision = "0010"

TALLIES = """
CREATE TABLE tallies (
  span text NOT NULL CHECK (span IN ('hour', 'day')),
  account text NOT NULL,
  at timestamptz NOT NULL,
  currency text NOT NULL,
  provider text NOT NULL,
  category text NOT NULL,
  entry text NOT NULL,
  transfers bigint NOT NULL CHECK (transfers > 0),
  amount numeric(38,12) NOT NULL,
  low xid8 NOT NULL,
  high xid8 NOT NULL,
  PRIMARY KEY (span, account, at, currency, provider, category, entry));
"""
MARKS = """
CREATE TABLE tally_marks (
  account_id bigint NOT NULL REFERENCES accounts,
  side text NOT NULL CHECK (side IN ('debit', 'credit')),
  counted xid8 NOT NULL,
  PRIMARY KEY (account_id, side));
"""
CENSUS = """
CREATE TABLE order_census (
  state text NOT NULL,
  provider text NOT NULL,
  orders bigint NOT NULL CHECK (orders > 0),
  late bigint NOT NULL CHECK (late BETWEEN 0 AND orders),
  counted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (state, provider));
"""
QUALITY = """
CREATE TABLE offer_days (
  day date NOT NULL,
  service_id bigint NOT NULL,
  provider text NOT NULL,
  offer text NOT NULL,
  completed bigint NOT NULL,
  partial bigint NOT NULL,
  canceled bigint NOT NULL,
  started bigint NOT NULL,
  start_seconds bigint,
  end_seconds bigint,
  tries bigint NOT NULL,
  refused bigint NOT NULL,
  PRIMARY KEY (day, service_id, provider, offer));
"""
DAYS = """
CREATE TABLE offer_days_counted (
  day date PRIMARY KEY,
  counted_at timestamptz NOT NULL DEFAULT now());
"""
MEASURED = """
CREATE TABLE offer_quality (
  service_id bigint NOT NULL,
  provider text NOT NULL,
  offer text NOT NULL,
  completed bigint NOT NULL,
  partial bigint NOT NULL,
  canceled bigint NOT NULL,
  start_seconds bigint,
  end_seconds bigint,
  tries bigint NOT NULL,
  refused bigint NOT NULL,
  PRIMARY KEY (service_id, provider, offer));
"""
RATES = """
CREATE TABLE rate_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL,
  offer text NOT NULL,
  name text NOT NULL,
  old numeric(38,12) NOT NULL,
  new numeric(38,12) NOT NULL,
  at timestamptz NOT NULL DEFAULT now());
"""
SYNCS = """
CREATE TABLE sync_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  last_at timestamptz NOT NULL DEFAULT now(),
  times bigint NOT NULL DEFAULT 1,
  well boolean NOT NULL,
  listed bigint NOT NULL,
  appeared bigint NOT NULL,
  changed bigint NOT NULL,
  vanished bigint NOT NULL,
  quarantined bigint NOT NULL,
  odd text NOT NULL,
  repairs jsonb NOT NULL DEFAULT '{}');
"""
STARTED = "ALTER TABLE orders ADD started_at timestamptz"
INDEXES = (
    "CREATE INDEX rate_changes_offer ON rate_changes (provider, offer, id)",
    "CREATE INDEX rate_changes_provider ON rate_changes (provider, id)",
    "CREATE INDEX sync_log_provider ON sync_log (provider, id)",
    "CREATE INDEX orders_active ON orders (provider) WHERE state = 'active'",
    "CREATE INDEX attempts_refused ON attempts (provider, started_at) WHERE outcome = 'refused'",
    "CREATE INDEX discrepancies_class ON discrepancies (class, id)",
    "CREATE INDEX discrepancies_provider ON discrepancies (provider, id)",
    "CREATE INDEX deeds_at ON deeds (at)",
)


def upgrade() -> None:
    tables = (TALLIES, MARKS, CENSUS, QUALITY, DAYS, MEASURED, RATES, SYNCS)
    for statement in (*tables, STARTED, *INDEXES):
        op.execute(statement)
