"""`gateway verify` and `gateway reconcile`: prove the books, compare them with the providers."""

import typer

from gateway.cli.output import CONSOLE, cell, print_json, print_table, say
from gateway.cli.session import Data, Json, run_with
from gateway.operations import reconcile as reconciling
from gateway.operations import verify as verifying


def verify(*, data: Data = None, json: Json = False) -> None:
    """Check every invariant of the ledger; exit code 1 if any row is found."""
    found = run_with(data, verifying.verify)
    if json:
        print_json(found)
    else:
        print_table("Ledger", ["invariant", ">rows found"], list(found.items()))
    if any(found.values()):
        raise typer.Exit(1)


def reconcile(*, data: Data = None, json: Json = False) -> None:
    """Show what does not add up: open discrepancies, and each provider's books."""
    found = run_with(data, reconciling.reconcile)
    if json:
        print_json({"discrepancies": found.discrepancies, "providers": found.providers})
        return
    if not found.discrepancies:
        say("No open discrepancy.")
    else:
        print_table(
            "Open discrepancies",
            ["class", "provider", ">order", ">expected", ">seen", "since", "what"],
            [
                (
                    each.kind,
                    each.provider,
                    each.order,
                    each.expected,
                    each.seen,
                    each.opened_at,
                    each.note,
                )
                for each in found.discrepancies
            ],
        )
    print_table(
        "Providers",
        ["provider", "currency", ">booked", ">balance", "read", ">unconfirmed", ">their cost"],
        [
            (
                each.provider,
                each.currency,
                each.booked,
                each.balance,
                each.balance_at,
                each.unconfirmed,
                each.unconfirmed_cost,
            )
            for each in found.providers
        ],
    )
    CONSOLE.print(f"Open amount: {cell(found.open_amount)}")
