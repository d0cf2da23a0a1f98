"""A slice of the hangs: seconds in place of minutes. How fast they are is no matter here."""

from pathlib import Path

import pytest

from gateway.campaign import hangs as module
from gateway.campaign.hangs import Plan, hangs
from gateway.wiring import Addresses


async def test_the_others_are_sent_and_its_breaker_opens(
    addresses: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SPREAD_MILLISECONDS", 5_000)
    monkeypatch.setattr(module, "WARMING_SECONDS", 0)
    plan = Plan(timeout_seconds=1, seed=1, seconds=1, after_seconds=2)
    report = await hangs(addresses, tmp_path, plan)
    assert report.breaks == []
    assert report.figures["orders of the others"] == report.figures["of these sent"]
    assert report.figures["its breaker was open after ms"] in range(1_000, 15_000)
