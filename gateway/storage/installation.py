"""Which installation a database is, so that several can share one Redis."""

from sqlalchemy import text

from gateway.storage.database import Database

_WHICH = text("SELECT current_database() || ':' || id FROM installation")


async def namespace(database: Database) -> str:
    """A prefix for everything that this installation keeps in Redis."""
    async with database.reading() as connection:
        return f"gateway:{(await connection.execute(_WHICH)).scalar_one()}"
