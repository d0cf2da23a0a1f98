"""The pages in a real browser: signing in by the form, and nothing that keeps people out."""

from decimal import Decimal

from gateway.admin.routes import PAGES
from gateway.domain.operators import Actor, Role
from gateway.operations.adjust import Wanted, adjust
from tests.admin.browsing import (
    Window,
    axe_is_what_was_vendored,
    chromium,
    needs_browser,
    open_window,
)
from tests.admin.visiting import Desk
from tests.operations.shop import Shop

PARTED = (
    "/customers/1",
    "/customers/1/keys/1",
    "/customers/1/statement",
    "/customers/adjustments/1",
    "/entries/1",
    "/orders/1",
    "/orders/1/attempts/1",
    "/providers/acme",
)
PLAIN = [page.path for page in PAGES if page.method == "GET" and "{" not in page.path]


def test_axe_is_what_was_vendored() -> None:
    assert axe_is_what_was_vendored()


@needs_browser
async def test_axe_sees_what_keeps_people_out() -> None:
    """On a page without any care: else the test below could not fail."""
    async with chromium() as browser:
        page = await browser.new_page()
        await page.goto("data:text/html,<title>x</title><button></button><p><input></p>")
        faults = await Window(page, "", page.context).faults()
    assert {each.partition(":")[0] for each in faults} >= {"button-name", "label", "html-has-lang"}


@needs_browser
async def test_no_page_keeps_anybody_out(desk: Desk, shop: Shop) -> None:
    """Light on a wide window, dark on a phone; the sign-in page, too."""
    await desk.account("ann", Role.OWNER)
    await shop.active()
    await adjust(shop.backends, Wanted(1, Decimal(60), "late", "a"), actor=Actor("bea"))
    shop.acme.change(services={"101": {"rate": "2.00"}})
    await shop.sync()
    faults: list[str] = []
    for narrow in (False, True):
        async with open_window(desk, dark=narrow, phone=narrow) as window:
            await window.open("/sign-in")
            faults += await window.faults()
            desk.pass_seconds(30)
            await window.sign_in(desk, "ann")
            for path in (*PLAIN, *PARTED):
                answer = await window.open(path)
                assert answer == 200, path
                faults += [f"{path}: {fault}" for fault in await window.faults()]
    assert faults == []
