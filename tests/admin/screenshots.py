"""Pictures of every page, for looking at: light and dark on a wide window, light on a phone.

`make screenshots TO=folder`: a gateway of its own with a pretend provider, customers and orders of
every fate, then Chromium.
"""

import argparse
import asyncio
import re
import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Literal

from playwright.async_api import Page, ViewportSize

from gateway import clock
from gateway.admin.routes import PAGES
from gateway.admin.visits import Site
from gateway.cli.demo import Client, write_documents
from gateway.cli.serve import LOOPBACK, open_port, where
from gateway.cli.up import House, Pages, household, pretend_provider, servers
from gateway.domain.operators import Actor, Role
from gateway.domain.orders import State
from gateway.domain.targets import Class, Finding
from gateway.operations import Backends
from gateway.operations.add_customer import add_customer
from gateway.operations.add_operator import add_operator
from gateway.operations.adjust import Wanted, adjust
from gateway.operations.apply import Terms, apply
from gateway.operations.current_code import current_code
from gateway.operations.list_orders import list_orders
from gateway.operations.plan import plan
from gateway.operations.stored import stored
from gateway.settings import Settings
from gateway.storage import discrepancies
from tests.admin.browsing import PHONE, WIDE, chromium

FATES = ("completed", "partial", "canceled", "fault=reset_after", "", "completed", "partial")
LOOKS_MAX = 120
DRAFT = "/markup?draft"
DOWNLOAD = "/markup/revisions/{number:int}/document"
PARTS = {"number": "1", "name": "sandbox"}
VIEWS: tuple[tuple[str, ViewportSize, Literal["light", "dark"]], ...] = (
    ("light", WIDE, "light"),
    ("dark", WIDE, "dark"),
    ("phone", PHONE, "light"),
)


async def take(house: House, provider_port: int, folder: Path) -> list[Path]:
    """All pictures; where they are."""
    if house.pages is None:
        raise AssertionError("there is nothing to take pictures of")
    async with pretend_provider(provider_port) as provider:
        write_documents(house.config, provider)
        async with household(house) as backends:
            await _trade(backends, where(house.listening))
            await _unsettled(backends)
            return await _pictures(backends, where(house.pages.listening), folder)


async def _trade(backends: Backends, url: str) -> None:
    """Customers, and orders of every fate."""
    for name in ("bob", "carol", "dave"):
        made = await add_customer(backends, name, paid_in=Decimal(100), actor=Actor("demo"))
        caller = Client(url, made.key)
        for number, fate in enumerate(FATES):
            link = f"https://example.com/{name}/{number}#{fate}"
            await caller.place({"service": "1", "link": link, "quantity": str(100 + number)})
    for _ in range(LOOKS_MAX):
        states = [order.standing.state async for order in list_orders(backends)]
        if "queued" not in states and "sending" not in states:
            break
        await asyncio.sleep(0.25)


async def _unsettled(backends: Backends) -> None:
    """Another revision, and what waits for somebody: else some pages would show nothing."""
    revision = await stored(backends)
    if revision is None:
        raise AssertionError("nothing is sold")
    dearer = replace(revision.documents, markup=revision.documents.markup.replace("25", "30"))
    terms = Terms("dearer dollars")
    await apply(backends, dearer, await plan(backends, dearer), actor=Actor("demo"), terms=terms)
    late = Wanted(1, Decimal(60), "three orders were late", "a")
    await adjust(backends, late, actor=Actor("demo"))
    odd = Finding(Class.FOREIGN, "charged beyond what was agreed", Decimal("0.09"), Decimal("0.11"))
    async with backends.database.transaction() as connection:
        await discrepancies.record(connection, PARTS["name"], 1, [odd])


async def _pictures(backends: Backends, url: str, folder: Path) -> list[Path]:
    made = await add_operator(backends, "ann", Role.OWNER, actor=Actor("demo"))
    taken: list[Path] = []
    async with chromium() as browser:
        context = await browser.new_context(viewport=WIDE)
        page = await context.new_page()
        await page.goto(f"{url}/sign-in")
        taken.append(folder / "sign-in.png")
        await page.screenshot(path=taken[-1])
        await page.get_by_label("Name").fill("ann")
        await page.get_by_label("Password").fill(made.password)
        code = await current_code(backends, "ann", clock.now())
        await page.get_by_label("Code of your authenticator").fill(code or "")
        await page.get_by_role("button", name="Sign in").click()
        doubtful = [each async for each in list_orders(backends, state=State.UNCONFIRMED)]
        decided = [f"/orders/{each.standing.id}" for each in doubtful[:1]]
        for path in (*paths(), *decided, DRAFT):
            for name, size, colours in VIEWS:
                await page.set_viewport_size(size)
                await page.emulate_media(color_scheme=colours)
                await page.goto(url + path)
                if path == DRAFT:
                    await _draft(page)
                taken.append(folder / f"{_named(path)}.{name}.png")
                await page.screenshot(path=taken[-1], full_page=True)
    return taken


async def _draft(page: Page) -> None:
    """A rule under which services would lose money, as its preview shows it."""
    await page.locator(".rules summary").nth(1).click()
    await page.locator("[name=r1-percent]").fill("1")
    await page.locator("#losses").wait_for()


def _named(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "overview"


def paths() -> list[str]:
    """Every page that can be looked at."""
    looked = {each.path for each in PAGES if each.method == "GET"} - {DOWNLOAD}
    return sorted(map(_filled, looked))


def _filled(path: str) -> str:
    parts = {**PARTS, "name": "ann"} if path.startswith("/operators") else PARTS
    return re.sub(r"{(\w+)(:\w+)?}", lambda part: parts.get(part[1], "1"), path)


def main() -> None:
    """Take them and say where they are."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--to", type=Path, default=Path("screenshots"))
    to: Path = asked.parse_args().to
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gateway-pictures-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # servers started by root run as somebody else, who must get through
        listening, pages = open_port(LOOPBACK, 0), open_port(LOOPBACK, 0)
        with servers(Settings(), folder / "data") as ground:
            house = House(folder, ground, listening, pages=Pages(pages, Site(config=name)))
            taken = asyncio.run(take(house, 0, to))
    print(f"{len(taken)} pictures in {to}")  # noqa: T201  what the command is for


if __name__ == "__main__":
    main()
