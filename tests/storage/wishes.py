"""Orders that something can be asked for, moved by hand to where a test needs them."""

from dataclasses import replace
from typing import Any

from sqlalchemy import text

from gateway.domain.requests import Kind
from gateway.storage import requests
from gateway.storage.database import Database
from tests.storage.books import PRICED, customer, place


async def orders_of(database: Database, name: str, count: int, known: int = 100) -> list[int]:
    """A new customer's orders, the first of them accepted by acme."""
    async with database.transaction() as connection:
        number = await customer(connection, name, "100")
        made = await place(connection, [replace(PRICED, customer=number)] * count)
        await connection.execute(
            text(
                "UPDATE orders SET state = 'active', progress = 'pending',"
                " provider_order = '900' || id, next_poll_at = now() + interval '1 day'"
                " WHERE id = ANY (:orders)"
            ),
            {"orders": made[:known]},
        )
        return made


async def ask(database: Database, kind: Kind, *orders: int) -> dict[int, int]:
    """A request for each order."""
    async with database.transaction() as connection:
        return await requests.ask(connection, kind, orders)


async def execute(database: Database, statement: str, **values: object) -> None:
    """Change rows directly, above all to let time pass."""
    async with database.transaction() as connection:
        await connection.execute(text(statement), values)


async def end(database: Database, state: str, *orders: int) -> None:
    """Orders that have ended just now."""
    await execute(
        database,
        "UPDATE orders SET state = :state, progress = NULL, ended_at = now() WHERE id = ANY (:ids)",
        state=state,
        ids=list(orders),
    )


async def rows(database: Database, query: str) -> list[Any]:
    """What a query finds, as plain tuples; a single column as its values."""
    async with database.reading() as connection:
        found = [tuple(row) for row in await connection.execute(text(query))]
    return [row[0] if len(row) == 1 else row for row in found]
