"""Owners give, change and renew accounts."""

import re
from html import unescape

from sqlalchemy import text

from gateway.domain.operators import Role
from gateway.storage import second_factors
from tests.admin.visiting import Browser, Desk


def issued(page: str) -> list[str]:
    return [unescape(each) for each in re.findall(r"<code>([^<]+)</code>", page)]


async def enter(desk: Desk, name: str, password: str, secret: str) -> Browser:
    browser = await desk.browser()
    await browser.get("/sign-in")
    code = second_factors.code_at(secret, desk.clock.now())
    await browser.post("/sign-in", {"name": name, "password": password, "code": code})
    return browser


async def test_an_owner_adds_somebody_who_then_signs_in(desk: Desk) -> None:
    owner = await desk.at_work(Role.OWNER)
    page = (await owner.post("/operators", {"name": "bob", "role": "finance"})).text
    name, password, secret = issued(page)
    browser = await enter(desk, name, password, secret)
    assert "finance" in (await browser.get("/account")).text
    async with desk.backends.database.reading() as connection:
        rows = await connection.execute(text("SELECT * FROM operators WHERE name = 'bob'"))
        stored = str(rows.one())
        row = (
            await connection.execute(text("SELECT * FROM deeds WHERE what = 'add operator'"))
        ).one()
    assert password not in stored
    assert secret not in stored
    assert (row.actor, row.address, row.subject) == ("owner", "10.0.0.1", "operator:bob")


async def test_names_and_roles_that_cannot_be_are_refused(desk: Desk) -> None:
    owner = await desk.at_work(Role.OWNER)
    for name in ("", "Bob", "a b", "x" * 65, "<script>", "owner", "\u202eann"):
        answer = await owner.post("/operators", {"name": name, "role": "viewer"})
        assert answer.status_code == 409, name
        assert "Nothing was added" in answer.text
    assert (await owner.post("/operators", {"name": "bob", "role": "god"})).status_code == 409


async def test_what_somebody_may_do_changes_at_once(desk: Desk) -> None:
    owner, bob = await desk.at_work(Role.OWNER), await desk.at_work(Role.OPERATOR, "bob")
    change = {"role": "viewer", "enabled": "1"}
    assert (await owner.post("/operators/bob", change)).status_code == 409
    assert (await bob.get("/account")).status_code == 200
    changed = await owner.post("/operators/bob", {**change, "reason": "left the team"})
    assert changed.headers["location"] == "/operators"
    assert (await bob.get("/account")).status_code == 303
    assert "bob is changed" in (await owner.get("/operators")).text
    assert "bob is changed" not in (await owner.get("/operators")).text


async def test_who_is_disabled_stays_out(desk: Desk) -> None:
    owner, _ = await desk.at_work(Role.OWNER), await desk.at_work(Role.OPERATOR, "bob")
    await owner.post("/operators/bob", {"role": "operator", "enabled": "0", "reason": "left"})
    answer = await desk.sign_in(await desk.browser(), "bob")
    assert "is wrong" in answer.text


async def test_the_last_owner_stays_one(desk: Desk) -> None:
    owner = await desk.at_work(Role.OWNER)
    for change in ({"role": "viewer", "enabled": "1"}, {"role": "owner", "enabled": "0"}):
        answer = await owner.post("/operators/owner", {**change, "reason": "why not"})
        assert answer.status_code == 409
        assert "last owner" in answer.text
    assert (await owner.get("/operators")).status_code == 200


async def test_new_credentials_make_the_old_ones_worthless(desk: Desk) -> None:
    owner, bob = await desk.at_work(Role.OWNER), await desk.at_work(Role.OPERATOR, "bob")
    page = (await owner.post("/operators/bob/renew", {"reason": "lost the phone"})).text
    assert (await bob.get("/account")).status_code == 303
    assert "is wrong" in (await desk.sign_in(await desk.browser(), "bob")).text
    browser = await enter(desk, *issued(page))
    assert (await browser.get("/account")).status_code == 200
