"""Who gets in, how often somebody may try, and when a session ends."""

import asyncio
import re

from sqlalchemy import text

from gateway.domain.operators import Role
from tests.admin.visiting import PASSWORD, Desk

WRONG = "Name, password or code is wrong"


async def test_password_and_code_let_in(desk: Desk) -> None:
    await desk.account("ann", Role.OPERATOR)
    browser = await desk.browser()
    sent = await browser.get("/operators?state=review")
    assert sent.headers["location"] == "/sign-in?next=%2Foperators%3Fstate%3Dreview"
    await browser.get(sent.headers["location"])
    fields = {"name": "ann", "password": PASSWORD, "code": desk.code("ann"), "next": "/account"}
    answer = await browser.post("/sign-in", fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "ann" in (await browser.get("/account")).text


async def test_whatever_is_wrong_the_words_are_the_same(desk: Desk) -> None:
    await desk.account("ann", Role.OPERATOR)
    texts: set[str] = set()
    for name, typed in (
        ("ann", {"password": "another"}),
        ("ann", {"password": "x" * 300}),
        ("ann", {"code": "000000"}),
        ("ann", {"code": "\u0661\u0662\u0663\u0664\u0665\u0666"}),
    ):
        browser = await desk.browser()
        answer = await desk.sign_in(browser, name, **typed)
        assert answer.status_code == 403
        texts.add(re.sub(r'value="[^"]*"| autofocus', "", answer.text))
        assert browser.http.cookies.get("operator") is None
    browser = await desk.browser()
    await browser.get("/sign-in")
    typed = {"name": "nobody", "password": PASSWORD, "code": desk.code("ann")}
    answer = await browser.post("/sign-in", typed)
    texts.add(re.sub(r'value="[^"]*"| autofocus', "", answer.text))
    assert len(texts) == 1
    assert WRONG in texts.pop()


async def test_a_code_works_once(desk: Desk) -> None:
    await desk.account("ann", Role.OPERATOR)
    first, second = await desk.browser(), await desk.browser()
    assert (await desk.sign_in(first, "ann")).status_code == 303
    assert WRONG in (await desk.sign_in(second, "ann")).text
    desk.pass_seconds(30)
    assert (await desk.sign_in(second, "ann")).status_code == 303


async def test_a_code_of_the_step_before_or_after_is_good_and_no_other(desk: Desk) -> None:
    for offset, good in ((-60, False), (-30, True), (30, True), (60, False)):
        await desk.account(f"ann{offset}", Role.OPERATOR)
        desk.pass_seconds(offset)
        code = desk.code(f"ann{offset}")
        desk.pass_seconds(-offset)
        answer = await desk.sign_in(await desk.browser(), f"ann{offset}", code=code)
        assert (answer.status_code == 303) is good, offset


async def test_ten_wrong_tries_lock_this_address_out_and_no_other(desk: Desk) -> None:
    await desk.account("ann", Role.OPERATOR)
    browsers = [await desk.browser() for _ in range(14)]
    answers = await asyncio.gather(
        *(desk.sign_in(each, "ann", password=f"wrong {n}") for n, each in enumerate(browsers))
    )
    told = [WRONG in each.text for each in answers]
    assert told.count(True) == 10
    assert "Too many tries" in (await desk.sign_in(browsers[0], "ann")).text
    elsewhere = await desk.browser("10.0.0.2")
    assert (await desk.sign_in(elsewhere, "ann")).status_code == 303
    async with desk.backends.database.transaction() as connection:
        await connection.execute(text("UPDATE sign_ins SET at = at - interval '16 minutes'"))
    desk.pass_seconds(30)
    assert (await desk.sign_in(browsers[0], "ann")).status_code == 303


async def test_unknown_names_are_locked_out_alike(desk: Desk) -> None:
    """Else the lock would tell which names there are."""
    await desk.account("ann", Role.OPERATOR)
    async with desk.backends.database.transaction() as connection:
        await connection.execute(
            text("""INSERT INTO sign_ins (name, address, good)
            SELECT 'nobody', '10.0.0.1', false FROM generate_series(1, 10)""")
        )
    browser = await desk.browser()
    await browser.get("/sign-in")
    typed = {"name": "nobody", "password": PASSWORD, "code": desk.code("ann")}
    answer = await browser.post("/sign-in", typed)
    assert "Too many tries" in answer.text


async def test_sessions_end_when_idle_and_after_eight_hours(desk: Desk) -> None:
    for column, by in (("seen_at", "31 minutes"), ("began_at", "481 minutes")):
        browser = await desk.at_work(Role.VIEWER)
        assert (await browser.get("/account")).status_code == 200
        await desk.age(**{column: by})
        assert (await browser.get("/account")).status_code == 303


async def test_a_session_in_use_lasts_on(desk: Desk) -> None:
    browser = await desk.at_work(Role.VIEWER)
    for _ in range(3):
        await desk.age(seen_at="20 minutes")
        assert (await browser.get("/account")).status_code == 200


async def test_signing_out_ends_the_session_itself(desk: Desk) -> None:
    browser = await desk.at_work(Role.VIEWER)
    token = browser.http.cookies["operator"]
    await browser.post("/sign-out")
    browser.http.cookies.set("operator", token)
    assert (await browser.get("/account")).status_code == 303


async def test_signing_out_everywhere_ends_all_of_ones_own(desk: Desk) -> None:
    here, there = await desk.at_work(Role.VIEWER), await desk.at_work(Role.VIEWER)
    other = await desk.at_work(Role.OWNER)
    await here.post("/sign-out", {"everywhere": "1"})
    assert (await there.get("/account")).status_code == 303
    assert (await other.get("/account")).status_code == 200


async def test_another_password_ends_all_sessions(desk: Desk) -> None:
    browser = await desk.at_work(Role.VIEWER)
    new = "a new password of mine"
    typed = {"old": PASSWORD, "new": new, "again": new}
    for wrong in ({"old": "no"}, {"again": "another one"}, {"new": "short", "again": "short"}):
        assert (await browser.post("/account/password", {**typed, **wrong})).status_code == 409
    assert (await browser.post("/account/password", typed)).status_code == 303
    assert (await browser.get("/account")).status_code == 303
    assert WRONG in (await desk.sign_in(browser, "viewer")).text
    desk.pass_seconds(30)
    assert (await desk.sign_in(browser, "viewer", password=new)).status_code == 303


async def test_what_is_sent_after_the_session_ended_is_kept_and_not_done(desk: Desk) -> None:
    browser = await desk.at_work(Role.OWNER)
    typed = {"name": "new", "role": "viewer", "note": "first line\nsecond <line>", "password": "x"}
    await desk.age(seen_at="31 minutes")
    answer = await browser.post("/operators", typed)
    assert answer.headers["location"] == "/sign-in?kept=1"
    assert "was kept" in (await browser.get("/sign-in?kept=1")).text
    assert (await desk.sign_in(browser, "owner")).headers["location"] == "/kept"
    shown = (await browser.get("/kept")).text
    assert "first line\nsecond &lt;line&gt;</textarea>" in shown
    assert 'name="password"' not in shown
    assert "operators/new" not in (await browser.get("/operators")).text
    await browser.get("/kept")
    number = re.findall(r"/kept/(\d+)/forget", shown)[0]
    await browser.post(f"/kept/{number}/forget")
    assert "Nothing was kept" in (await browser.get("/kept")).text


async def test_nobody_else_sees_what_was_kept(desk: Desk) -> None:
    browser, other = await desk.at_work(Role.OWNER), await desk.at_work(Role.OPERATOR)
    await desk.age(seen_at="31 minutes")
    await browser.post("/operators", {"name": "secret-plan"})
    await desk.age(seen_at="-31 minutes")
    assert "secret-plan" not in (await other.get("/kept")).text


async def test_a_preview_that_was_typed_is_not_kept_each_time(desk: Desk) -> None:
    browser = await desk.at_work(Role.OWNER)
    await desk.age(seen_at="31 minutes")
    assert (await browser.post("/markup/preview", {"part": "1"})).status_code == 401
    await desk.age(seen_at="-31 minutes")
    assert "Nothing was kept" in (await browser.get("/kept")).text


async def test_a_stranger_fills_no_table(desk: Desk) -> None:
    browser = await desk.browser()
    answer = await browser.post("/operators", {"name": "x" * 1_000})
    assert answer.headers["location"] == "/sign-in"
    async with desk.backends.database.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM kept_forms"))).scalar() == 0
