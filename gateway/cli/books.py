"""`gateway verify` and `gateway reconcile`: prove the books, compare them with the providers."""

import getpass
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer

from gateway.cli.output import (
    CONSOLE,
    Failure,
    cell,
    csv_lines,
    print_csv,
    print_json,
    print_table,
    say,
)
from gateway.cli.session import Csv, Data, Json, run_with
from gateway.domain.closing import CLOSED_BY, Into
from gateway.domain.operators import Actor
from gateway.domain.targets import Class
from gateway.operations import Backends
from gateway.operations import reconcile as reconciling
from gateway.operations import verify as verifying
from gateway.operations.close_discrepancy import close_discrepancy
from gateway.operations.order_sums import order_sums
from gateway.operations.weighed import weighed
from gateway.storage.discrepancies import Discrepancy
from gateway.storage.order_sums import OrderSums
from gateway.storage.reconciling import ProviderBooks

app = typer.Typer(
    invoke_without_command=True, help="Our books beside what the providers say; what is odd."
)

_COLUMNS = [">id", "class", "provider", ">order", ">expected", ">seen", ">difference"]
_ORDER_COLUMNS = [">order", "state", "provider", "their id", "currency", ">charge", ">net"]
_THEIR_COLUMNS = ["their currency", ">expected", ">taken", ">difference"]
_DAY_COLUMNS = ["day", "currency", ">balance", ">booked", ">unexplained", ">change", "quiet"]

OfProvider = Annotated[str | None, typer.Option("--provider", help="Of this provider alone.")]


def verify(*, data: Data = None, json: Json = False) -> None:
    """Check every invariant of the ledger; exit code 1 if any row is found."""
    found = run_with(data, verifying.verify)
    if json:
        print_json(found)
    else:
        print_table("Ledger", ["invariant", ">rows found"], list(found.items()))
    if any(found.values()):
        raise typer.Exit(1)


@app.callback()
def reconcile(
    context: typer.Context, *, data: Data = None, json: Json = False, csv: Csv = False
) -> None:
    """Show what does not add up: open discrepancies, and each provider's books.

    As CSV: the open discrepancies alone.
    """
    if context.invoked_subcommand is not None:
        return
    found = run_with(data, reconciling.reconcile)
    odd = [_odd(each) for each in found.discrepancies]
    if json:
        print_json({"discrepancies": odd, "providers": _facts(found.providers)})
        return
    columns = [*_COLUMNS, "since", "age", "what", "entry", "closed by"]
    rows = [list(each.values()) for each in odd]
    if csv:
        print_csv(columns, rows)
        return
    if rows:
        print_table("Open discrepancies", columns, rows)
    else:
        say("No open discrepancy.")
    columns = ["provider", "currency", ">paid in", ">booked", ">set aside", ">balance", "read"]
    print_table(
        "Providers",
        [*columns, ">unconfirmed", ">their cost", ">unexplained", "since funds"],
        [list(each.values()) for each in _facts(found.providers)],
    )
    CONSOLE.print(f"Open amount: {cell(found.open_amount)}")


@app.command(name="close")
def put_right(
    number: Annotated[int, typer.Argument(metavar="ID", help="Of an open discrepancy.")],
    *,
    note: Annotated[str, typer.Option(help="Why, for whoever asks later.")] = "",
    book: Annotated[
        Into | None, typer.Option(help="Book its amount; suspense only sets it aside.")
    ] = None,
    data: Data = None,
) -> None:
    """Close a discrepancy, by a note where that is enough, else by the entry that books it."""
    if not note.strip():
        raise Failure("say why with --note")

    async def work(backends: Backends) -> str:
        actor = Actor(getpass.getuser())
        return await close_discrepancy(backends, number, actor=actor, note=note, into=book)

    if refused := run_with(data, work):
        raise Failure(refused)
    say(f"Discrepancy {number} is {'set aside' if book is Into.SUSPENSE else 'closed'}.")


@app.command(name="orders")
def show_orders(
    *,
    provider: OfProvider = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what cost as expected.")] = False,
    data: Data = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Show each order's charge, the cost expected for it and its provider's charge."""
    columns, found = [*_ORDER_COLUMNS, *_THEIR_COLUMNS], list[OrderSums]()

    async def work(backends: Backends) -> None:
        async for page in order_sums(backends, provider, differing=not everything):
            if csv:
                csv_lines([_sums(each) for each in page])
            else:
                found.extend(page)

    if csv:
        print_csv(columns, [])
    run_with(data, work)
    if json:
        names = [column.lstrip(">").replace(" ", "_") for column in columns]
        print_json([dict(zip(names, _sums(each), strict=True)) for each in found])
    elif not csv:
        print_table("Orders", columns, [_sums(each) for each in found])


@app.command(name="daily")
def show_days(
    provider: Annotated[str, typer.Argument(help="A provider.")],
    *,
    data: Data = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Show what of a provider's balance was unexplained at the end of each day."""
    found = run_with(data, lambda backends: weighed(backends, provider))
    if json:
        print_json(found)
        return
    rows = [
        (d.day, d.currency, d.balance, d.prepaid, d.unexplained, d.change, d.quiet) for d in found
    ]
    if csv:
        print_csv(_DAY_COLUMNS, rows)
    else:
        print_table(f"Unexplained at {provider}", _DAY_COLUMNS, rows)


def _odd(each: Discrepancy) -> dict[str, object]:
    return {
        "id": each.id,
        "class": each.kind,
        "provider": each.provider,
        "order": each.order,
        "expected": each.expected,
        "seen": each.seen,
        "difference": each.difference,
        "since": each.opened_at,
        "age": _age(each.age),
        "what": each.note,
        "entry": each.entry,
        "closed_by": CLOSED_BY[Class(each.kind)],
    }


def _age(age: timedelta) -> str:
    hours, rest = divmod(int(age.total_seconds()), 3_600)
    return f"{hours // 24}d {hours % 24}h" if hours >= 24 else f"{hours}h {rest // 60}m"


def _sums(each: OrderSums) -> list[object]:
    return [
        each.order,
        each.state,
        each.provider,
        each.provider_order,
        each.currency,
        each.charge,
        each.net,
        each.cost_currency,
        each.expected,
        each.taken,
        each.difference,
    ]


def _facts(books: Sequence[ProviderBooks]) -> list[dict[str, object]]:
    return [
        {
            "provider": each.provider,
            "currency": each.currency,
            "paid_in": each.paid_in,
            "booked": each.booked,
            "suspense": each.suspense,
            "balance": each.balance,
            "balance_at": each.balance_at,
            "unconfirmed": each.unconfirmed,
            "unconfirmed_cost": each.unconfirmed_cost,
            "unexplained": each.unexplained,
            "absolute": each.equation.absolute if each.equation else None,
        }
        for each in books
    ]
