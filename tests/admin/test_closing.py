"""Closing a discrepancy: what it posts is shown before, and posted once."""

from decimal import Decimal
from re import search

import httpx

from gateway.domain.operators import Role
from tests.admin.visiting import Browser, Desk
from tests.operations.shop import Shop

PATH = "/reconciliation/1"
HOSTILE = '"><script>alert(1)</script>'
OPENED = "INSERT INTO discrepancies (class, provider, expected, seen, note) VALUES"


async def opened(shop: Shop, kind: str = "D5", amounts: str = "10, 8.5") -> None:
    await shop.execute(f"{OPENED} ('{kind}', 'acme', {amounts}, '{HOSTILE}')")


async def send(browser: Browser, by: str, **fields: str) -> httpx.Response:
    """The form of a way, as it was shown, with something else in its fields."""
    page = await browser.get(f"{PATH}?by={by}")
    found = search(r'name="mark" value="(\w+)"', page.text)
    shown = {"by": by, "mark": found[1] if found else "", "reason": "their ticket 17"}
    return await browser.post(f"{PATH}/close", shown | fields)


async def entries(shop: Shop) -> list[tuple[str, str, Decimal]]:
    return await shop.rows(
        "SELECT e.kind, e.actor, t.amount FROM journal_entries e JOIN transfers t"
        " ON t.entry_id = e.id WHERE e.kind IN ('suspend', 'loss', 'adjust') ORDER BY e.id"
    )


async def test_a_loss_is_shown_before_and_booked_once(desk: Desk, shop: Shop) -> None:
    await opened(shop)
    finance = await desk.at_work(Role.FINANCE)
    page = (await finance.get(f"{PATH}?by=loss")).text
    for told in ("one point five USD", "<bdi>loss</bdi>", "<bdi>prepaid acme</bdi>"):
        assert told in page, told
    assert HOSTILE not in page
    assert await entries(shop) == []
    done = await send(finance, "loss")
    assert (done.status_code, done.headers["location"]) == (303, PATH)
    again = await finance.post(f"{PATH}/close", {"by": "loss", "mark": "x", "reason": "twice"})
    assert again.status_code == 409
    assert "no open discrepancy 1. Nothing was changed" in again.text
    assert await entries(shop) == [("loss", "finance", Decimal("1.5"))]
    deeds = "SELECT actor, address, subject, reason FROM deeds WHERE what = 'close discrepancy'"
    assert await shop.rows(deeds) == [("finance", "10.0.0.1", "discrepancy:1", "their ticket 17")]
    after = (await finance.get(PATH)).text
    for told in ("closed", "by <bdi>finance</bdi>", "their ticket 17", "prepaid acme"):
        assert told in after, told
    assert 'name="mark"' not in after


async def test_what_was_set_aside_stays_open_and_goes_another_way(desk: Desk, shop: Shop) -> None:
    await opened(shop)
    finance = await desk.at_work(Role.FINANCE)
    assert "It stays open" in (await finance.get(f"{PATH}?by=suspense")).text
    assert (await send(finance, "suspense")).status_code == 303
    after = (await finance.get(f"{PATH}?by=loss")).text
    assert "It names this discrepancy and does not close it" in after
    assert "Not so: it was set aside already" in (await finance.get(f"{PATH}?by=suspense")).text
    assert (await send(finance, "loss")).status_code == 303
    assert [kind for kind, _, _ in await entries(shop)] == ["suspend", "loss"]


WRONG: tuple[tuple[str, dict[str, str], str], ...] = (
    ("loss", {"reason": " "}, "Say why"),
    ("loss", {"reason": "x" * 501}, "Say why"),
    ("loss", {"mark": ""}, "not whole"),
    ("loss", {"mark": "0" * 32}, "has changed since it was shown"),
    ("note", {"mark": "0" * 32}, "D5 is closed by"),
    ("adjustment", {"mark": "0" * 32}, "not booked as adjustment"),
    ("theft", {}, "no such way"),
)


async def test_a_form_that_is_not_right_changes_nothing(desk: Desk, shop: Shop) -> None:
    await opened(shop)
    finance = await desk.at_work(Role.FINANCE)
    for by, fields, why in WRONG:
        answer = await send(finance, by, **fields)
        assert answer.status_code == 409, why
        assert why in answer.text
        assert "Nothing was changed" in answer.text
    assert await entries(shop) == []
    assert await shop.rows("SELECT closed_at FROM discrepancies") == [(None,)]


async def test_what_has_changed_meanwhile_is_not_booked(desk: Desk, shop: Shop) -> None:
    await opened(shop)
    finance = await desk.at_work(Role.FINANCE)
    found = search(r'name="mark" value="(\w+)"', (await finance.get(f"{PATH}?by=loss")).text)
    assert found
    await shop.execute("UPDATE discrepancies SET seen = 1")
    answer = await send(finance, "loss", mark=found[1])
    assert "has changed since it was shown" in answer.text
    assert await entries(shop) == []


async def test_who_only_looks_sees_and_cannot_close(desk: Desk, shop: Shop) -> None:
    await opened(shop, "D9", "NULL, NULL")
    for role in (Role.VIEWER, Role.OPERATOR):
        browser = await desk.at_work(role)
        page = (await browser.get(PATH)).text
        assert "Close by a note" in page
        assert "Finance and owners can do this" in page
        assert f"{PATH}/close" not in page
        assert (await send(browser, "note")).status_code == 403
    assert await shop.rows("SELECT closed_at FROM discrepancies") == [(None,)]
    assert (await send(await desk.at_work(Role.OWNER), "note")).status_code == 303


async def test_there_is_none_of_such_a_number(desk: Desk) -> None:
    browser = await desk.at_work(Role.OWNER)
    sent = {"by": "note", "mark": "x", "reason": "why"}
    for number in (0, 1, 2**63 - 1, 2**63, 10**300):
        for path in (f"/reconciliation/{number}", f"/audit/{number}"):
            assert (await browser.get(path)).status_code == 404, path
        answer = await browser.post(f"/reconciliation/{number}/close", sent)
        assert answer.status_code in (404, 409), number
