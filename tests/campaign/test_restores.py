"""A slice of the restored backups: few orders, and ids that count as known to rise sooner."""

import asyncio

import pytest

from gateway.campaign.ground import ground
from gateway.campaign.restores import Plan, restores


def test_all_that_was_sent_since_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.domain.evidence.SAMPLES_MIN", 6)
    with ground() as made:
        plan = Plan(seed=1, before=12, waiting=3, since=5, quiet_seconds=1)
        report = asyncio.run(restores(made, plan))
    assert report.breaks == []
    figures = report.figures
    assert figures["forgotten at the provider"] == figures["of these listed"] == 8
    assert figures["sent before the release"] == 0
    assert figures["in doubt, of those that had waited"] in range(4)
