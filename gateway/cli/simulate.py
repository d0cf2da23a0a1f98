"""`gateway simulate`: a year of faults in a minute, and whether every promise was kept."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from gateway import embedded
from gateway.cli.output import CONSOLE, ERRORS, Failure, print_json, print_table
from gateway.cli.session import Json
from gateway.embedded import Servers
from gateway.sandbox.shares import read_share, read_shares
from gateway.settings import Settings
from gateway.simulation.faults import Fault, each_at
from gateway.simulation.naive import naive
from gateway.simulation.report import Told, lines, summary
from gateway.simulation.run import simulate as run
from gateway.simulation.setting import ORDERS_MAX, PROVIDERS_MAX, WARM_ORDERS, Setting

SEEDS_MAX = 10_000
IDS = ("rising", "random")
_FAULTS = (
    "One SHARE of the attempts for every fault, or NAME=SHARE,NAME=SHARE. "
    f"Names: {', '.join(Fault)}."
)
_UNCHARGED = "Share of the accepted orders that the panel does not charge."
_TWICE = "Share of the accepted orders that the panel charges twice."
_LYING = "Share of the errors after which the panel has accepted all the same."
_LATER = "A lost order is executed after late_seconds, at most so many seconds late; 0: in time."
_WARM = "Orders for each provider before the first fault, from which his ways are learnt."
_FLAPPING = "Share of the orders whose status goes back and forth."

Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same run.")]
Orders = Annotated[int, typer.Option(min=1, max=ORDERS_MAX, help="Orders of a run.")]
Seeds = Annotated[int, typer.Option(min=1, max=SEEDS_MAX, help="So many runs, seed after seed.")]
Ids = Annotated[str, typer.Option(help=f"How the panel numbers orders: {' or '.join(IDS)}.")]
Later = Annotated[int, typer.Option("--later-than", min=0, help=_LATER)]
Warm = Annotated[int, typer.Option(min=0, max=ORDERS_MAX, help=_WARM)]
Providers = Annotated[int, typer.Option(min=1, max=PROVIDERS_MAX, help="More let orders go on.")]


def simulate(  # noqa: PLR0913  one argument for each option of the command line
    seed: Seed = 1,
    orders: Orders = 1_000,
    faults: Annotated[str, typer.Option(help=_FAULTS)] = "0.05",
    ids: Ids = "rising",
    uncharged: Annotated[str, typer.Option(help=_UNCHARGED)] = "0",
    charged_twice: Annotated[str, typer.Option(help=_TWICE)] = "0",
    lying: Annotated[str, typer.Option(help=_LYING)] = "0",
    later_than: Later = 0,
    flapping: Annotated[str, typer.Option(help=_FLAPPING)] = "0",
    providers: Providers = 1,
    warm: Warm = WARM_ORDERS,
    seeds: Seeds = 1,
    *,
    json: Json = False,
) -> None:
    """Run the real operations on a database of its own, in virtual time, before a faulty panel.

    The panel knows the truth; afterwards books, orders and panel must agree. A naive gateway that
    sends again meets the same faults beside it. Exit code 1 when any promise was broken.
    """
    try:
        setting = Setting(
            seed=seed,
            orders=orders,
            faults=_shares(faults),
            random_ids=_random(ids),
            uncharged=read_share("uncharged", uncharged),
            charged_twice=read_share("charged twice", charged_twice),
            lying=read_share("lying", lying),
            flapping=read_share("flapping", flapping),
            later_than_seconds=later_than or None,
            providers=providers,
            warm=warm,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if not _campaign(setting, seeds, json=json):
        raise typer.Exit(1)


def _campaign(setting: Setting, seeds: int, *, json: bool) -> bool:
    """So many runs from the first seed on; whether every promise was kept in all of them."""
    told: list[Told] = []
    with _servers() as servers:
        for seed in range(setting.seed, setting.seed + seeds):
            told.append(uvloop.run(_one(replace(setting, seed=seed), servers)))
            if not json:
                _show(told[-1])
    broken = [each.ran.seed for each in told if not each.kept]
    if json:
        print_json([summary(each) for each in told])
    elif seeds > 1:
        CONSOLE.print(f"{seeds} runs, broken: {', '.join(map(str, broken)) or 'none'}")
    return not broken


async def _one(setting: Setting, servers: Servers) -> Told:
    try:
        ran = await run(setting, servers.database_url, servers.redis_url)
    except BaseException:
        ERRORS.print(f"seed {setting.seed} broke off", style="red", markup=False)
        raise
    return Told(setting, ran, await naive(setting))


def _show(told: Told) -> None:
    print_table(
        f"Seed {told.ran.seed}",
        ["figure", ">this gateway", ">sends again"],
        [(each.what, each.ours, each.naive) for each in lines(told)],
    )
    seconds = Decimal(told.ran.took_milliseconds) / 1_000
    CONSOLE.print(f"took {seconds:.1f} s, {told.ran.orders / seconds:.0f} orders/s")
    for each in told.ran.verdict.breaks:
        ERRORS.print(f"seed {told.ran.seed}: {each}", style="red", markup=False, soft_wrap=True)


def _shares(text: str) -> dict[str, Decimal]:
    if "=" in text:
        return read_shares(each.strip() for each in text.split(","))
    return each_at(read_share("faults", text))


def _random(ids: str) -> bool:
    if ids not in IDS:
        raise ValueError(f"ids: {ids!r} is neither {' nor '.join(IDS)}")
    return ids == "random"


@contextmanager
def _servers() -> Generator[Servers]:
    """Those of the environment, else embedded ones that are gone afterwards."""
    settings = Settings()
    if settings.database_url and settings.redis_url:
        yield Servers(settings.database_url, settings.redis_url)
        return
    if settings.database_url or settings.redis_url:
        raise Failure("set both GATEWAY_DATABASE_URL and GATEWAY_REDIS_URL, or neither")
    folder = Path(tempfile.mkdtemp(prefix="gateway-simulation-"))
    folder.chmod(0o711)  # servers started by root run as somebody else, who must get through
    try:
        with embedded.start(folder / "data", durable=False) as running:
            yield running.servers
    finally:
        shutil.rmtree(folder, ignore_errors=True)
