"""`gateway provider`: list, fund, sync, probe, texts."""

import getpass
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, cast

import typer

from gateway.cli.amounts import REFERENCE_CHARACTERS_MAX, amount_of
from gateway.cli.output import Failure, print_json, print_table, say
from gateway.cli.probed import Told, check_file, unlisted
from gateway.cli.session import Config, Data, Json, dialects_in, run_with, run_with_panels
from gateway.dialects.dialect import Dialect
from gateway.dialects.document import read_dialect
from gateway.domain.catalog import Provider
from gateway.domain.drafts import toml
from gateway.domain.money import LEDGER_STEP, plain
from gateway.domain.operators import Actor
from gateway.domain.refusals import Code
from gateway.domain.syncing import SHRUNK
from gateway.operations import Backends
from gateway.operations.agree import agree
from gateway.operations.fund import BookedAlready, fund
from gateway.operations.probe import Probed, probe
from gateway.operations.providers import providers
from gateway.operations.resume_provider import NoReason, resume_provider
from gateway.operations.stop_provider import stop_provider
from gateway.operations.sync import sync
from gateway.operations.texts import texts
from gateway.storage.offers import ProviderState
from gateway.storage.unseen import Unseen
from gateway.upstream.panels import KeyMissing

app = typer.Typer(no_args_is_help=True, help="Look after providers.")

Name = Annotated[str, typer.Argument(help="A provider of the active revision.")]
Reason = Annotated[str, typer.Option(help="Why, for whoever looks later.")]


@app.command(name="list")
def show_all(*, data: Data = None, json: Json = False) -> None:
    """Show the providers, their offers and what is left of our money there."""
    found = run_with(data, providers)
    if json:
        print_json([_facts(provider, state) for provider, state in found.values()])
        return
    rows = [
        [_cell(value) for value in _facts(provider, state).values()]
        for provider, state in found.values()
    ]
    columns = [
        "provider",
        "dialect",
        "url",
        ">offers",
        ">quarantined",
        ">balance",
        "currency",
        "synced",
        "repairs",
        "pace",
        "odd",
    ]
    print_table("Providers", columns, rows)


@app.command(name="fund")
def pay_in(
    name: Name,
    amount: Annotated[str, typer.Argument(help="In the provider's currency.")],
    *,
    reference: Annotated[str, typer.Option(help="A payment's id: it is booked once only.")],
    taken_out: Annotated[bool, typer.Option("--taken-out", help="It came back to us.")] = False,
    data: Data = None,
) -> None:
    """Book what was paid in at a provider, so that `gateway reconcile` can tell what is missing."""
    paid = amount_of(amount, least=LEDGER_STEP)
    if not 1 <= len(reference.strip()) <= REFERENCE_CHARACTERS_MAX or not reference.isprintable():
        raise Failure(f"a reference has 1 to {REFERENCE_CHARACTERS_MAX} printable characters")

    async def work(backends: Backends) -> str | None:
        signed = paid.copy_negate() if taken_out else paid
        actor = _actor()
        return await fund(backends, name, signed, actor=actor, reference=reference.strip())

    try:
        currency = run_with(data, work)
    except BookedAlready:
        raise Failure(f"reference {reference!r} was booked already: nothing changed") from None
    if currency is None:
        raise Failure(f"the catalog has no provider {name!r}")
    say(f"{plain(paid)} {currency} {'taken out of' if taken_out else 'paid in at'} {name}.")


@app.command(name="sync")
def read_list(
    name: Name,
    *,
    accept: Annotated[
        list[str] | None, typer.Option(help="An offer to sell as what it is, and costs, now.")
    ] = None,
    accept_list: Annotated[
        bool, typer.Option(help="Agree to a list that lost many offers at once.")
    ] = False,
    data: Data = None,
) -> None:
    """Read a provider's list and balance now, and agree to what changed."""

    async def work(backends: Backends) -> tuple[str, list[str], ProviderState | None]:
        provider, actor = _listed(backends, name), _actor()
        agreed = list(await agree(backends, name, accept, actor=actor)) if accept else []
        odd = await sync(backends, provider, agreed_by=actor if accept_list else None, by_hand=True)
        return odd, agreed, (await providers(backends))[name][1]

    odd, agreed, state = run_with(data, work)
    if agreed:
        say(f"Sold again as what they are now: {', '.join(agreed)}")
    if odd:
        raise Failure(f"{name}: {_with_remedy(name, odd)}")
    if state:
        say(f"{name}: {state.listed} offers listed, {state.quarantined} quarantined")
        if state.waiting:
            say(f"Not sold as they are now until you --accept them: {state.waiting}")


