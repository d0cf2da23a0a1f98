"""Find the providers that orders wait for although they left the catalog."""

from gateway.operations import Backends
from gateway.storage import claims


async def stray_providers(backends: Backends) -> list[str]:
    """Providers that queued orders wait for although they are in the catalog no more."""
    known = backends.shelf.stock.catalog.providers
    async with backends.database.reading() as connection:
        return [name for name in await claims.waiting_providers(connection) if name not in known]
