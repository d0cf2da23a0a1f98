"""A panel that is typed is asked and described; its key is kept nowhere."""

import re
from dataclasses import replace

import pytest

from gateway.admin import provider_probe
from gateway.domain.operators import Role
from tests.admin.filling import form_of
from tests.admin.visiting import Desk
from tests.operations.parrot import KEY
from tests.operations.shop import Shop


async def test_a_typed_panel_is_described_for_the_documents(
    desk: Desk, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_probe, "PAUSE_MILLISECONDS", 0)
    desk.site = replace(desk.site, private=True, config="the/config")
    browser = await desk.at_work(Role.OPERATOR)
    url = shop.provider().url
    typed = {"url": url, "name": "second", "key_env": "SECOND_KEY", "key": KEY}
    page = (await browser.post("/providers/add", typed)).text
    for part in ("It speaks the dialect standard", "[providers.second]", "the/config/providers"):
        assert part in page
    assert KEY not in page
    assert KEY not in str(await shop.rows("SELECT * FROM deeds"))
    assert (await shop.rows("SELECT actor, subject FROM deeds WHERE what = 'probe'")) == [
        ("operator", "provider:second")
    ]
    refused = await browser.post("/providers/add", {**typed, "key": "another"})
    assert refused.status_code == 409
    assert "refuses the key" in refused.text
    assert f'value="{url}"' in refused.text
    assert "another" not in refused.text.partition("<main")[2]


async def test_what_was_asked_becomes_a_draft_and_a_provider(
    desk: Desk, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_probe, "PAUSE_MILLISECONDS", 0)
    desk.site = replace(desk.site, private=True)
    browser = await desk.at_work(Role.OPERATOR)
    url = shop.provider().url
    typed = {"url": url, "name": "second", "key_env": "SECOND_KEY", "key": KEY}
    asked = (await browser.post("/providers/add", typed)).text
    drafted = await browser.post("/markup/edit", form_of(asked, "/markup/edit"))
    assert re.search(r"Providers added: .*second", drafted.text)
    assert "second" not in shop.backends.shelf.stock.catalog.providers
    form = {**form_of(drafted.text), "note": "another panel"}
    assert (await browser.post("/markup/apply", form)).status_code == 303
    catalog = shop.backends.shelf.stock.catalog
    assert list(catalog.providers) == ["acme", "beta", "second"]
    assert (catalog.providers["second"].url, catalog.providers["second"].key_env) == (
        url,
        "SECOND_KEY",
    )
    again = (await browser.post("/providers/add", typed)).text
    assert ("There is a provider second already" in again, "/markup/edit" in again) == (True, False)


async def test_where_no_call_may_go_none_goes(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.OPERATOR)
    good = {"url": "https://panel.example.com/api", "name": "x", "key_env": "X_KEY", "key": "k"}
    for wrong in (
        {"url": shop.provider().url},
        {"url": "https://169.254.169.254/latest"},
        {"url": "javascript:alert(1)"},
        {"key_env": "GATEWAY_SECRET_KEY"},
        {"name": "<b>"},
    ):
        answer = await browser.post("/providers/add", {**good, **wrong})
        assert answer.status_code == 409, wrong
        assert "Nothing was added" in answer.text
        assert "<b>" not in answer.text
    assert await shop.rows("SELECT count(*) FROM deeds WHERE what = 'probe'") == [(0,)]
