"""A slice of the poison: an order that kills whoever sends it."""

from pathlib import Path

import pytest

from gateway.campaign import poison as module
from gateway.campaign.poison import Plan, poison
from gateway.wiring import Addresses


async def test_it_is_found_out_and_the_others_are_sent(
    addresses: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT_MILLISECONDS_MAX", 30_000)
    report = await poison(addresses, tmp_path, Plan(2, 1, workers=1, moments=("send",)))
    assert report.breaks == []
    assert report.figures["deadly when it is to send: workers lost"] == 1
    assert report.figures["deadly when it is to send: it is"] == "unconfirmed"
