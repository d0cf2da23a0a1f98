"""The markup's pages in a real browser: the preview follows what is typed."""

from playwright.async_api import expect

from gateway.domain.edits import SetRules
from gateway.domain.operators import Actor, Role
from gateway.operations.apply import apply
from gateway.operations.edit import edit
from gateway.operations.plan import plan
from gateway.operations.rules import RuleText
from gateway.operations.stored import stored
from tests.admin.browsing import needs_browser, open_window
from tests.admin.trading import shop
from tests.admin.visiting import Desk
from tests.operations.shop import Shop

__all__ = ["shop"]

PATHS = ("/markup/document?file=services", "/markup/revisions/2", "/markup/revisions/1/rollback")


@needs_browser
async def test_the_preview_follows_what_is_typed(desk: Desk, shop: Shop) -> None:
    """Losses stay ticked while they stay the same, and nothing keeps anybody out."""
    revision = await stored(shop.backends)
    assert revision is not None
    dearer = SetRules((RuleText(percent="60"),))
    made = await edit(shop.backends, revision.documents, [dearer])
    await apply(shop.backends, made, await plan(shop.backends, made), actor=Actor("eve"))
    await desk.account("ann", Role.OWNER)
    async with open_window(desk) as window:
        page = window.page
        await window.sign_in(desk, "ann")
        await window.open("/markup")
        await page.locator(".rules summary").first.click()
        await page.locator("[name=r0-percent]").fill("1")
        await page.locator("#losses").check()
        await page.locator("#try-service").fill("1")
        await expect(page.locator(".trial")).to_contain_text("0.909 USD per 1,000")
        await expect(page.locator("#losses")).to_be_checked()
        faults = await window.faults()
        await page.locator("[name=r0-percent]").fill("2")
        await expect(page.locator("#losses")).not_to_be_checked()
        await page.locator("#note").fill("typed")
        await page.locator("#note").press("Enter")
        await expect(page.locator("#note")).to_have_value("typed")
        assert page.url.endswith("/markup/preview")
        for path in PATHS:
            await window.open(path)
            faults += [f"{path}: {fault}" for fault in await window.faults()]
    assert faults == []
