"""How a campaign is run on servers of its own, and how what it found is told."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict

import typer
import uvloop

from gateway.campaign.ground import Ground, Report, Stuck, ground
from gateway.cli.output import Failure, print_json, print_table, say, warn


def run(campaign: Callable[[Ground], Awaitable[Report]], *, json: bool) -> None:
    """Run one and tell it; exit code 1 when anything broke."""

    async def whole(made: Ground) -> Report:
        return await campaign(made)

    try:
        with ground() as made:
            report = uvloop.run(whole(made))
    except Stuck as error:
        raise Failure(str(error)) from None
    show(report, json=json)
    if report.breaks:
        raise typer.Exit(1)


def show(report: Report, *, json: bool) -> None:
    """A table of its figures and a verdict, or all of it for programs."""
    if json:
        print_json(asdict(report))
        return
    title = f"Campaign {report.campaign}, seed {report.seed}, {report.seconds} s"
    print_table(title, ["figure", ">value"], report.figures.items())
    for each in report.breaks:
        warn(each)
    say("BROKEN" if report.breaks else "nothing broke")
