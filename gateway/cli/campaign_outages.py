"""`gateway campaign postgres`: the server taken away, and what customers are told meanwhile."""

from typing import Annotated

import typer

from gateway.campaign.ground import Ground, Report
from gateway.campaign.outages import Plan, outages
from gateway.cli.campaign_report import run
from gateway.cli.session import Json

Seed = Annotated[int, typer.Option(help="The same seed draws the same lots.")]


def postgres(
    *,
    kills: Annotated[int, typer.Option(min=1, max=1_000)] = 20,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """Kill Postgres under load: no answered order is missing, and it is back within 30 s."""

    async def work(made: Ground) -> Report:
        return await outages(made, Plan(kills, seed))

    run(work, json=json)
