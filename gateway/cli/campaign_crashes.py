"""`gateway campaign crash`: processes killed in the middle of their work."""

from typing import Annotated

import typer

from gateway.campaign.crash import Plan
from gateway.campaign.crash import crash as campaign
from gateway.campaign.ground import Ground, Report
from gateway.cli.campaign_report import run
from gateway.cli.session import Json

Seed = Annotated[int, typer.Option(help="The same seed draws the same lots.")]


def crash(  # noqa: PLR0913  one argument for each option of the command line
    *,
    orders: Annotated[int, typer.Option(min=1, max=100_000)] = 1_000,
    pause_seconds: Annotated[int, typer.Option("--seconds-between-kills", min=1, max=600)] = 3,
    providers: Annotated[int, typer.Option(min=1, max=20)] = 8,
    workers: Annotated[int, typer.Option(min=1, max=16)] = 3,
    minutes: Annotated[int, typer.Option(min=1, max=1_440, help="Kill for at most so long.")] = 20,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """Kill -9 workers while providers drop, reset, hang, cut and garble 5 % of answers each."""
    plan = Plan(*(orders, pause_seconds, seed, providers, workers), limit_seconds=minutes * 60)

    async def work(made: Ground) -> Report:
        return await campaign(made.addresses, made.folder, plan)

    run(work, json=json)
