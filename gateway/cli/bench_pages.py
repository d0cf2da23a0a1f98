"""Every page of the operators over large books: its server time, beside the barest answer's.

Ten thousand services, a million orders and a thousand customers: less than 300 ms for a page, less
than a second for the preview of a markup that rates all services anew.
"""

import asyncio
import http.client
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

from gateway import clock, wiring
from gateway.admin.drafts import MARKUP
from gateway.admin.routes import PAGES
from gateway.admin.visits import Site
from gateway.app import admin, listen
from gateway.cli import bench_books
from gateway.cli.bench_books import PROVIDERS, Shop
from gateway.cli.bench_timing import Figure, median, milliseconds, rate
from gateway.cli.output import Failure
from gateway.domain.operators import Actor, Role
from gateway.domain.targets import Class, Finding
from gateway.embedded import Servers
from gateway.operations import Backends
from gateway.operations import adjust as adjust_by
from gateway.operations.add_operator import add_operator
from gateway.operations.apply import apply
from gateway.operations.current_code import current_code
from gateway.operations.fold import fold
from gateway.operations.measure import measure as measure_quality
from gateway.operations.plan import plan
from gateway.operations.stored import Revision, stored
from gateway.operations.take_census import take_census
from gateway.operations.tally import tally
from gateway.storage import copies, discrepancies
from gateway.storage.copies import Copies
from gateway.storage.database import Database
from gateway.wiring import Addresses

ORDERS = 1_000_000
SERVICES = 10_000
CUSTOMERS = 1_000
OPEN_PARTS = 50
DISCREPANCIES = 2_000
RAISED_PERCENT = 41
PERCENT = re.compile(r'percent = "\d+"')
SPREAD = timedelta(days=29)
PAGE_MILLISECONDS = 300
PREVIEW_MILLISECONDS = 1_000
WANTED = Decimal(0)
SECRET = "a secret for one benchmark"  # noqa: S105  of a database that is thrown away
NAME = "bench"
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
PARTS: Mapping[str, str] = {"number": "1", "name": PROVIDERS[0]}
"""What stands in the place of a route's parts."""
WHOLE: Mapping[str, str] = {
    "/operators/{name}": f"/operators/{NAME}",
    "/markup/revisions/{number:int}/document": f"/markup/revisions/1/document?file={MARKUP}",
}
"""Pages that have other parts."""
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for in each round. `form`: what is sent then, if it is more than a look."""

    path: str
    goal: str = "P22"
    within_milliseconds: int = PAGE_MILLISECONDS
    form: Callable[[int], Mapping[str, str]] | None = None


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
            await _busy(backends, setting)
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
    await fold(backends)


async def _busy(backends: Backends, setting: Setting) -> None:
    """What pages show beside orders: another revision, what does not add up, what waits."""
    revision = await _active(backends)
    wanted = replace(revision.documents, markup=_markup(revision, RAISED_PERCENT))
    await apply(backends, wanted, await plan(backends, wanted), actor=Actor(NAME))
    finding = Finding(Class.FOREIGN, "charged beyond what was agreed", Decimal(1), Decimal(2))
    async with backends.database.transaction() as connection:
        for order in range(1, min(setting.orders, DISCREPANCIES) + 1):
            await discrepancies.record(connection, PROVIDERS[0], order, [finding])
    late = adjust_by.Wanted(1, Decimal(60), "late", "a")
    await adjust_by.adjust(backends, late, actor=Actor(NAME))


async def _active(backends: Backends) -> Revision:
    revision = await stored(backends)
    if revision is None:
        raise Failure("nothing is sold")
    return revision


def _markup(revision: Revision, percent: int) -> str:
    return PERCENT.sub(f'percent = "{percent}"', revision.documents.markup)


async def _look(backends: Backends, setting: Setting) -> list[Figure]:
    made = await add_operator(backends, NAME, Role.OWNER, actor=Actor(NAME))
    code = await current_code(backends, NAME, clock.now())
    listening = listen("127.0.0.1", 0)
    async with admin(backends, listening, Site()):
        visitor = Visitor(listening.getsockname()[1])
        await asyncio.to_thread(_enter, visitor, made.password, code or "")
        asked = [*map(Asked, (*_paths(), *SEARCHES)), _switching(), await _preview(backends)]
        return [await asyncio.to_thread(_answer, visitor, each, setting.rounds) for each in asked]


def _switching() -> Asked:
    """Another service switched off in each round: the longest document is edited and read anew."""

    def form(number: int) -> Mapping[str, str]:
        return {"which": "ticked", "service": str(1 + number), "enabled": "0"}

    return Asked("/services/switch/preview", "P23", PREVIEW_MILLISECONDS, form)


async def _preview(backends: Backends) -> Asked:
    """Another markup in each round, which gives every service another rate."""
    revision = await _active(backends)

    def form(number: int) -> Mapping[str, str]:
        markup = _markup(revision, RAISED_PERCENT + 1 + number)
        return {"base": str(revision.number), "view": MARKUP, MARKUP: markup, "part": "1"}

    return Asked("/markup/preview", "P23", PREVIEW_MILLISECONDS, form)


def _paths() -> list[str]:
    """Every page that can be looked at, with a part of its path where it has one."""
    return sorted(
        WHOLE.get(page.path)
        or re.sub(r"{(\w+)(:\w+)?}", lambda part: PARTS.get(part[1], "1"), page.path)
        for page in PAGES
        if page.method == "GET"
    )


def _enter(visitor: Visitor, password: str, code: str) -> None:
    visitor.get("/sign-in")
    status, _, _ = visitor.post("/sign-in", {"name": NAME, "password": password, "code": code})
    if status != http.HTTPStatus.SEE_OTHER:
        raise Failure("nobody could sign in")


def _answer(visitor: Visitor, asked: Asked, rounds: int) -> Figure:
    took: list[int] = []
    floors: list[int] = []
    size = status = 0
    for number in range(rounds):
        form, path = asked.form, asked.path
        status, text, nanoseconds = visitor.post(path, form(number)) if form else visitor.get(path)
        if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Failure(f"{path} answered {status}")
        size = len(text.encode())
        took.append(nanoseconds)
        floors.append(visitor.get("/healthz")[2])
    usual, worst = milliseconds(median(took)), milliseconds(max(took))
    what = f"{asked.path}: {usual:.0f} ms, at most {worst:.0f}, {size // 1_000} kB, {status}"
    rates = [(rate(ours), rate(floor)) for ours, floor in zip(took, floors, strict=True)]
    return Figure(asked.goal, what, rates, WANTED, kept=usual < asked.within_milliseconds)
