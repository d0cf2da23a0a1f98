"""`gateway campaign redis`: what is only a cache must be missed by nobody."""

from typing import Annotated

import typer

from gateway.campaign.caches import Plan, caches
from gateway.campaign.ground import Ground, Report
from gateway.cli.campaign_report import run
from gateway.cli.session import Json

Seed = Annotated[int, typer.Option(help="The same seed draws the same lots.")]


def redis(
    *,
    orders: Annotated[int, typer.Option(min=10, max=100_000, help="In each phase.")] = 500,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """Redis gone, slow, emptied, spoiled, begun again: no add fails, none is 50 ms slower."""

    async def work(made: Ground) -> Report:
        return await caches(made, Plan(orders, seed))

    run(work, json=json)
