"""`gateway provider`: list, sync, probe."""

from collections.abc import Mapping
from typing import Annotated

import typer

from gateway.cli.output import Failure, print_json, print_table, say
from gateway.cli.session import Data, Json, run_with
from gateway.domain.catalog import Provider
from gateway.operations import Backends
from gateway.operations.agree import agree
from gateway.operations.probe import Probed, probe
from gateway.operations.providers import providers
from gateway.operations.sync import sync
from gateway.storage.offers import ProviderState

app = typer.Typer(no_args_is_help=True, help="Look after providers.")

Name = Annotated[str, typer.Argument(help="A provider of the active revision.")]


@app.command(name="list")
def show_all(*, data: Data = None, json: Json = False) -> None:
    """Show the providers, their offers and what is left of our money there."""
    found = run_with(data, providers)
    if json:
        print_json([_facts(provider, state) for provider, state in found.values()])
        return
    rows = [list(_facts(provider, state).values()) for provider, state in found.values()]
    columns = [
        "provider",
        "dialect",
        "url",
        ">offers",
        ">quarantined",
        ">balance",
        "currency",
        "synced",
        "odd",
    ]
    print_table("Providers", columns, rows)


@app.command(name="sync")
def read_list(
    name: Name,
    *,
    accept: Annotated[
        list[str] | None, typer.Option(help="A quarantined offer to sell as what it is now.")
    ] = None,
    accept_list: Annotated[
        bool, typer.Option(help="Agree to a list that lost many offers at once.")
    ] = False,
    data: Data = None,
) -> None:
    """Read a provider's list and balance now, and agree to what changed."""

    async def work(backends: Backends) -> tuple[str, list[str], ProviderState | None]:
        provider = _listed(backends, name)
        agreed = list(await agree(backends, name, accept)) if accept else []
        odd = await sync(backends, provider, agreed=accept_list)
        return odd, agreed, (await providers(backends))[name][1]

    odd, agreed, state = run_with(data, work)
    if agreed:
        say(f"Sold again as what they are now: {', '.join(agreed)}")
    if odd:
        raise Failure(f"{name}: {odd}")
    if state:
        say(f"{name}: {state.listed} offers listed, {state.quarantined} quarantined")


@app.command(name="probe")
def look_at(name: Name, *, data: Data = None, json: Json = False) -> None:
    """Ask a provider read-only questions and show how its dialect reads the answers."""

    async def work(backends: Backends) -> list[Probed]:
        return await probe(backends, _listed(backends, name))

    found = run_with(data, work)
    if json:
        print_json(found)
    else:
        rows = [(each.question, each.understood, each.answer) for each in found]
        print_table(f"Probe of {name}", ["question", "understood", "read as"], rows)
    if not all(each.understood for each in found):
        raise typer.Exit(1)


def _listed(backends: Backends, name: str) -> Provider:
    listed: Mapping[str, Provider] = backends.shelf.stock.catalog.providers
    if name not in listed:
        there = ", ".join(listed) or "none"
        raise Failure(f"there is no provider {name!r} in the active revision (there: {there})")
    return listed[name]


def _facts(provider: Provider, state: ProviderState | None) -> dict[str, object]:
    return {
        "provider": provider.name,
        "dialect": provider.dialect,
        "url": provider.url,
        "offers": state.listed if state else 0,
        "quarantined": state.quarantined if state else 0,
        "balance": state.balance if state else None,
        "currency": provider.currency,
        "synced_at": state.synced_at if state else None,
        "odd": _odd(state),
    }


def _odd(state: ProviderState | None) -> str:
    if state is None:
        return "never synced"
    paused = f"paused: {state.pause_reason}" if state.paused else ""
    return "; ".join(part for part in (state.sync_error, paused) if part)
