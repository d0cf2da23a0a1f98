"""How well the offers of some services served lately."""

from collections.abc import Sequence

from gateway.domain.quality import Quality
from gateway.operations import Backends
from gateway.storage import quality

__all__ = ["Quality", "show_quality"]

SERVICES_MAX = 1_000


async def show_quality(backends: Backends, services: Sequence[int]) -> Sequence[Quality]:
    """By service and offer, of at most 1,000 services; nothing of an offer that was not used."""
    async with backends.database.reading() as connection:
        return await quality.of_services(connection, services[:SERVICES_MAX])
