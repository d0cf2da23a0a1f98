"""A day at the desk in a real browser, from signing in to the record of all that was done."""

import time
from decimal import Decimal

import httpx
from playwright.async_api import Page, expect

from gateway.app import listen, web
from gateway.domain.operators import Actor, Role
from gateway.operations.new_key import new_key
from tests.admin.browsing import Window, needs_browser, open_window
from tests.admin.visiting import Desk
from tests.operations.shop import Shop

WITHIN_SECONDS = 1
WHY = "told in the browser"


class Reseller:
    """Bob's panel, at the front door."""

    def __init__(self, http: httpx.AsyncClient, url: str, key: str) -> None:
        self._http, self._url, self._key = http, url, key

    async def rate(self, service: str) -> Decimal:
        """What 1,000 of it come to."""
        asked = {"key": self._key, "action": "services"}
        rows = (await self._http.post(f"{self._url}/api/v2", data=asked)).json()
        (rate,) = [each["rate"] for each in rows if str(each["service"]) == service]
        return Decimal(str(rate))

    async def sees(self, service: str, rate: str) -> None:
        """It does so within a second."""
        until = time.monotonic() + WITHIN_SECONDS
        while await self.rate(service) != Decimal(rate):
            assert time.monotonic() < until, f"{service} is not {rate} yet"


async def change_the_markup(window: Window, panel: Reseller) -> None:
    """Half as much again becomes six tenths more, and half as much again."""
    page = window.page
    await window.open("/markup")
    await page.locator(".rules summary").first.click()
    await page.locator("[name=r0-percent]").fill("60")
    await expect(page.locator("#shown")).to_contain_text("1.44")
    assert await panel.rate("1") == Decimal("1.35")
    await page.get_by_label("Note").fill(WHY)
    await page.get_by_role("button", name="Apply as the next revision").click()
    await expect(page.get_by_role("status")).to_contain_text("evision 2")
    await panel.sees("1", "1.44")
    await window.open("/markup/revisions/1/rollback")
    await page.get_by_label("Why").fill(WHY)
    await page.get_by_role("button", name="Sell from revision 1 again").click()
    await expect(page.get_by_role("status")).to_be_visible()
    await panel.sees("1", "1.35")


async def decide(window: Window, shop: Shop) -> int:
    """An order whose answer was lost was accepted, as its provider says."""
    page = window.page
    order = await shop.order(1_000, "?fault=reset_after")
    await shop.send()
    *_, taken = shop.acme.orders
    theirs = str(taken.id)
    await window.open("/orders?state=unconfirmed")
    await page.get_by_role("link", name=str(order), exact=True).first.click()
    await page.get_by_label("Its id there").fill(theirs)
    await page.locator("#accepted-reason").fill(WHY)
    await page.get_by_role("button", name="Decide: accepted").click()
    await expect(page.get_by_role("status")).to_contain_text(f"accepted as {theirs}")
    assert await shop.state(order) == "active"
    return order


async def take_in(page: Page, window: Window) -> None:
    """One more of the provider's offers is sold."""
    await window.open("/services/import?provider=acme&q=mixed+sources")
    await page.locator("input[name=offer]").first.check()
    await page.get_by_role("button", name="Import …").click()
    await expect(page.locator("main")).to_contain_text("[[services]]")
    await page.get_by_label("Note").fill(WHY)
    await page.locator("main").get_by_role("button").last.click()
    await expect(page.get_by_role("status")).to_be_visible()


async def pay_in(page: Page, window: Window, shop: Shop) -> None:
    """Bob has paid."""
    await window.open(f"/customers/{shop.bob.customer}")
    await page.locator("#amount").fill("52.25")
    await page.get_by_label("Reference").first.fill("bank-1")
    await page.locator("#why-top-up").fill(WHY)
    await page.get_by_role("button", name="See what it does").first.click()
    await expect(page.locator("main")).to_contain_text("fifty-two point two five USD")
    await page.locator("main form button.main").click()
    await expect(page.get_by_role("status")).to_be_visible()


@needs_browser
async def test_a_day_at_the_desk(desk: Desk, shop: Shop) -> None:
    await desk.account("ann", Role.OWNER)
    key = await new_key(shop.backends, shop.bob.customer, actor=Actor("test"))
    assert key is not None
    listening = listen("127.0.0.1", 0)
    door = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with (
        web(shop.backends, listening),
        httpx.AsyncClient() as http,
        open_window(desk) as window,
    ):
        await window.sign_in(desk, "ann")
        panel = Reseller(http, door, key)
        await change_the_markup(window, panel)
        order = await decide(window, shop)
        await take_in(window.page, window)
        assert await panel.rate("5")
        await pay_in(window.page, window, shop)
        await window.open("/audit")
        told = await window.page.locator("main").inner_text()
        for deed in ("apply catalog", "roll back catalog", "decide order", "top up"):
            assert deed in told
        assert WHY in told
        assert f"order:{order}" in told
