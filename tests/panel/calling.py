"""Callers of the front door: real bytes in, real bytes out."""

from collections.abc import Awaitable, Callable

import httpx
from sqlalchemy import text

from gateway.operations import Backends
from gateway.panel.limits import Limits
from gateway.panel.routes import door

LINK = "https://a.example/x"

Customer = Callable[..., Awaitable[str]]
"""Makes a customer with so much money, whose key speaks a dialect, and gives his key."""


class Api:
    """Posts to the door, with a key unless another one is named."""

    def __init__(self, http: httpx.AsyncClient, key: str) -> None:
        self.http = http
        self.key = key

    async def post(self, **fields: str | list[str]) -> httpx.Response:
        return await self.http.post("/api/v2", data={"key": self.key, **fields})

    async def add(self, **fields: str) -> int:
        """Place 100 of service 1, unless told otherwise, and give its id."""
        asked = {"service": "1", "link": LINK, "quantity": "100", **fields}
        return whole((await self.post(action="add", **asked)).json()["order"])


def whole(value: object) -> int:
    """An id as JSON numbers carry it."""
    assert type(value) is int
    return value


def connect(backends: Backends, limits: Limits | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(door(backends, limits, nanoseconds=lambda: 0))
    return httpx.AsyncClient(transport=transport, base_url="http://gateway.test")


async def alter(backends: Backends, statement: str, **values: object) -> None:
    """Change the database under the door's feet."""
    async with backends.database.transaction() as connection:
        await connection.execute(text(statement), values)


async def accept(backends: Backends, *orders: int) -> None:
    """As if their provider had taken these orders; no money is moved."""
    await alter(
        backends,
        "UPDATE orders SET state = 'active', progress = 'pending',"
        " provider_order = 'theirs ' || id, next_poll_at = now() + interval '1 day'"
        " WHERE id = ANY (:ids)",
        ids=list(orders),
    )


async def complete(backends: Backends, *orders: int, hours_ago: int = 1) -> None:
    """As if these orders had ended well."""
    await accept(backends, *orders)
    await alter(
        backends,
        "UPDATE orders SET state = 'completed', progress = NULL,"
        " ended_at = now() - make_interval(hours => :hours) WHERE id = ANY (:ids)",
        ids=list(orders),
        hours=hours_ago,
    )
