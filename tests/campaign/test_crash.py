"""A slice of the crashes: real processes, some killed, and a provider that loses answers."""

from dataclasses import replace
from pathlib import Path

from gateway.campaign.crash import Plan, crash
from gateway.wiring import Addresses


async def test_nothing_is_lost_or_doubled(addresses: Addresses, tmp_path: Path) -> None:
    kept = replace(addresses, spill=tmp_path / "spill")
    plan = Plan(16, 1, 2, providers=1, workers=2, fault_percent=4, limit_seconds=6)
    report = await crash(kept, tmp_path, plan)
    assert report.breaks == []
    figures = report.figures
    assert figures["orders sent by customers"] == figures["answered with an id"] == 16
    assert figures["workers killed"] in range(1, 20)
    assert figures["at the providers"] in range(1, 17)
