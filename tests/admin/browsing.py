"""Debian's Chromium over the pages, as an operator drives it."""

import hashlib
import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    async_playwright,
)

from gateway.admin.visits import Site
from gateway.app import admin, listen
from tests.admin.visiting import PASSWORD, Desk

CHROMIUM = os.environ.get("GATEWAY_CHROMIUM") or shutil.which("chromium")
LEFT_OUT = (
    "no browser here, so this was left out: `make browser` (as root) brings Debian's Chromium"
)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason=LEFT_OUT)
# of a page in a test that nobody looks at: nothing is fetched from elsewhere, as root no sandbox
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
)
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
AXE_SHA256 = "880970c081707360e64f34cea25ff91892f5bc95675b0776925b9709dd8a68bb"
# what is well is neither described nor carried over: that took most of the time
VIOLATIONS = 'axe.run({resultTypes: ["violations"]}).then((found) => found.violations)'
SERIOUS = frozenset({"serious", "critical"})
WAIT_MILLISECONDS = 10_000
WIDE = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=390, height=844)


@dataclass
class Window:
    """One window of a browser, at the pages."""

    page: Page
    url: str
    context: BrowserContext

    async def open(self, path: str) -> int:
        """A page by its path; the status of the answer."""
        answer = await self.page.goto(self.url + path)
        assert answer is not None
        return answer.status

    async def sign_in(self, desk: Desk, name: str) -> None:
        """Through the form, with the code of now."""
        await self.open("/sign-in")
        await self.page.get_by_label("Name").fill(name)
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.get_by_label("Code of your authenticator").fill(desk.code(name))
        await self.page.get_by_role("button", name="Sign in").click()

    async def faults(self) -> list[str]:
        """What keeps people from using this page, as axe finds it, serious or worse."""
        # beside the policy that forbids scripts of elsewhere, not through the page
        await self.page.evaluate(_axe())
        found: list[dict[str, Any]] = await self.page.evaluate(VIOLATIONS)
        return [
            f"{each['id']}: {each['help']}: {node['html'][:200]}"
            for each in found
            if each["impact"] in SERIOUS
            for node in each["nodes"]
        ]


@cache
def _axe() -> str:
    return AXE.read_text()


def axe_is_what_was_vendored() -> bool:
    """Nobody changed it since."""
    return hashlib.sha256(AXE.read_bytes()).hexdigest() == AXE_SHA256


@asynccontextmanager
async def chromium() -> AsyncGenerator[Browser]:
    """The browser, without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_window(
    desk: Desk, *, dark: bool = False, phone: bool = False
) -> AsyncGenerator[Window]:
    """A fresh window over the desk's pages, answered at a port of their own."""
    listening = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    site = Site(now=desk.clock.now, config=desk.site.config)
    async with admin(desk.backends, listening, site), chromium() as browser:
        context = await browser.new_context(
            viewport=PHONE if phone else WIDE, color_scheme="dark" if dark else "light"
        )
        context.set_default_timeout(WAIT_MILLISECONDS)
        yield Window(await context.new_page(), url, context)
