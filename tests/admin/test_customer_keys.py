"""Keys: shown once, ended, speaking otherwise."""

from gateway.domain.operators import Role
from gateway.operations.identify import identify
from tests.admin.visiting import Desk
from tests.operations.shop import Shop


async def test_a_form_sent_twice_makes_one_key(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.OPERATOR)
    fields = {"dialect": "smmia", "reason": "lost", "newest": "1", "revoke": "1"}
    past = await browser.post("/customers/1/keys", {**fields, "expires": "2020-01-01"})
    assert past.status_code == 409
    made = await browser.post("/customers/1/keys", fields)
    key = made.text.partition('class="key">')[2].partition("<")[0]
    again = await browser.post("/customers/1/keys", fields)
    assert (made.status_code, again.status_code) == (200, 409)
    caller = await identify(shop.backends, key)
    assert caller is not None
    assert caller.dialect == "smmia"
    live = "SELECT id FROM customer_keys WHERE revoked_at IS NULL"
    assert await shop.rows(live) == [(2,)]
    assert key not in (await browser.get("/customers/1")).text
    assert key not in str(await shop.rows("SELECT * FROM deeds"))


async def test_a_key_speaks_otherwise_and_ends(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.OPERATOR)
    why = {"reason": "another program"}
    spoken = await browser.post("/customers/1/keys/1/dialect", {**why, "dialect": "keralasmm"})
    assert spoken.status_code == 303
    assert "keralasmm" in (await browser.get("/customers/1/keys/1")).text
    eve = await shop.customer("eve")
    for path in (f"/customers/{eve.customer}/keys/1/revoke", "/customers/1/keys/99/revoke"):
        assert (await browser.post(path, why)).status_code == 409
    assert (await browser.post("/customers/1/keys/1/revoke", why)).status_code == 303
    assert "/keys/1/revoke" not in (await browser.get("/customers/1/keys/1")).text
    told = "SELECT what FROM deeds WHERE actor = 'operator' ORDER BY id"
    assert await shop.rows(told) == [("change dialect",), ("revoke keys",)]
