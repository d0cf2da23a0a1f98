"""Show operators what was asked for an order after it was placed."""

from typing import Any

from gateway.operations import Backends
from gateway.storage import requests


async def list_requests(backends: Backends, order: int) -> list[dict[str, Any]]:
    """Its refills and cancels, oldest first."""
    async with backends.database.reading() as connection:
        return await requests.of_order(connection, order)
