"""What brakes refunds: those that wait, ids that are not known, rates that jumped."""

from alembic import op

revision = "0005"
down_revision = "0004"

BRAKES = """
CREATE TABLE braked_refunds (
  order_id bigint PRIMARY KEY REFERENCES orders,
  amount numeric(38,12) NOT NULL CHECK (amount > 0 AND amount < 1e26),
  reason text NOT NULL,
  seen jsonb NOT NULL,
  since timestamptz NOT NULL DEFAULT now());
CREATE INDEX orders_turned ON orders (provider, ended_at) WHERE state IN ('partial', 'canceled');

CREATE TABLE denied_orders (
  order_id bigint NOT NULL REFERENCES orders, part integer NOT NULL,
  PRIMARY KEY (order_id, part),
  times integer NOT NULL CHECK (times > 0),
  since timestamptz NOT NULL DEFAULT now());

ALTER TABLE order_parts ADD seen integer NOT NULL DEFAULT 0;
ALTER TABLE offers ADD rate_waiting numeric(38,12)
    CHECK (rate_waiting > 0 AND rate_waiting < 1e26), ADD agreed_at timestamptz;
CREATE INDEX discrepancies_lately ON discrepancies (provider, class, opened_at);
"""


def upgrade() -> None:
    for statement in BRAKES.split(";\n"):
        if statement.strip():
            op.execute(statement)
