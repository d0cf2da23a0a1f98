"""Runs migrations on the connection that the gateway hands over, each in a transaction with limits.

A migration that cannot get its lock in time gives up, so that orders never queue behind it.
"""

from alembic import context
from sqlalchemy import Connection, create_engine, text

from gateway.storage.tables import METADATA

LOCK_TIMEOUT = "2s"
STATEMENT_TIMEOUT = "60s"


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        transaction_per_migration=True,
        compare_type=True,
    )
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
    connection.commit()
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with create_engine(context.get_x_argument(as_dictionary=True)["url"]).connect() as own:
        run(own)
