"""`gateway campaign postgres | restore`: the database taken away, and an earlier one put back."""

from typing import Annotated

import typer

from gateway.campaign import restores
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


def restore(
    *,
    before: Annotated[int, typer.Option(min=200, max=100_000, help="Orders in the backup.")] = 250,
    since: Annotated[int, typer.Option(min=1, max=2_000, help="Orders sent since.")] = 100,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """Put a backup back: nothing is sent until it is released, all sent since is listed."""

    async def work(made: Ground) -> Report:
        return await restores.restores(made, restores.Plan(seed, before, since=since))

    run(work, json=json)
