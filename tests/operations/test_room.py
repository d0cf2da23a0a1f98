"""How many orders a provider takes just now."""

from dataclasses import replace

import pytest

from gateway.dialects.messages import AskBalance
from gateway.operations.room import room
from tests.operations.shop import Shop


async def test_as_many_as_his_document_allows_until_he_says_otherwise(shop: Shop) -> None:
    provider = shop.provider()
    assert room(shop.backends, provider) == provider.in_flight_max
    shop.acme.words[AskBalance] = b'{"error":"Too many requests. Try again in 15 minutes."}'
    await shop.backends.panels.of(provider).balance()
    assert room(shop.backends, provider) == 0


async def test_none_without_his_key(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACME_KEY")
    assert room(shop.backends, replace(shop.provider(), poll_seconds=61)) == 0
