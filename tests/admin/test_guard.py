"""What stands before every page."""

import re
from dataclasses import replace

import httpx
import pytest

from gateway.admin.door import door
from gateway.admin.guard import within
from gateway.admin.routes import PAGES
from gateway.admin.visits import Page, Site
from gateway.domain.operators import Right, Role, may
from tests.admin.visiting import ORIGIN, Browser, Desk

EXAMPLES = {"number": "7", "name": "nobody"}


def path_of(page: Page) -> str:
    """A route with something in the place of its parts."""
    return re.sub(r"{(\w+)(:\w+)?}", lambda part: EXAMPLES.get(part[1], "7"), page.path)


async def ask(browser: Browser, page: Page, csrf: str) -> httpx.Response:
    browser.csrf = csrf
    path = path_of(page)
    return await (browser.get(path) if page.method == "GET" else browser.post(path))


async def test_every_route_for_every_role_and_for_nobody(desk: Desk) -> None:
    """Whoever lacks the right is refused before anything is looked at; nobody gets anywhere."""
    unexpected: list[tuple[str, str, int]] = []
    stranger = await desk.browser()
    for page in PAGES:
        answer = await ask(stranger, page, "")
        if answer.status_code != 303 or not answer.headers["location"].startswith("/sign-in"):
            unexpected.append((page.path, "nobody", answer.status_code))
    for role in Role:
        for page in PAGES:
            browser = await desk.at_work(role)
            answer = await ask(browser, page, browser.csrf)
            refused = answer.status_code == 403 and "does not allow this" in answer.text
            if refused is may(role, page.right) or answer.status_code >= 500:
                unexpected.append((page.path, role, answer.status_code))
    assert unexpected == []


def test_every_change_asks_for_more_than_looking() -> None:
    own = {"/sign-out", "/account/password", "/kept/{number:int}/forget"}
    changes = {page.path for page in PAGES if page.method == "POST" and page.right is Right.LOOK}
    assert {path for path in changes if not path.endswith("/preview")} - own == set()


def test_money_and_rights_ask_again_who_it_is() -> None:
    unproven = [
        page.path
        for page in PAGES
        if page.method == "POST" and page.right in (Right.MONEY, Right.OPERATORS)
        if not page.proven and not page.path.endswith("/preview")
    ]
    assert unproven == []


async def test_a_form_of_another_site_changes_nothing(desk: Desk) -> None:
    browser = await desk.at_work(Role.OWNER)
    for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example"):
        answer = await browser.post("/operators", {"name": "eve", "role": "owner"}, origin=origin)
        assert answer.status_code == 403, origin
        assert "another site" in answer.text
    answer = await browser.http.post(
        "/operators", data={"csrf": browser.csrf}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403
    assert "eve" not in (await browser.get("/operators")).text


@pytest.mark.parametrize("csrf", ["", "0" * 64, "ü"])
async def test_a_form_without_what_binds_it_changes_nothing(desk: Desk, csrf: str) -> None:
    browser = await desk.at_work(Role.OWNER)
    answer = await browser.post("/operators", {"name": "eve", "role": "owner", "csrf": csrf})
    assert answer.status_code == 403
    assert "another session" in answer.text
    assert "eve" not in (await browser.get("/operators")).text


async def test_a_form_of_another_operators_session_changes_nothing(desk: Desk) -> None:
    ann, bob = await desk.at_work(Role.OWNER, "ann"), await desk.at_work(Role.OWNER, "bob")
    answer = await ann.post("/operators", {"name": "eve", "role": "owner", "csrf": bob.csrf})
    assert answer.status_code == 403


async def test_the_pages_answer_to_their_own_names_only(desk: Desk) -> None:
    application = door(desk.backends, replace(desk.site, names=frozenset({"desk.example"})))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application)) as http:
        told = {
            host: (await http.get(f"http://{host}/sign-in")).status_code
            for host in (
                "127.0.0.1:8081",
                "[::1]:8081",
                "localhost",
                "desk.example",
                "evil.example",
            )
        }
    assert told.pop("evil.example") == 421
    assert set(told.values()) == {200}


async def test_headers_stand_on_every_answer(desk: Desk) -> None:
    browser = await desk.at_work(Role.VIEWER)
    for path in ("/account", "/nowhere", "/sign-in", "/static/pages.css", "/operators", "/healthz"):
        headers = (await browser.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert "unsafe" not in headers["content-security-policy"]


async def test_cookies_are_safe_where_browsers_come_by_https(desk: Desk) -> None:
    desk.site = Site(names=frozenset({"desk.example"}), secure=True, now=desk.clock.now)
    await desk.account("ann", Role.OWNER)
    browser = await desk.browser()
    browser.http.base_url = httpx.URL("https://desk.example")
    await browser.get("/sign-in")
    fields = {"name": "ann", "password": "correct horse battery", "code": desk.code("ann")}
    answer = await browser.post("/sign-in", fields, origin="https://desk.example")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if "operator" in c)
    assert cookie.startswith("__Host-operator=")
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"))
    assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/account?" + "a" * 9_000, 414), ("/account?a=%00", 400), ("/account?a=%ff", 400)],
)
async def test_addresses_that_cannot_be_meant_are_refused(
    desk: Desk, path: str, status: int
) -> None:
    browser = await desk.at_work(Role.VIEWER)
    assert (await browser.get(path)).status_code == status


async def test_what_is_no_form_or_too_large_is_refused(desk: Desk) -> None:
    browser = await desk.at_work(Role.OWNER)
    sent = {"origin": ORIGIN, "content-type": "application/json"}
    answer = await browser.http.post("/operators", content="{}", headers=sent)
    assert answer.status_code == 415
    sent["content-type"] = "application/x-www-form-urlencoded"
    answer = await browser.http.post("/operators", content=b"a" * (13 << 20), headers=sent)
    assert answer.status_code == 413
    many = "&".join(f"f{number}=1" for number in range(30_000))
    answer = await browser.http.post("/operators", content=many, headers=sent)
    assert answer.status_code == 400


async def test_after_a_quarter_of_an_hour_rights_ask_again_for_a_code(desk: Desk) -> None:
    browser = await desk.at_work(Role.OWNER)
    await desk.age(proven_at="16 minutes")
    wanted = {"name": "new", "role": "viewer"}
    asked = await browser.post("/operators", wanted)
    assert asked.status_code == 403
    assert 'name="name" value="new"' in asked.text
    wrong = await browser.post("/operators", {**wanted, "code": "000000"})
    assert "That code is wrong" in wrong.text
    assert "operators/new" not in (await browser.get("/operators")).text
    made = await browser.post("/operators", {**wanted, "code": desk.code("owner")})
    assert "shown this once" in made.text
    again = await browser.post("/operators", {"name": "other", "role": "viewer"})
    assert "shown this once" in again.text


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil", "", "x"])
def test_the_way_on_stays_on_this_site(path: str) -> None:
    assert within(path) == "/"


def test_the_way_on_may_be_any_page() -> None:
    assert within("/orders?q=a%20b&state=review") == "/orders?q=a%20b&state=review"
