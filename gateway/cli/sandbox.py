"""`gateway sandbox`: a pretend provider over real HTTP, to try the gateway with."""

import asyncio
import signal
from decimal import Decimal
from typing import Annotated

import typer

from gateway.dialects.book import BOOK
from gateway.dialects.dialect import Dialect
from gateway.domain.money import read_amount
from gateway.sandbox.fates import Fate, Fates
from gateway.sandbox.faults import Fault, Faults
from gateway.sandbox.offers import BUILT_IN, OFFERS_MAX
from gateway.sandbox.panel import Panel, Terms
from gateway.sandbox.server import start
from gateway.sandbox.shares import read_shares

_FAULTS = f"NAME=SHARE, e.g. hang_after=0.05; may be repeated. Names: {', '.join(Fault)}."
_FATES = f"NAME=SHARE, e.g. partial=0.3; may be repeated. Names: {', '.join(Fate)}."


def sandbox(  # noqa: PLR0913  one argument for each option of the command line
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes any free port.")] = 8090,
    dialect: Annotated[str, typer.Option(help=f"One of: {', '.join(BOOK)}.")] = "standard",
    fault: Annotated[list[str] | None, typer.Option(help=_FAULTS)] = None,
    fate: Annotated[list[str] | None, typer.Option(help=_FATES)] = None,
    seed: Annotated[str, typer.Option(help="The same seed gives the same chances.")] = "1",
    pace: Annotated[str, typer.Option(help="Seconds from an order's start to its end.")] = "5",
    key: Annotated[str, typer.Option(help="The key that callers must send.")] = "sandbox-key",
    balance: Annotated[str, typer.Option(help="Our balance there at the start.")] = "1000000.00",
    currency: Annotated[str, typer.Option(help="The currency of its rates.")] = "USD",
    offers: Annotated[
        int,
        typer.Option(
            min=0, max=OFFERS_MAX, help="How many offers to make up; 0 keeps the built-in ones."
        ),
    ] = 0,
) -> None:
    """Run a pretend provider until SIGTERM or SIGINT.

    GET /truth shows what it really took, POST /truth changes what happens next. A link may choose
    how its order ends (#completed, #partial, #canceled) and what goes wrong (?fault=hang_after).
    """
    try:
        milliseconds = int(_amount("pace", pace) * 1000)
        panel = Panel(
            _dialect(dialect),
            Terms(key, _amount("balance", balance), currency, seed),
            offers or BUILT_IN,
            Fates(read_shares(fate) if fate else None, milliseconds, seed),
            Faults(read_shares(fault or ()), seed),
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    try:
        asyncio.run(_serve(panel, host, port))
    except OSError as error:
        typer.echo(f"gateway sandbox: cannot listen at {host}:{port}: {error.strerror}", err=True)
        raise typer.Exit(1) from None


async def _serve(panel: Panel, host: str, port: int) -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    server = await start(panel, host, port)
    typer.echo(f"ready {server.url}")
    await over.wait()
    await server.stop()


def _amount(name: str, text: str) -> Decimal:
    amount = read_amount(text)
    if amount is None or amount < 0:
        raise ValueError(f"{name}: {text!r} is not an amount from 0 up")
    return amount


def _dialect(name: str) -> Dialect:
    if name not in BOOK:
        raise ValueError(f"unknown dialect {name!r}: there are {', '.join(BOOK)}")
    return BOOK[name]
