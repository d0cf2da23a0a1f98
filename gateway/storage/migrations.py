"""The schema's history: from whatever a database has to what this version needs."""

import importlib
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

SCRIPTS = Path(__file__).parent.parent.parent / "alembic"
LOCK = 0x67617465

_KNOWN = text("SELECT to_regclass('alembic_version') IS NOT NULL")
_VERSION = text("SELECT version_num FROM alembic_version")


async def migrate(url: str) -> tuple[str | None, str]:
    """Bring a database to the latest revision; the revisions before and after.

    Two at once wait for each other.
    """
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            before = await connection.run_sync(_current)
            head = newest()
            if before == head:
                return before, head
            await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
            await connection.commit()
            # imported by name only now: most starts find the schema as it should be
            upgrading = importlib.import_module("gateway.storage.upgrading")
            await connection.run_sync(upgrading.upgrade, str(SCRIPTS))
            return before, head
    finally:
        await engine.dispose()


def newest() -> str:
    """The latest revision: migrations are numbered, and named after their number."""
    return max(file.name for file in (SCRIPTS / "versions").glob("[0-9]*.py")).partition("_")[0]


def _current(connection: Connection) -> str | None:
    found: str | None = None
    if connection.execute(_KNOWN).scalar_one():
        found = connection.execute(_VERSION).scalar()
    connection.commit()
    return found
