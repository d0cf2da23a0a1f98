"""An ordinary caller of a sandbox, and a clock to move."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx

from gateway.dialects.json_text import Json, read
from gateway.sandbox.faults import Faults, Waits
from gateway.sandbox.panel import Panel
from gateway.sandbox.server import Server

Call = Callable[[Panel], Awaitable["Caller"]]

KEY = "sandbox-key"
QUICK = Waits(hang_milliseconds=30_000, slow_milliseconds=30, drip_milliseconds=5)


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, milliseconds: int) -> None:
        self.now += timedelta(milliseconds=milliseconds)


@dataclass
class Caller:
    """Calls a sandbox as an ordinary HTTP program would."""

    server: Server
    http: httpx.AsyncClient

    async def post(self, **fields: str) -> httpx.Response:
        return await self.http.post(self.server.url, data={"key": KEY, **fields})

    async def ask(self, **fields: str) -> dict[str, Json]:
        return as_object(await self.post(**fields))

    async def add(self, link: str, quantity: int = 1_000, service: str = "101") -> Json:
        fields = {"service": service, "link": link, "quantity": str(quantity)}
        return (await self.ask(action="add", **fields))["order"]

    async def truth(self) -> dict[str, Json]:
        return as_object(await self.http.get(f"{self.server.origin}/truth"))

    async def orders(self) -> list[dict[str, Json]]:
        orders = (await self.truth())["orders"]
        assert isinstance(orders, list)
        return [order for order in orders if isinstance(order, dict)]

    async def control(self, body: str) -> httpx.Response:
        return await self.http.post(f"{self.server.origin}/truth", content=body)


def as_object(response: httpx.Response) -> dict[str, Json]:
    value = read(response.content)
    assert isinstance(value, dict), response.content
    return value


def faulty(**shares: str) -> Faults:
    given: Mapping[str, Decimal] = {name: Decimal(share) for name, share in shares.items()}
    return Faults(given, seed="7", waits=QUICK)
