"""`gateway catalog`: check, plan, apply, import, explain, features, revisions, rollback, export."""

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import planned
from gateway.cli.explained import figures
from gateway.cli.output import CONSOLE, Failure, note, print_json, print_table, say, warn
from gateway.cli.session import Config, Data, Json, documents_in, run_with
from gateway.dialects.book import spoken_by
from gateway.domain.catalog import Offer
from gateway.domain.explanations import Explanation
from gateway.domain.operators import Actor
from gateway.domain.plans import Plan
from gateway.operations import Backends
from gateway.operations.apply import Applied, Terms, apply
from gateway.operations.explain import NoSuchCustomer, Refusal, explain
from gateway.operations.features import Feature, features
from gateway.operations.history import history
from gateway.operations.offered import offered
from gateway.operations.plan import plan
from gateway.operations.rollback import rollback
from gateway.operations.stored import stored
from gateway.storage.documents import parse
from gateway.storage.documents_files import write_folder
from gateway.storage.documents_services import entry_text
from gateway.storage.imports import entry, importable

app = typer.Typer(no_args_is_help=True, help="What is sold, at which rate, through which offers.")

Note = Annotated[str, typer.Option(help="Why; it stays with the revision.")]


@app.command()
def check(*, config: Config = None, json: Json = False) -> None:
    """Check the documents; needs no server."""
    documents = documents_in(config)
    catalog = parse(documents)
    counts = {
        "providers": len(catalog.providers),
        "services": len(catalog.services),
        "rules": len(catalog.markup.rules),
        "dialects": len(documents.dialects),
    }
    if json:
        print_json({"ok": True, **counts})
    else:
        say("The documents are sound: " + ", ".join(f"{n} {what}" for what, n in counts.items()))


@app.command(name="plan")
def show_plan(*, config: Config = None, data: Data = None, json: Json = False) -> None:
    """Show what the documents would change: rates old and new, margins, losses, customers."""
    documents = documents_in(config)
    parse(documents)
    found = run_with(data, lambda backends: plan(backends, documents))
    if json:
        print_json(found)
    else:
        planned.show(found)


