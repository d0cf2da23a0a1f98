"""Who has an account at the operators' pages."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import operators
from gateway.storage.operators import Operator

__all__ = ["Operator", "list_operators"]


async def list_operators(backends: Backends) -> Sequence[Operator]:
    """All accounts by name."""
    async with backends.database.reading() as connection:
        return await operators.listed(connection)
