"""Give all movements of a customer that fit a filter, for a file."""

from collections.abc import AsyncGenerator

from gateway.domain.money import ZERO
from gateway.operations import Backends
from gateway.storage import statement_pages
from gateway.storage.statement_pages import OLDEST, PAGE_MAX, Movement, StatementAsked

__all__ = ["Movement", "StatementAsked", "export_statement"]


async def export_statement(backends: Backends, asked: StatementAsked) -> AsyncGenerator[Movement]:
    """One after another, oldest first, each with what the balance came to.

    The balances are summed from the very first movement on, all as of one moment: whoever reads
    must not rest for a minute between two of them.
    """
    opening = (OLDEST, ZERO)
    async with backends.database.reading() as connection:
        await statement_pages.hold_still(connection)
        while True:
            found = await statement_pages.newer(connection, asked, opening)
            for movement in found:
                if statement_pages.fits(asked, movement):
                    yield movement
            if len(found) < PAGE_MAX:
                return
            last = found[-1]
            opening = (last.position, last.balance or ZERO)
