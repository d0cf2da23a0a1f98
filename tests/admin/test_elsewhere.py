"""Signing in elsewhere: whom the identity provider vouches for gets in, and nobody else."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest

from gateway import wiring
from gateway.domain.operators import Actor, Role
from gateway.operations.change_operator import Standing, change_operator
from tests.admin.issuing import NAME, SECRET, Pretender, pretending
from tests.admin.visiting import ORIGIN, Browser, Desk


@pytest.fixture
async def issuer(desk: Desk) -> AsyncGenerator[Pretender]:
    async with pretending() as pretender:
        made = wiring.issuer(pretender.url, NAME, SECRET, f"{ORIGIN}/sign-in/back")
        desk.site = replace(desk.site, issuer=made)
        await desk.account("ann", Role.OPERATOR)
        await desk.account("owner", Role.OWNER)
        standing = Standing(Role.OPERATOR, subject="ann-1")
        actor = Actor("owner")
        assert not await change_operator(desk.backends, "ann", standing, actor=actor, reason="new")
        yield pretender


async def back(browser: Browser, issuer: Pretender, **changed: str) -> int:
    """Out to the provider and back with what it would send."""
    left = await browser.get("/sign-in/elsewhere")
    assert left.status_code == 303, left.text
    state = issuer.leave(left.headers["location"])
    query = {"state": state, "code": "the-code", **changed}
    words = "&".join(f"{name}={value}" for name, value in query.items())
    return (await browser.get(f"/sign-in/back?{words}")).status_code


async def test_who_is_vouched_for_gets_in(desk: Desk, issuer: Pretender) -> None:
    browser = await desk.browser()
    assert "identity provider" in (await browser.get("/sign-in")).text
    assert await back(browser, issuer) == 303
    assert "ann" in (await browser.get("/account")).text


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "eve"},
        {"sub": None},
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"sub": "eve", "email": "ann-1", "email_verified": False},
        {"sub": "eve", "email": "ann-1", "email_verified": "true"},
    ],
)
async def test_whatever_else_it_says_lets_nobody_in(
    desk: Desk, issuer: Pretender, claims: dict[str, Any]
) -> None:
    issuer.claims = claims
    browser = await desk.browser()
    assert await back(browser, issuer) == 403
    assert (await browser.get("/account")).status_code == 303


async def test_a_verified_mail_address_counts_as_identity(desk: Desk, issuer: Pretender) -> None:
    issuer.claims = {"sub": "other", "email": "ann-1", "email_verified": True}
    assert await back(await desk.browser(), issuer) == 303


async def test_forged_tokens_other_states_and_codes_are_refused(
    desk: Desk, issuer: Pretender
) -> None:
    for changed in ({"state": "another"}, {"code": "another"}, {"code": "", "error": "denied"}):
        assert await back(await desk.browser(), issuer, **changed) == 403
    issuer.forged = True
    assert await back(await desk.browser(), issuer) == 403
    issuer.issuer = "https://evil.example"
    assert (await (await desk.browser()).get("/sign-in/elsewhere")).status_code == 403


async def test_another_browser_cannot_come_back_for_this_one(desk: Desk, issuer: Pretender) -> None:
    victim, thief = await desk.browser(), await desk.browser()
    state = issuer.leave((await thief.get("/sign-in/elsewhere")).headers["location"])
    assert (await victim.get(f"/sign-in/back?state={state}&code=the-code")).status_code == 403


async def test_who_is_disabled_stays_out_here_too(desk: Desk, issuer: Pretender) -> None:
    standing = Standing(Role.OPERATOR, enabled=False, subject="ann-1")
    await change_operator(desk.backends, "ann", standing, actor=Actor("owner"), reason="left")
    assert await back(await desk.browser(), issuer) == 403


async def test_where_none_is_set_there_is_no_such_way(desk: Desk) -> None:
    browser = await desk.browser()
    assert "identity provider" not in (await browser.get("/sign-in")).text
    assert (await browser.get("/sign-in/elsewhere")).status_code == 404


@pytest.mark.parametrize("url", ["http://id.example", "ftp://127.0.0.1.example"])
def test_an_identity_provider_is_reached_by_https_alone(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        wiring.issuer(url, NAME, SECRET, ORIGIN)