@app.command(name="probe")
def look_at(  # noqa: PLR0913  one argument for each option of the command line
    name: Annotated[str, typer.Argument(help="A provider of the active revision.")] = "",
    *,
    order: Annotated[
        list[str] | None, typer.Option(help="An order that the panel knows, to read its status.")
    ] = None,
    url: Annotated[str, typer.Option(help="A panel of no document, in the place of NAME.")] = "",
    key_env: Annotated[str, typer.Option(help="With --url: the variable that holds its key.")] = "",
    write: Annotated[
        Path | None, typer.Option(help="Where a draft of its dialect goes, if none fits.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Write over a file that is there.")] = False,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Ask a panel what changes nothing there, at most eight times, and tell its dialect."""
    if bool(name) == bool(url) or bool(url) != bool(key_env):
        raise Failure("name a provider, or a panel by --url and --key-env")
    orders = _ids(order or [])
    if write:
        check_file(write, force=force)
    documents = dialects_in(config)
    try:
        if name:
            provider, probed = run_with(data, lambda b: _probe_listed(b, name, orders, documents))
        else:
            provider = unlisted(url, key_env)
            probed = run_with_panels(
                lambda panels: probe(panels, provider, orders, documents, configured=False)
            )
    except KeyMissing as error:
        raise Failure(str(error)) from None
    told = Told(probed, provider, configured=bool(name), named=write.stem if write else "")
    if json:
        print_json(told.facts())
    else:
        told.show()
    if write:
        told.write_draft(write)
    if not told.is_clear:
        raise typer.Exit(1)


@app.command(name="stop")
def halt(name: Name, *, reason: Reason, data: Data = None) -> None:
    """Send a provider nothing more until it is resumed; its orders queue meanwhile."""

    async def work(backends: Backends) -> bool | None:
        return await stop_provider(backends, name, actor=_actor(), reason=reason)

    stopped = _reasoned(data, work)
    if stopped is None:
        raise Failure(f"the catalog has no provider {name!r}")
    say(f"{name} is stopped." if stopped else f"{name} was stopped already.")


@app.command(name="resume")
def go_on(name: Name, *, reason: Reason, data: Data = None) -> None:
    """Send orders to a provider again: end an operator's stop and an automatic pause."""

    async def work(backends: Backends) -> bool | None:
        return await resume_provider(backends, name, actor=_actor(), reason=reason)

    resumed = _reasoned(data, work)
    say(f"{name} gets orders again." if resumed else f"{name} was neither stopped nor paused.")


@app.command(name="texts")
def unknown_sentences(
    name: Annotated[str, typer.Argument(help="Of this provider alone.")] = "",
    *,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show sentences of providers that nobody has classified yet, and how to."""

    async def work(backends: Backends) -> Sequence[Unseen]:
        if name:
            _listed(backends, name)
        return await texts(backends, name or None)

    found = run_with(data, work)
    if json:
        print_json(found)
        return
    print_table(
        "Sentences that no dialect knows",
        ["provider", "said to", ">times", "first", "last", "sentence"],
        [(e.provider, e.action, e.times, e.first_at, e.last_at, e.text) for e in found],
    )
    if found:
        say("Say in providers.toml what they mean (N stands for any number), as in:")
        typer.echo(f'[providers.{found[0].provider}.texts]\n{toml(found[0].text)} = "unavailable"')
        say(f"Meanings: {', '.join(Code)}")


async def _probe_listed(
    backends: Backends, name: str, orders: Sequence[str], documents: Mapping[str, Dialect]
) -> tuple[Provider, Probed]:
    provider = _listed(backends, name)
    listed = backends.shelf.stock.catalog.providers.values()
    active = {p.dialect: read_dialect(p.dialect, p.document) for p in listed if p.document}
    probed = await probe(backends.panels, provider, orders, {**documents, **active})
    return provider, probed


def _actor() -> Actor:
    return Actor(getpass.getuser())


def _reasoned(data: Path | None, work: Callable[[Backends], Awaitable[bool | None]]) -> bool | None:
    try:
        return run_with(data, work)
    except NoReason as error:
        raise Failure(str(error)) from None


def _ids(orders: Sequence[str]) -> tuple[str, ...]:
    if any("," in each or not each.strip() for each in orders):
        raise Failure("--order takes one id; repeat it for more")
    return tuple(orders)


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
        "repairs": state.repairs if state else {},
        "budget": state.budget if state else "",
        "odd": _odd(state),
    }


def _cell(value: object) -> object:
    if isinstance(value, dict):
        repairs = cast("Mapping[str, int]", value)
        return ", ".join(f"{name} {times}" for name, times in repairs.items())
    return value


def _odd(state: ProviderState | None) -> str:
    if state is None:
        return "never synced"
    paused = f"paused: {state.pause_reason}" if state.paused else ""
    error = _with_remedy(state.provider, state.sync_error)
    return "; ".join(part for part in (error, paused, state.waiting) if part)


def _with_remedy(name: str, odd: str) -> str:
    """What is odd about a list, and how to agree to it where one may."""
    if odd.startswith(SHRUNK):
        return f"{odd}; `gateway provider sync {name} --accept-list` agrees to it"
    return odd
