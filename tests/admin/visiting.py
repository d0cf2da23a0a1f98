"""Operators at their browsers: accounts, the time of day, and what a form carries."""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
from argon2 import PasswordHasher
from sqlalchemy import text

from gateway.admin.door import door
from gateway.admin.visits import Site
from gateway.domain.operators import Role
from gateway.operations import Backends
from gateway.storage import operators, second_factors, sessions
from gateway.storage.operators import NewAccount

ORIGIN = "http://127.0.0.1"
PASSWORD = "correct horse battery"  # noqa: S105  of accounts that live as long as a test
# what a stored one costs to check is part of it
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


@dataclass
class Clock:
    """The time of day, moved by hand."""

    at: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@dataclass
class Browser:
    """One browser: its cookies, and what the last page's form carried."""

    http: httpx.AsyncClient
    csrf: str = ""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return self._read(await self.http.get(path, headers=headers))

    async def post(
        self, path: str, fields: Mapping[str, str | list[str]] | None = None, **headers: str
    ) -> httpx.Response:
        """A form of the page that was read last, sent from this site unless told otherwise."""
        sent = {"csrf": self.csrf, **(fields or {})}
        sent_by = {"origin": ORIGIN, **{name.replace("_", "-"): v for name, v in headers.items()}}
        return self._read(await self.http.post(path, data=sent, headers=sent_by))

    def _read(self, response: httpx.Response) -> httpx.Response:
        if found := CSRF.search(response.text):
            self.csrf = found[1]
        return response


@dataclass
class Desk:
    """The pages, and everybody who comes to them."""

    backends: Backends
    stack: AsyncExitStack
    site: Site
    clock: Clock
    seeds: dict[str, bytes] = field(default_factory=dict[str, bytes])

    async def browser(self, address: str = "10.0.0.1") -> Browser:
        """A fresh one, without cookies."""
        transport = httpx.ASGITransport(door(self.backends, self.site), client=(address, 5000))
        http = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
        return Browser(await self.stack.enter_async_context(http))

    async def account(self, name: str, role: Role) -> int:
        """An operator whose password is the one above."""
        seed = self.seeds[name] = second_factors.new_seed()
        async with self.backends.database.transaction() as connection:
            account = NewAccount(name, role, HASH, seed)
            return await operators.add(connection, account, by="test")

    def code(self, name: str) -> str:
        """What his authenticator shows now."""
        secret = second_factors.secret_of(self.seeds[name], self.backends.secret)
        return second_factors.code_at(secret, self.clock.now())

    async def at_work(self, role: Role, name: str = "") -> Browser:
        """A browser with a session of an operator, made where there is none of the name."""
        who = name or str(role)
        async with self.backends.database.reading() as connection:
            known = await operators.by_name(connection, who)
        number = known.id if known else await self.account(who, role)
        async with self.backends.database.transaction() as connection:
            token = await sessions.begin(connection, number, who, "10.0.0.1")
        browser = await self.browser()
        browser.http.cookies.set("operator", token)
        await browser.get("/account")
        return browser

    async def sign_in(self, browser: Browser, name: str, **typed: str) -> httpx.Response:
        """Through the form."""
        await browser.get("/sign-in")
        fields = {"name": name, "password": PASSWORD, "code": self.code(name), **typed}
        return await browser.post("/sign-in", fields)

    async def age(self, **intervals: str) -> None:
        """Let all sessions be older: columns and by how much."""
        moved = ", ".join(f"{name} = {name} - interval '{by}'" for name, by in intervals.items())
        async with self.backends.database.transaction() as connection:
            await connection.execute(text(f"UPDATE operator_sessions SET {moved}"))  # noqa: S608  a test's own words

    def pass_seconds(self, seconds: int) -> None:
        """Of the time of day, by which codes go."""
        self.clock.at += timedelta(seconds=seconds)


@asynccontextmanager
async def open_desk(backends: Backends) -> AsyncGenerator[Desk]:
    """Nobody has an account yet."""
    clock = Clock()
    async with AsyncExitStack() as stack:
        yield Desk(backends, stack, Site(now=clock.now), clock)
