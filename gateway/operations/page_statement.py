"""Account to operators for a customer's movements, one page at a time."""

from gateway.operations import Backends
from gateway.storage import statement_pages
from gateway.storage.statement_pages import (
    Kind,
    Movement,
    Position,
    StatementAsked,
    StatementPage,
)

__all__ = ["Kind", "Movement", "Position", "StatementAsked", "StatementPage", "page_statement"]


async def page_statement(backends: Backends, asked: StatementAsked) -> StatementPage:
    """The newest first, each with what the balance came to; no movements of no such customer."""
    async with backends.database.reading() as connection:
        await statement_pages.hold_still(connection)
        return await statement_pages.page(connection, asked)
