"""Every page of the operators over large books: its server time, beside the barest answer's.

Ten thousand services, a million orders and a thousand customers, and less than 300 ms for a page.
"""

import asyncio
import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

from gateway import clock, wiring
from gateway.admin.routes import PAGES
from gateway.admin.visits import Site
from gateway.app import admin, listen
from gateway.cli import bench_books
from gateway.cli.bench_books import PROVIDERS, Shop
from gateway.cli.bench_timing import Figure, median, milliseconds, rate
from gateway.cli.output import Failure
from gateway.domain.operators import Actor, Role
from gateway.embedded import Servers
from gateway.operations import Backends
from gateway.operations.add_operator import add_operator
from gateway.operations.current_code import current_code
from gateway.operations.measure import measure as measure_quality
from gateway.operations.take_census import take_census
from gateway.operations.tally import tally
from gateway.storage import copies
from gateway.storage.copies import Copies
from gateway.storage.database import Database
from gateway.wiring import Addresses

ORDERS = 1_000_000
SERVICES = 10_000
CUSTOMERS = 1_000
OPEN_PARTS = 50
SPREAD = timedelta(days=29)
PAGE_MILLISECONDS = 300
WANTED = Decimal(0)
SECRET = "a secret for one benchmark"  # noqa: S105  of a database that is thrown away
NAME = "bench"
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
PARTS: Mapping[str, str] = {"number": "1", "name": PROVIDERS[0]}
"""What stands in the place of a route's parts."""
SEARCHES = (
    "/orders?q=https%3A%2F%2Fa.example%2F777",
    "/orders?state=partial",
    "/orders?customer=customer+7&sort=oldest",
    "/customers?sort=-available",
    "/services?q=Followers+77",
    "/services?sort=-margin",
    "/audit?q=bench",
)


@dataclass(frozen=True, slots=True)
class Setting:
    """How much is measured."""

    servers: Servers
    orders: int = ORDERS
    services: int = SERVICES
    customers: int = CUSTOMERS
    rounds: int = 5


@dataclass(slots=True)
class Visitor:
    """A signed-in browser without a screen."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict[str, str])
    csrf: str = ""

    def get(self, path: str) -> tuple[int, str, int]:
        """Status, body and nanoseconds."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: Mapping[str, str]) -> tuple[int, str, int]:
        """The same of a form."""
        return self._ask("POST", path, urlencode({"csrf": self.csrf, **fields}))

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str, int]:
        here = f"127.0.0.1:{self.port}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Host": here, "Origin": f"http://{here}"}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = clock.nanoseconds()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        took = clock.nanoseconds() - began
        for line in answer.headers.get_all("set-cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        if found := CSRF.search(text):
            self.csrf = found[1]
        return answer.status, text, took


async def measure(setting: Setting) -> list[Figure]:
    """Fill the books, then look at every page. Raises Failure where one does not answer."""
    addresses = Addresses(setting.servers.database_url, setting.servers.redis_url, SECRET)
    await wiring.migrate(addresses.database_url)
    plain = Database(addresses.database_url, pool=2, statement_seconds=copies.STATEMENT_SECONDS)
    try:
        async with bench_books.provider() as url, wiring.backends(addresses) as backends:
            shop = await bench_books.furnish(backends, url, setting.customers, setting.services)
            await _fill(plain, shop, setting)
        async with wiring.backends(addresses) as backends:
            await _tally(backends)
            return await _look(backends, setting)
    finally:
        await plain.close()


async def _fill(plain: Database, shop: Shop, setting: Setting) -> None:
    few = setting.orders // OPEN_PARTS
    await copies.multiply(plain, Copies(shop.finished, setting.orders - 2 * few, SPREAD))
    await copies.multiply(plain, Copies(shop.active, few, bench_books.QUEUED_WITHIN))
    await copies.multiply(plain, Copies(shop.queued, few, bench_books.QUEUED_WITHIN))
    await copies.vary(plain, setting.services)
    await copies.tidy(plain)


async def _tally(backends: Backends) -> None:
    """What the worker has ready for the pages."""
    while await tally(backends):
        pass
    await take_census(backends)
    await measure_quality(backends)


async def _look(backends: Backends, setting: Setting) -> list[Figure]:
    made = await add_operator(backends, NAME, Role.OWNER, actor=Actor(NAME))
    code = await current_code(backends, NAME, clock.now())
    listening = listen("127.0.0.1", 0)
    async with admin(backends, listening, Site()):
        visitor = Visitor(listening.getsockname()[1])
        await asyncio.to_thread(_enter, visitor, made.password, code or "")
        paths = [*_paths(), *SEARCHES]
        return [await asyncio.to_thread(_page, visitor, path, setting.rounds) for path in paths]


def _paths() -> list[str]:
    """Every page that can be looked at, with a part of its path where it has one."""
    return sorted(
        re.sub(r"{(\w+)(:\w+)?}", lambda part: PARTS.get(part[1], "1"), page.path)
        for page in PAGES
        if page.method == "GET"
    )


def _enter(visitor: Visitor, password: str, code: str) -> None:
    visitor.get("/sign-in")
    status, _, _ = visitor.post("/sign-in", {"name": NAME, "password": password, "code": code})
    if status != http.HTTPStatus.SEE_OTHER:
        raise Failure("nobody could sign in")


def _page(visitor: Visitor, path: str, rounds: int) -> Figure:
    took: list[int] = []
    floors: list[int] = []
    size = status = 0
    for _ in range(rounds):
        status, text, nanoseconds = visitor.get(path)
        if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Failure(f"{path} answered {status}")
        size = len(text.encode())
        took.append(nanoseconds)
        floors.append(visitor.get("/healthz")[2])
    usual, worst = milliseconds(median(took)), milliseconds(max(took))
    what = f"{path}: {usual:.0f} ms, at most {worst:.0f}, {size // 1_000} kB, {status}"
    rates = [(rate(ours), rate(floor)) for ours, floor in zip(took, floors, strict=True)]
    return Figure("P22", what, rates, WANTED, kept=usual < PAGE_MILLISECONDS)
