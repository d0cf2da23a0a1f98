"""`gateway catalog`: check, plan, apply, import, explain, features, revisions, rollback."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import planned
from gateway.cli.output import CONSOLE, Failure, print_json, print_table, say
from gateway.cli.session import DEFAULT_CONFIG, Data, Json, run_with
from gateway.dialects.book import BOOK
from gateway.domain.catalog import Buyer, Offer
from gateway.domain.explanations import Explanation, explain
from gateway.domain.placements import Placement
from gateway.domain.plans import Plan
from gateway.domain.pricing import margin_percent, service_type
from gateway.domain.services import TYPE_RULES
from gateway.operations import Backends
from gateway.operations.apply import Applied, apply
from gateway.operations.history import history
from gateway.operations.list_customers import list_customers
from gateway.operations.offered import offered
from gateway.operations.plan import plan
from gateway.operations.rollback import rollback
from gateway.settings import Settings
from gateway.storage.documents import Documents, parse, read_folder

app = typer.Typer(no_args_is_help=True, help="What is sold, at which rate, through which offers.")

Config = Annotated[Path | None, typer.Option("--config", help="The folder of the documents.")]
Note = Annotated[str, typer.Option(help="Why; it stays with the revision.")]


def documents_in(config: Path | None) -> Documents:
    """The documents of the folder that was named, or that the environment names."""
    return read_folder(config or Settings().config_dir or DEFAULT_CONFIG)


@app.command()
def check(*, config: Config = None, json: Json = False) -> None:
    """Check the three documents; needs no server."""
    catalog = parse(documents_in(config))
    counts = {
        "providers": len(catalog.providers),
        "services": len(catalog.services),
        "rules": len(catalog.markup.rules),
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
        author = getpass.getuser()
        return found, await apply(backends, documents, found, author=author, note=note)

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

    offers = run_with(data, work)
    start = first_id or max(catalog.services, default=0) + 1
    entries = planned.importable(catalog, offers, match)
    for number, offer in enumerate(entries, start=start):
        typer.echo(planned.entry(number, offer))
    left = len(offers) - len(entries)
    planned.note(
        f"# {len(entries)} offers; {left} left out (in the catalog, denied or not sellable)"
    )


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

    async def work(backends: Backends) -> Explanation:
        stock = backends.shelf.stock
        listed = stock.catalog.services.get(service)
        if listed is None:
            raise Failure(f"there is no service {service} in the active revision")
        buyer = await _buyer(backends, customer)
        found = explain(stock.catalog, listed, stock.offers, buyer)
        if not quantity or found.seen is None:
            return found
        flat = TYPE_RULES[found.seen.kind].quantity == "one"
        placement = Placement(service, found.seen.kind, "", 1 if flat else quantity)
        return explain(stock.catalog, listed, stock.offers, buyer, placement)

    found = run_with(data, work)
    steps = dict(found.steps())
    offers = [(str(v.ref), v.chosen, v.reason) for v in found.offers]
    if json:
        print_json({"service": service, "steps": steps, "offers": offers, **_figures(found)})
        return
    print_table(f"Service {service}: {found.service.name}", ["step", "value"], list(steps.items()))
    print_table("Offers, in order of preference", ["offer", "chosen", "why not"], offers)


@app.command()
def features(*, json: Json = False, data: Data = None) -> None:
    """Show what each provider of the active revision can do, as its dialect declares it."""

    async def work(backends: Backends) -> dict[str, dict[str, bool]]:
        listed = backends.shelf.stock.catalog.providers.values()
        return {each.name: BOOK[each.dialect].features() for each in listed}

    found = run_with(data, work)
    if json:
        print_json(found)
        return
    names = sorted({name for row in found.values() for name in row})
    rows = [
        (provider, *(row.get(name, False) for name in names)) for provider, row in found.items()
    ]
    print_table("Features", ["provider", *names], rows)


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
        return await rollback(backends, revision, actor=getpass.getuser(), note=note)

    if not run_with(data, work):
        raise Failure(f"there is no revision {revision}")
    CONSOLE.print(
        f"Revision {revision} is active again; the documents in the folder are as before."
    )


async def _buyer(backends: Backends, name: str) -> Buyer:
    if not name:
        return Buyer()
    for customer in await list_customers(backends):
        if customer.name == name:
            return Buyer(customer.name, customer.group)
    raise Failure(f"there is no customer {name!r}")


def _figures(found: Explanation) -> dict[str, object]:
    """The figures themselves, for programs."""
    figures: dict[str, object] = {}
    if found.seen:
        rated = found.seen.rated
        figures |= {
            "rule": rated.rule.number,
            "cost_rate": rated.cost_rate,
            "conversion": rated.conversion,
            "cost_rate_house": rated.cost_rate_house,
            "rate_exact": rated.rate_exact,
            "round_up_to": rated.rule.round_up_to,
            "rate": rated.rate,
            "type": service_type(found.service, rated.offer),
        }
    if found.quote:
        figures |= {
            "charge": found.quote.charge,
            "cost": found.quote.cost_house,
            "margin": found.quote.margin,
            "margin_percent": margin_percent(found.quote.charge, found.quote.cost_house),
        }
    return figures
