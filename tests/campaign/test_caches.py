"""A slice of the caches: few orders in each phase. How fast they are is no matter here."""

import asyncio

import pytest

from gateway.campaign import caches as module
from gateway.campaign.caches import Plan, caches
from gateway.campaign.ground import ground


def test_no_add_fails_whatever_becomes_of_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WORSE_MICROSECONDS_MAX", 5_000_000)
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.1)
    with ground() as made:
        report = asyncio.run(caches(made, Plan(orders=6, seed=1)))
    assert report.breaks == []
    assert report.figures["orders"] == report.figures["at the provider"] == 72
    failed = [value for name, value in report.figures.items() if name.endswith("failed")]
    assert failed == [0] * 5