@app.command(name="apply")
def make_active(
    *,
    config: Config = None,
    note: Note = "",
    allow_losses: Annotated[bool, typer.Option(help="Apply even what loses money.")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Make the documents the active revision, at once and everywhere."""
    documents = documents_in(config)
    parse(documents)

    async def work(backends: Backends) -> tuple[Plan, Applied | None]:
        found = await plan(backends, documents)
        if found.losses and not allow_losses:
            return found, None
        terms = Terms(note, losses_agreed=allow_losses)
        actor = Actor(getpass.getuser())
        return found, await apply(backends, documents, found, actor=actor, terms=terms)

    found, applied = run_with(data, work)
    if applied is None:
        planned.show(found)
        raise Failure(
            f"nothing was applied: {len(found.losses)} services would lose money"
            " (--allow-losses applies all the same; the margin guard still refuses their orders)"
        )
    if json:
        print_json(applied)
    elif applied.changed:
        say(f"Revision {applied.revision} is active.")
    else:
        say(f"Nothing to do: revision {applied.revision} has these documents already.")


@app.command(name="import")
def write_entries(
    provider: Annotated[str, typer.Argument(help="A provider of the catalog.")],
    *,
    first_id: Annotated[int | None, typer.Option(min=1, help="Our id of the first entry.")] = None,
    match: Annotated[str, typer.Option(help="Only names or categories with this text.")] = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Print entries for services.toml; nothing is sold until you add them there."""
    documents = documents_in(config)
    catalog = parse(documents)
    if provider not in catalog.providers:
        raise Failure(f"there is no provider {provider!r} in providers.toml")

    async def work(backends: Backends) -> list[Offer]:
        return list(await offered(backends, provider))

    found = importable(catalog, provider, run_with(data, work), match)
    dialect = spoken_by(catalog.providers[provider])
    start = first_id or max(catalog.services, default=0) + 1
    for number, offer in enumerate(found.offers, start=start):
        typer.echo(entry_text(entry(number, offer, dialect)))
    # beside the entries, so that these can go into a file by themselves
    note(f"# {len(found.offers)} offers; {sum(found.left_out.values())} left out")
    for reason, times in found.left_out.items():
        note(f"#   {times} {reason}")


@app.command(name="explain")
def tell_why(
    service: Annotated[int, typer.Argument(min=1, help="Our service id.")],
    *,
    customer: Annotated[str, typer.Option(help="For this customer.")] = "",
    quantity: Annotated[int, typer.Option(min=0, help="Also the charge of so many.")] = 0,
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell why a service has its rate: rule, cost, conversion, rounding."""

    async def work(backends: Backends) -> Explanation | None:
        return await explain(backends, service, customer=customer, quantity=quantity)

    try:
        found = run_with(data, work)
    except NoSuchCustomer:
        raise Failure(f"there is no customer {customer!r}") from None
    except Refusal as refusal:
        raise Failure(f"{quantity} cannot be ordered of service {service}: {refusal}") from None
    if found is None:
        raise Failure(f"there is no service {service} in the active revision")
    steps = dict(found.steps())
    offers = [(str(v.ref), v.chosen, v.reason) for v in found.offers]
    if json:
        print_json({"service": service, "steps": steps, "offers": offers, **figures(found)})
        return
    print_table(f"Service {service}: {found.service.name}", ["step", "value"], list(steps.items()))
    print_table("Offers, in order of preference", ["offer", "chosen", "why not"], offers)


@app.command(name="features")
def show_features(
    *,
    every: Annotated[bool, typer.Option("--all", help="Also every built-in dialect.")] = False,
    json: Json = False,
    data: Data = None,
) -> None:
    """Show what each provider of the active revision can do: dialect, document and list."""

    async def work(backends: Backends) -> Mapping[str, Mapping[str, Feature]]:
        return features(backends, every=every)

    found = run_with(data, work)
    if json:
        print_json(found)
        return
    names = list(dict.fromkeys(name for column in found.values() for name in column))
    rows = [(name, *(column.get(name) for column in found.values())) for name in names]
    print_table("Features", ["feature", *found], rows)


@app.command()
def revisions(
    *,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 20,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show the history of the catalog, the newest revision first."""
    lines = run_with(data, lambda backends: history(backends, limit))
    if json:
        print_json(lines)
        return
    print_table(
        "Revisions",
        [">revision", "active", "at", "by", "note", "added gone changed", "documents"],
        [
            (
                line.number,
                line.active,
                line.created_at,
                line.author,
                line.note,
                " ".join(str(line.summary.get(part, 0)) for part in ("added", "gone", "changed")),
                line.sha256[:12],
            )
            for line in lines
        ],
    )


@app.command(name="rollback")
def go_back(
    revision: Annotated[int, typer.Argument(min=1)], *, note: Note = "", data: Data = None
) -> None:
    """Sell from an earlier revision again."""

    async def work(backends: Backends) -> bool:
        actor = Actor(getpass.getuser())
        return await rollback(backends, revision, None, actor=actor, terms=Terms(note))

    if not run_with(data, work):
        raise Failure(f"there is no revision {revision}")
    CONSOLE.print(
        f"Revision {revision} is active again; the documents in the folder are as before."
    )


@app.command(name="export")
def write_files(
    revision: Annotated[
        int | None, typer.Argument(min=1, help="Which one; the active one if none is named.")
    ] = None,
    *,
    to: Annotated[Path, typer.Option(help="The folder; its documents are overwritten.")],
    data: Data = None,
) -> None:
    """Write the documents of a revision into a folder, so that the files are what is sold from."""
    found = run_with(data, lambda backends: stored(backends, revision))
    if found is None:
        raise Failure(
            f"there is no revision {revision}" if revision else "nothing was ever applied"
        )
    try:
        others = write_folder(to, found.documents)
    except OSError as error:
        raise Failure(f"{to} cannot be written: {error.strerror}") from None
    say(f"{to} holds revision {found.number}.")
    for name in others:
        warn(f"{to / name} is not of this revision: delete it, or it counts as a change")
