"""`gateway campaign`: what must hold whatever is killed, proven by killing it."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from gateway import embedded
from gateway.campaign.kills import Campaign
from gateway.campaign.lives import Lost, lives
from gateway.campaign.stage import KEYS, stage
from gateway.campaign.tallies import RECOVERY_SECONDS_MAX, Plan, Report
from gateway.cli.campaign_caches import redis
from gateway.cli.campaign_crashes import crash
from gateway.cli.campaign_orders import hang, poison, race
from gateway.cli.campaign_outages import postgres, restore
from gateway.cli.output import ERRORS, Failure, note, print_json, print_table, say, warn
from gateway.cli.session import Json
from gateway.wiring import Addresses

SECRET = "a secret for one campaign"  # noqa: S105  of a database that is thrown away
TOLD_EVERY = 100

app = typer.Typer(no_args_is_help=True)
app.command()(crash)
app.command()(postgres)
app.command()(hang)
app.command()(poison)
app.command()(race)
app.command()(redis)
app.command()(restore)


@app.callback()
def campaigns() -> None:
    """Break real processes on servers of their own, and prove what is left."""


@app.command()
def kill(
    *,
    rounds: Annotated[int, typer.Option(min=1, max=10_000, help="Kills of each.")] = 50,
    seed: Annotated[int, typer.Option(help="The same seed draws the same lots.")] = 1,
    only: Annotated[str, typer.Option(help="Names that fit, e.g. `dispatch.*`.")] = "*",
    minutes: Annotated[int, typer.Option(min=1, max=1_440, help="Kill for at most so long.")] = 60,
    json: Json = False,
) -> None:
    """Kill workers at every failpoint; exit code 1 when anything is lost, doubled or unexplained.

    Failpoints are found by running; see GATEWAY_FAILPOINT for arming one by hand.
    """
    with _folder() as folder, embedded.start(folder / "data", durable=False) as running:
        addresses = Addresses(running.servers.database_url, running.servers.redis_url, SECRET)
        plan = Plan(rounds, seed, only, minutes * 60)
        try:
            report = uvloop.run(_run(addresses, folder, plan))
        except Lost as lost:
            raise Failure(str(lost)) from None
        if report.unclean:
            ERRORS.print((folder / "victims.log").read_text()[-10_000:], markup=False)
    show(report, json=json)
    if report.breaks:
        raise typer.Exit(1)


async def _run(addresses: Addresses, folder: Path, plan: Plan) -> Report:
    async with stage(addresses, plan.seed) as made, lives(addresses, folder, KEYS) as victims:
        return await Campaign(made, victims, plan, _progress).run()


def _progress(kills: int, wanted: int) -> None:
    if kills and kills % TOLD_EVERY == 0:
        note(f"{kills} of {wanted} kills")


def show(report: Report, *, json: bool) -> None:
    """What a campaign found: a table of its failpoints and a line of verdict, or all of it."""
    if json:
        print_json(
            {**asdict(report), "kills": report.kills, "whole": report.whole}
            | {"recovery_milliseconds_max": report.recovery_milliseconds_max}
            | {"breaks": report.breaks}
        )
        return
    print_table(
        "Failpoints",
        ["failpoint", ">kills", ">not reached", ">from start to sending, ms at most"],
        [
            (each.name, each.kills, each.misses, each.recovery_milliseconds_max)
            for each in report.tallies
        ],
    )
    if verdict := report.verdict:
        states = ", ".join(f"{count} {state}" for state, count in sorted(verdict.states.items()))
        say(f"{verdict.orders} orders here ({states}), {verdict.booked} booked at the provider")
    say(
        f"{report.kills} kills at {len(report.tallies)} failpoints in {report.seconds} s, seed "
        f"{report.seed}; sending again after {report.recovery_milliseconds_max} ms at most, "
        f"allowed are {RECOVERY_SECONDS_MAX} s"
    )
    if not report.whole:
        warn(f"not every failpoint was killed at {report.rounds} times")
    for each in report.breaks:
        warn(each)
    say("BROKEN" if report.breaks else "nothing lost, nothing sent twice, the books are exact")


@contextmanager
def _folder() -> Generator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gateway-campaign-"))
    folder.chmod(0o711)  # servers started by root run as somebody else, who must get through
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
