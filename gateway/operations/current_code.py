"""The code of an operator's second factor, for who holds the installation's secret anyway."""

from datetime import datetime

from gateway.operations import Backends
from gateway.storage import operators, second_factors


async def current_code(backends: Backends, name: str, at: datetime) -> str | None:
    """Six digits; None: there is no such operator."""
    async with backends.database.reading() as connection:
        found = await operators.by_name(connection, name)
    if found is None:
        return None
    return second_factors.code_at(second_factors.secret_of(found.seed, backends.secret), at)
