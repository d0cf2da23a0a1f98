"""Whole gateways over real HTTP: pretend providers behind, callers of every dialect in front."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar
from urllib.parse import urlencode

import httpx

from gateway.app import listen, web
from gateway.dialects.book import dialect
from gateway.dialects.dialect import Dialect
from gateway.dialects.json_text import Json, read
from gateway.dialects.standard import STANDARD
from gateway.domain.catalog import Provider
from gateway.domain.observations import RefillSeen, Refused, Taken, Unclear
from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.operations.add_customer import add_customer
from gateway.operations.apply import apply
from gateway.operations.plan import plan
from gateway.operations.verify import verify
from gateway.sandbox.panel import Panel
from gateway.sandbox.server import start
from gateway.storage.documents import Documents
from gateway.upstream.client import ProviderClient
from gateway.worker import Worker
from tests.plain_http import NO_TLS

T = TypeVar("T")
PROVIDER_KEY = "sandbox-key"
MARKUP = """
currency = "USD"
round_up_to = "0.0001"

[[rules]]
percent = "50"
"""


@dataclass(frozen=True)
class Gate:
    """One gateway that answers at `url`, with its worker running."""

    backends: Backends
    url: str

    async def caller(self, name: str, spoken: str, paid_in: str = "1000") -> "Caller":
        """A customer with money, whose key speaks a dialect."""
        made = await add_customer(
            self.backends, name, paid_in=Decimal(paid_in), dialect=spoken, actor=Actor("test")
        )
        return Caller(self.url, made.key, dialect(spoken))

    async def proven(self) -> None:
        """Every invariant is empty."""
        found = await verify(self.backends)
        assert not {name: rows for name, rows in found.items() if rows}


class Caller:
    """A customer's own panel: what our upstream room sends and reads, pointed at a front door."""

    def __init__(self, url: str, key: str, spoken: Dialect) -> None:
        self.dialect = spoken
        self.key = key
        self.url = url
        self.client = ProviderClient(
            Provider("door", url, spoken.name, "USD", "DOOR_KEY", timeout_seconds=20), spoken, key
        )

    async def raw(self, **fields: str) -> tuple[int, bytes]:
        """A plain form, as a program without a library would send it."""
        async with httpx.AsyncClient(trust_env=False, verify=NO_TLS) as http:
            answer = await http.post(
                self.url,
                content=urlencode({"key": self.key, **fields}),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )
        return answer.status_code, answer.content

    async def json(self, **fields: str) -> Json:
        """The value of a plain form's answer."""
        return read((await self.raw(**fields))[1])

    async def refill(self, order: str) -> Taken | Refused:
        """A refill of one order, in the standard's words where the dialect has none."""
        if self.dialect.refills:
            return _one(order, await self.client.refill([order]))
        status, body = await self.raw(action="refill", order=order)
        return _one(order, STANDARD.read_refill([order], status, body))

    async def refill_status(self, refill: str) -> RefillSeen | Refused:
        """How a refill stands."""
        if self.dialect.refill_status_usable:
            return _one(refill, await self.client.refill_status([refill]))
        status, body = await self.raw(action="refill_status", refill=refill)
        return _one(refill, STANDARD.read_refill_status([refill], status, body))

    async def cancel(self, order: str) -> Taken | Refused:
        """A cancel of one order."""
        if self.dialect.cancels:
            return _one(order, await self.client.cancel([order]))
        status, body = await self.raw(action="cancel", orders=order)
        return _one(order, STANDARD.read_cancel([order], status, body))


def _one(asked: str, answer: Mapping[str, T | Refused] | Refused | Unclear) -> T | Refused:
    assert not isinstance(answer, Unclear), answer
    return answer if isinstance(answer, Refused) else answer[asked]


async def serve(stack: AsyncExitStack, panel: Panel) -> str:
    """Put a pretend provider behind HTTP; its URL."""
    server = await start(panel)
    stack.push_async_callback(server.stop)
    return server.url


@asynccontextmanager
async def open_gate(backends: Backends, documents: Documents) -> AsyncGenerator[Gate]:
    """A gateway that sells these documents, every provider's list read; proven at the end."""
    await apply(backends, documents, await plan(backends, documents), actor=Actor("test"))
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    worker = Worker(backends)
    async with web(backends, listening), worker.running():
        await worker.first_syncs()
        await backends.shelf.refresh()
        gate = Gate(backends, f"http://127.0.0.1:{port}/api/v2")
        yield gate
    await gate.proven()


def provider_table(name: str, url: str, spoken: str, rest: str = "") -> str:
    """A provider's table, polled as fast as documents allow."""
    return (
        f'[providers.{name}]\nurl = "{url}"\ndialect = "{spoken}"\ncurrency = "USD"\n'
        f'key_env = "{name.upper()}_KEY"\npoll_seconds = 1\ntimeout_seconds = 10\n{rest}\n'
    )


def service_table(number: int, provider: str, offer: str, rest: str = "") -> str:
    """A service behind one offer."""
    return (
        f'[[services]]\nid = {number}\nname = "{provider} {offer}"\ncategory = "{provider}"\n'
        f'offers = ["{provider}:{offer}"]\n{rest}\n'
    )


async def until(holds: Callable[[], Awaitable[bool]], seconds: int = 30) -> None:
    """Look until something holds."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            for _ in range(seconds * 10):
                if await holds():
                    return
                await asyncio.sleep(0.1)
    raise AssertionError(f"still not after {seconds} s: {holds}")


def keys_of(providers: Mapping[str, object]) -> dict[str, str]:
    """The environment in which these providers have their keys."""
    return {f"{name.upper()}_KEY": PROVIDER_KEY for name in providers}
