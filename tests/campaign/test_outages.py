"""A slice of the outages: a Postgres of our own, killed once under load."""

import asyncio

from gateway.campaign.ground import ground
from gateway.campaign.outages import Plan, outages


def test_whoever_was_answered_has_his_order() -> None:
    plan = Plan(kills=1, seed=1, load_milliseconds=300, away_milliseconds=100, workers=1)
    with ground() as made:
        report = asyncio.run(outages(made, plan))
    assert report.breaks == []
    figures = report.figures
    assert (figures["kills under load"], figures["doubled"]) == (1, 0)
    assert figures["answered with an id"] == figures["at the provider"]
