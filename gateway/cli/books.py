"""`gateway verify` and `gateway reconcile`: prove the books, compare them with the providers."""

from collections.abc import Sequence

import typer

from gateway.cli.output import CONSOLE, cell, print_csv, print_json, print_table, say
from gateway.cli.session import Csv, Data, Json, run_with
from gateway.operations import reconcile as reconciling
from gateway.operations import verify as verifying
from gateway.storage.reconciling import ProviderBooks


def verify(*, data: Data = None, json: Json = False) -> None:
    """Check every invariant of the ledger; exit code 1 if any row is found."""
    found = run_with(data, verifying.verify)
    if json:
        print_json(found)
    else:
        print_table("Ledger", ["invariant", ">rows found"], list(found.items()))
    if any(found.values()):
        raise typer.Exit(1)


def reconcile(*, data: Data = None, json: Json = False, csv: Csv = False) -> None:
    """Show what does not add up: open discrepancies, and each provider's books.

    As CSV: the open discrepancies alone.
    """
    found = run_with(data, reconciling.reconcile)
    if json:
        print_json({"discrepancies": found.discrepancies, "providers": _facts(found.providers)})
        return
    columns = ["class", "provider", ">order", ">expected", ">seen", "since", "what"]
    rows = [
        (each.kind, each.provider, each.order, each.expected, each.seen, each.opened_at, each.note)
        for each in found.discrepancies
    ]
    if csv:
        print_csv(columns, rows)
        return
    if rows:
        print_table("Open discrepancies", columns, rows)
    else:
        say("No open discrepancy.")
    facts = _facts(found.providers)
    columns = ["provider", "currency", ">paid in", ">booked", ">balance", "read", ">unconfirmed"]
    print_table(
        "Providers",
        [*columns, ">their cost", ">unexplained"],
        [list(each.values()) for each in facts],
    )
    CONSOLE.print(f"Open amount: {cell(found.open_amount)}")


def _facts(books: Sequence[ProviderBooks]) -> list[dict[str, object]]:
    return [
        {
            "provider": each.provider,
            "currency": each.currency,
            "paid_in": each.paid_in,
            "booked": each.booked,
            "balance": each.balance,
            "balance_at": each.balance_at,
            "unconfirmed": each.unconfirmed,
            "unconfirmed_cost": each.unconfirmed_cost,
            "unexplained": each.unexplained,
        }
        for each in books
    ]
