"""`gateway restored`: what a restored backup has forgotten, and sending again."""

import getpass
from decimal import Decimal
from typing import Annotated

import typer

from gateway.cli.output import Failure, print_json, print_table, say
from gateway.cli.session import Data, Json, run_with
from gateway.domain.money import plain
from gateway.operations import Backends
from gateway.operations.notice import notice
from gateway.operations.release import release
from gateway.operations.survey import Survey, Surveyed, survey

app = typer.Typer(no_args_is_help=True, help="After a backup of the database was restored.")

Note = Annotated[str, typer.Option(help="Why; it stays on record.")]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Though ids and balances do not tell the same.")
]


@app.command(name="list")
def show(*, data: Data = None, json: Json = False) -> None:
    """Ask every provider what he knows of us that we do not."""

    async def work(backends: Backends) -> Survey:
        await notice(backends)
        return await survey(backends)

    found = run_with(data, work)
    if json:
        print_json(_facts(found))
        return
    if found.restored:
        say(f"Nothing is sent since {found.restored.found_at:%F %T}: {found.restored.reason}.")
    else:
        say("No restored backup was noticed: sending goes on.")
    print_table(
        "Orders at providers that none of ours knows",
        ["provider", ">id there", ">charge", "status"],
        [
            (each.provider, order.number, _amount(order.charge), order.word)
            for each in found.providers
            for order in each.unknown
        ],
    )
    print_table(
        "Providers",
        [
            "provider",
            ">unknown",
            ">charged for them",
            ">missing in the balance",
            "agrees",
            "why not",
        ],
        [
            (
                each.provider,
                len(each.unknown),
                plain(each.charged),
                _amount(each.missing),
                "yes" if each.agrees else "no",
                each.why_not,
            )
            for each in found.providers
        ],
    )


@app.command(name="release")
def let_go(*, note: Note = "", anyway: Anyway = False, data: Data = None) -> None:
    """Send again. Orders that may have been sent already stay in doubt until they are resolved."""
    if not note.strip():
        raise Failure("--note is needed: why may sending begin again?")

    async def work(backends: Backends) -> tuple[list[Surveyed], bool]:
        odd: list[Surveyed] = []
        if not anyway:
            odd = [each for each in (await survey(backends)).providers if not each.agrees]
        done = not odd and await release(backends, operator=getpass.getuser(), note=note)
        return odd, done

    odd, done = run_with(data, work)
    if odd:
        names = ", ".join(each.provider for each in odd)
        raise Failure(f"ids and balance do not agree at {names}: see list, or say --anyway")
    if not done:
        raise Failure("there is nothing to release")
    say("Sending begins again.")


def _facts(found: Survey) -> dict[str, object]:
    return {
        "quarantined": None
        if found.restored is None
        else {"since": found.restored.found_at, "reason": found.restored.reason},
        "providers": [
            {
                "provider": each.provider,
                "unknown": [
                    {"id": order.number, "charge": _amount(order.charge), "status": order.word}
                    for order in each.unknown
                ],
                "charged": plain(each.charged),
                "missing": _amount(each.missing),
                "agrees": each.agrees,
                "why_not": each.why_not,
            }
            for each in found.providers
        ],
    }


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)
