"""`gateway sandbox`: a pretend provider over real HTTP, to try the gateway with."""

import asyncio
import signal
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from gateway.dialects.book import BOOK
from gateway.dialects.dialect import Dialect
from gateway.dialects.document import read_dialect
from gateway.dialects.document_errors import DialectErrors
from gateway.domain.money import read_amount
from gateway.sandbox.fates import Fate, Fates
from gateway.sandbox.faults import Fault, Faults
from gateway.sandbox.offers import OFFERS_MAX
from gateway.sandbox.panel import Panel, Terms
from gateway.sandbox.rates import CALLS_PER_MINUTE_MAX
from gateway.sandbox.server import start
from gateway.sandbox.shares import read_shares

_FAULTS = f"NAME=SHARE, e.g. hang_after=0.05; may be repeated. Names: {', '.join(Fault)}."
_DIALECT = f"One of {', '.join(BOOK)}, or the path of a dialect's document."
_FATES = f"NAME=SHARE, e.g. partial=0.3; may be repeated. Names: {', '.join(Fate)}."
_OFFERS = "How many offers to make up; 0 keeps the built-in ones."
_PLAIN_PARENTS = "Drip-feeds and subscriptions show charge and remains, not their orders."

Rate = Annotated[int, typer.Option(min=0, max=CALLS_PER_MINUTE_MAX, help="Calls a minute; 0: any.")]
PageSize = Annotated[int, typer.Option(min=0, max=OFFERS_MAX, help="Rows of a page; 0: all.")]
Statuses = Annotated[bool, typer.Option("--statuses", help="Refuse with HTTP status codes.")]
PlainParents = Annotated[bool, typer.Option("--plain-parents", help=_PLAIN_PARENTS)]


def sandbox(  # noqa: PLR0913  one argument for each option of the command line
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes any free port.")] = 8090,
    dialect: Annotated[str, typer.Option(help=_DIALECT)] = "standard",
    fault: Annotated[list[str] | None, typer.Option(help=_FAULTS)] = None,
    fate: Annotated[list[str] | None, typer.Option(help=_FATES)] = None,
    seed: Annotated[str, typer.Option(help="The same seed gives the same chances.")] = "1",
    pace: Annotated[str, typer.Option(help="Seconds from an order's start to its end.")] = "5",
    key: Annotated[str, typer.Option(help="The key that callers must send.")] = "sandbox-key",
    balance: Annotated[str, typer.Option(help="Our balance there at the start.")] = "1000000.00",
    currency: Annotated[str, typer.Option(help="The currency of its rates.")] = "USD",
    offers: Annotated[int, typer.Option(min=0, max=OFFERS_MAX, help=_OFFERS)] = 0,
    rate: Rate = 0,
    page_size: PageSize = 0,
    *,
    statuses: Statuses = False,
    plain_parents: PlainParents = False,
) -> None:
    """Run a pretend provider until SIGTERM or SIGINT.

    GET /truth shows what it really took, POST /truth changes what happens next.

    A link may choose how its order ends (#completed, #partial, #canceled), what goes wrong
    (?fault=hang_after), what becomes of a refill or a cancel (#refill_rejected, #uncancelable,
    #cancel_ignored) and of a subscription (#posts=7, #expired, #paused).
    """
    try:
        milliseconds = int(_amount("pace", pace) * 1000)
        terms = Terms(
            *(key, _amount("balance", balance), currency, seed),
            statuses=statuses,
            plain_parents=plain_parents,
            calls_per_minute=rate or None,
            page_size=page_size or None,
        )
        panel = Panel(
            _dialect(dialect),
            terms,
            offers or None,
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
    if name in BOOK:
        return BOOK[name]
    path = Path(name)
    if path.suffix != ".toml":
        raise ValueError(f"unknown dialect {name!r}: there are {', '.join(BOOK)}, or a path.toml")
    try:
        return read_dialect(path.stem, path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{name} cannot be read: {error}") from None
    except DialectErrors as errors:
        raise ValueError(f"{name}: {errors}") from None
