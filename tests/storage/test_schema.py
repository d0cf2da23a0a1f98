"""The migrations and the tables say the same."""

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import create_async_engine

from gateway.domain.orders import EDGES
from gateway.storage import (
    evidence_tables,
    ledger_tables,
    operator_tables,
    order_page_tables,
    order_tables,
    people_tables,
    tally_tables,
)
from gateway.storage.database import Database
from gateway.storage.migrations import SCRIPTS, migrate, newest
from gateway.storage.tables import METADATA, Xid8


def _differences(connection: Connection) -> list[object]:
    ischema_names["xid8"] = Xid8  # pyright: ignore[reportArgumentType]  typed too narrowly there
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, METADATA))


async def test_tables_and_migrations_agree(database_url: str) -> None:
    assert ledger_tables.TRANSFERS.metadata is METADATA
    assert order_tables.ORDER_PARTS.metadata is METADATA
    assert evidence_tables.INVESTIGATIONS.metadata is METADATA
    assert operator_tables.DEEDS.metadata is METADATA
    assert people_tables.ADJUSTMENTS.metadata is METADATA
    assert order_page_tables.GOODWILL.metadata is METADATA
    assert tally_tables.TALLIES.metadata is METADATA
    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()


async def test_the_database_and_the_rules_know_the_same_moves(database: Database) -> None:
    async with database.reading() as connection:
        rows = await connection.execute(text("SELECT from_state, to_state FROM order_edges"))
        assert {tuple(row) for row in rows} == {(str(a), str(b)) for a, b in EDGES}


async def test_migrating_twice_changes_nothing(database_url: str) -> None:
    assert await migrate(database_url) == (newest(), newest())


def test_the_newest_migration_is_alembics_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    assert ScriptDirectory.from_config(config).get_current_head() == newest()
