"""`gateway campaign race | poison | hang`: workers against each other, an order, a provider."""

from typing import Annotated

import typer

from gateway.campaign import hangs as hanging
from gateway.campaign import poison as poisoned
from gateway.campaign.ground import Ground, Report
from gateway.campaign.races import Plan, races
from gateway.cli.campaign_report import run
from gateway.cli.session import Json

Seed = Annotated[int, typer.Option(help="The same seed draws the same lots.")]


def race(
    *,
    orders: Annotated[int, typer.Option(min=1, max=1_000_000, help="One race each.")] = 10_000,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """2 to 16 workers after one order, again and again: one attempt each."""

    async def work(made: Ground) -> Report:
        return await races(made.addresses, Plan(orders, seed))

    run(work, json=json)


def poison(
    *,
    seconds: Annotated[int, typer.Option(min=5, max=3_600, help="Others order so long.")] = 30,
    workers: Annotated[int, typer.Option(min=1, max=16)] = 2,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """An order that kills whoever takes it: it is found out, and the others wait below 5 s."""

    async def work(made: Ground) -> Report:
        plan = poisoned.Plan(seconds, seed, workers)
        return await poisoned.poison(made.addresses, made.folder, plan)

    run(work, json=json)


def hang(
    *,
    timeout_seconds: Annotated[int, typer.Option(min=1, max=300, help="Of each provider.")] = 40,
    seconds: Annotated[int, typer.Option(min=2, max=3_600, help="Of each part.")] = 30,
    per_second: Annotated[int, typer.Option(min=5, max=1_000, help="Orders over all.")] = 20,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """One of five providers hangs: the others are as fast, its breaker opens within 15 s."""

    async def work(made: Ground) -> Report:
        plan = hanging.Plan(timeout_seconds, seed, per_second, seconds)
        return await hanging.hangs(made.addresses, made.folder, plan)

    run(work, json=json)
