"""The page of one service: why it costs so much, and what can be changed of it."""

from gateway.domain.operators import Role
from tests.admin.test_services import active, shown
from tests.admin.visiting import Desk
from tests.operations.shop import Shop


async def test_a_rate_is_explained_for_whoever_orders(desk: Desk, shop: Shop) -> None:
    await shop.execute(
        "INSERT INTO offer_quality VALUES (1, 'beta', '101', 9, 1, 0, 65, 7300, 20, 1)"
    )
    shop.acme.change(services={"101": {"rate": "1.00"}})
    await shop.sync()
    browser = await desk.at_work(Role.VIEWER)
    page = (await browser.get("/services/1?customer=bob&quantity=2000")).text
    for told in ("1.50", "+50 %", "sent to", "acme:101", "beta:101", "10.0 %", "became"):
        assert told in page
    for typed, told in (
        ("customer=%3Cb%3E", "no customer of this name"),
        ("quantity=1e9", "whole number"),
        ("quantity=1", "No offer takes so many"),
        (f"quantity={'9' * 5_000}", "whole number"),
    ):
        answer = await browser.get(f"/services/1?{typed}")
        assert (answer.status_code, told in answer.text) == (200, True)


async def test_offers_are_put_in_order_and_a_service_is_removed(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.OPERATOR)
    order = {"deed": "order", "offer": ["acme:101", "beta:101"], "down": "0"}
    page = await browser.post("/services/1/preview", order)
    assert shown(page)["offer"] == ["beta:101", "acme:101"]
    back = await browser.post("/services/1/preview", {**order, "down": "", "up": "7"})
    assert (back.status_code, "so already" in back.text) == (409, True)
    answer = await browser.post("/services/1", {**shown(page), "note": "beta is better"})
    assert answer.headers["location"] == "/services/1"
    assert 'offers = ["beta:101", "acme:101"]' in (await active(desk))[1].services
    stale = await browser.post("/services/1/preview", {**order, "offer": ["acme:101"]})
    assert (stale.status_code, "others by now" in stale.text) == (409, True)
    page = await browser.post("/services/4/preview", {"deed": "remove"})
    assert "gone" in page.text
    answer = await browser.post("/services/4", {**shown(page), "note": "nobody asks for it"})
    assert answer.headers["location"] == "/services"
    assert (await browser.get("/services/4")).status_code == 404
    assert (await browser.post("/services/4/preview", {"deed": "x"})).status_code == 409
