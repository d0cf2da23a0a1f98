"""Documents of dialects, every type of service, parts of orders, refills and cancels."""

from alembic import op

revision = "0002"
down_revision = "0001"

CATALOG = """
ALTER TABLE catalog_revisions ADD COLUMN dialects jsonb NOT NULL DEFAULT '{}';
ALTER TABLE provider_states
  ADD COLUMN repairs jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN budget text NOT NULL DEFAULT '';

-- sentences that no dialect knows, until an operator says what they mean
CREATE TABLE unseen_texts (
  provider text NOT NULL, action text NOT NULL, text text NOT NULL CHECK (length(text) <= 1000),
  times bigint NOT NULL DEFAULT 1,
  first_at timestamptz NOT NULL DEFAULT now(), last_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (provider, action, text));
"""

ORDERS = """
ALTER TABLE orders
  ADD COLUMN details jsonb,
  ADD COLUMN seen_word text,
  ADD COLUMN delivered bigint CHECK (delivered >= 0),
  ADD COLUMN parts integer NOT NULL DEFAULT 0 CHECK (parts >= 0),
  ADD COLUMN self_run boolean NOT NULL DEFAULT false,
  ADD COLUMN next_run_at timestamptz,
  ADD COLUMN run_tries integer NOT NULL DEFAULT 0,
  ADD COLUMN cancel_wanted boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT self_run_has_runs CHECK (NOT self_run OR runs IS NOT NULL),
  ADD CONSTRAINT next_run_of_self_run CHECK (next_run_at IS NULL OR self_run);
CREATE INDEX orders_next_run ON orders (provider, next_run_at)
  WHERE next_run_at IS NOT NULL AND state = 'active';

-- the provider's orders behind one of ours: runs that we sent, or children that it made itself
CREATE TABLE order_parts (
  order_id bigint NOT NULL REFERENCES orders,
  part integer NOT NULL CHECK (part > 0),
  provider text NOT NULL,
  provider_order text NOT NULL CHECK (length(provider_order) BETWEEN 1 AND 64),
  quantity bigint CHECK (quantity > 0),
  word text, charge numeric(38,12), currency text,
  start_count bigint, remains bigint,
  seen_since timestamptz, refused text NOT NULL DEFAULT '',
  next_poll_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(), ended_at timestamptz,
  PRIMARY KEY (order_id, part),
  CONSTRAINT order_parts_provider_order UNIQUE (provider, provider_order));
CREATE INDEX order_parts_polled ON order_parts (provider, next_poll_at);

-- refills and cancels that customers asked for; a refill's id is the one that they are told
CREATE TABLE order_requests (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id bigint NOT NULL REFERENCES orders,
  customer_id bigint NOT NULL REFERENCES customers,
  kind text NOT NULL CHECK (kind IN ('refill', 'cancel')),
  provider text NOT NULL,
  state text NOT NULL DEFAULT 'asked' CHECK (state IN
    ('asked', 'sent', 'in_progress', 'completed', 'rejected')),
  provider_request text CHECK (length(provider_request) BETWEEN 1 AND 64),
  note text NOT NULL DEFAULT '',
  tries integer NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL DEFAULT now(),
  asked_at timestamptz NOT NULL DEFAULT now(), sent_at timestamptz, ended_at timestamptz,
  CONSTRAINT request_ended CHECK ((ended_at IS NOT NULL) = (state IN ('completed', 'rejected'))));
CREATE UNIQUE INDEX order_requests_open ON order_requests (order_id, kind)
  WHERE state IN ('asked', 'sent', 'in_progress');
CREATE INDEX order_requests_due ON order_requests (provider, next_at)
  WHERE state IN ('asked', 'sent', 'in_progress');
CREATE INDEX order_requests_order ON order_requests (order_id);
"""


def upgrade() -> None:
    for part in (CATALOG, ORDERS):
        for statement in part.split(";\n"):
            if statement.strip():
                op.execute(statement)
