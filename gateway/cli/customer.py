"""`gateway customer`: add, key, top-up, list, statement."""

import getpass
import secrets
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.amounts import amount_of
from gateway.cli.output import Failure, print_csv, print_json, print_table, say
from gateway.cli.session import Csv, Data, Json, run_with
from gateway.dialects.book import BOOK
from gateway.domain.money import LEDGER_STEP, ZERO, plain
from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.operations.add_customer import NewCustomer, add_customer
from gateway.operations.daily import daily
from gateway.operations.list_customers import list_customers
from gateway.operations.new_key import KeyWanted, new_key
from gateway.operations.statement import statement
from gateway.operations.top_up import Listed, top_up
from gateway.storage.customers import NameTaken
from gateway.storage.ledger import BookedAlready

app = typer.Typer(no_args_is_help=True, help="Look after customers.")

NAME_CHARACTERS_MAX = 100

Name = Annotated[str, typer.Argument(help="The customer's name.")]
Dialect = Annotated[str, typer.Option(help=f"The dialect of the key: {', '.join(BOOK)}.")]
LastDialect = Annotated[
    str | None, typer.Option(help="The dialect of the key; by default that of the one before it.")
]


@app.command()
def add(
    name: Name,
    *,
    group: Annotated[str, typer.Option(help="A group that markup rules can name.")] = "",
    balance: Annotated[str, typer.Option(help="What the customer pays in at once.")] = "0",
    dialect: Dialect = "standard",
    data: Data = None,
    json: Json = False,
) -> None:
    """Add a customer. The key is shown this once."""
    amount = amount_of(balance, least=ZERO)
    _check(name, dialect)

    async def work(backends: Backends) -> NewCustomer:
        return await add_customer(
            backends, name, group=group, dialect=dialect, paid_in=amount, actor=_actor()
        )

    try:
        made = run_with(data, work)
    except NameTaken:
        raise Failure(f"there is a customer {name!r} already") from None
    if json:
        print_json({"customer": made.customer, "key": made.key})
    else:
        say(f"Customer {made.customer}, balance {plain(amount)}")
        say(f"Key (shown this once): {made.key}")


@app.command()
def key(
    name: Name,
    *,
    dialect: LastDialect = None,
    revoke: Annotated[bool, typer.Option(help="End all older keys.")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Give a customer another key. It is shown this once."""
    _check(name, dialect)
    wanted = KeyWanted(dialect, revoke=revoke)

    async def work(backends: Backends) -> str | None:
        return await new_key(backends, name, wanted, actor=_actor())

    made = run_with(data, work)
    if made is None:
        raise _nobody(name)
    if json:
        print_json({"key": made})
    else:
        say(f"Key (shown this once): {made}")


@app.command(name="top-up")
def pay_in(
    name: Name,
    amount: Annotated[str, typer.Argument(help="In house currency.")],
    *,
    reference: Annotated[str, typer.Option(help="A payment's id: it is booked once only.")] = "",
    data: Data = None,
    json: Json = False,
) -> None:
    """Book what a customer paid in."""
    paid = amount_of(amount, least=LEDGER_STEP)
    booked_as = reference or secrets.token_hex(8)

    async def work(backends: Backends) -> Listed | None:
        return await top_up(backends, name, paid, reference=booked_as, actor=_actor())

    try:
        customer = run_with(data, work)
    except BookedAlready:
        raise Failure(f"reference {reference!r} was booked already: nothing changed") from None
    if customer is None:
        raise _nobody(name)
    if json:
        print_json({"customer": customer.id, "available": customer.available})
    else:
        say(f"{name}: available {plain(customer.available)}, held {plain(customer.held)}")


@app.command(name="list")
def show_all(*, data: Data = None, json: Json = False) -> None:
    """Show all customers and what they have."""
    found = run_with(data, list_customers)
    if json:
        print_json(found)
        return
    print_table(
        "Customers",
        [">id", "name", "group", ">available", ">held", "currency", ">orders", "enabled"],
        [
            (c.id, c.name, c.group, c.available, c.held, c.currency, c.orders, c.enabled)
            for c in found
        ],
    )


@app.command(name="statement")
def account(
    name: Name,
    *,
    by_day: Annotated[bool, typer.Option("--daily", help="The sums of each day (UTC).")] = False,
    data: Data = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Show every movement of a customer's balance, or its days."""
    if by_day:
        _days(name, data, json=json, csv=csv)
        return
    lines = run_with(data, lambda backends: statement(backends, name))
    if lines is None:
        raise _nobody(name)
    if json:
        print_json(lines)
        return
    columns = ["at", ">order", "what", ">amount", ">balance", "reason"]
    rows = [
        (each.at, each.order, each.kind, each.amount, each.balance, each.reason) for each in lines
    ]
    if csv:
        print_csv(columns, rows)
    else:
        print_table(f"Statement of {name}", columns, rows)


def _days(name: str, data: Path | None, *, json: bool, csv: bool) -> None:
    """Opening + top-ups - net charges + adjustments = closing, which is what `balance` answers."""
    found = run_with(data, lambda backends: daily(backends, name))
    if found is None:
        raise _nobody(name)
    columns = ["day", ">opening", ">top-ups", ">net charges", ">adjustments", ">closing"]
    rows = [
        (d.day, d.opening, d.top_ups, d.net_charges, d.adjustments, d.closing) for d in found.days
    ]
    if json:
        print_json(found.days)
    elif csv:
        print_csv(columns, rows)
    else:
        print_table(f"Days of {name}", columns, rows)
    if not found.adds_up:
        raise Failure(f"the days do not add up to the balance, {plain(found.balance)}")


def _check(name: str, dialect: str | None) -> None:
    if dialect is not None and dialect not in BOOK:
        raise Failure(
            f"unknown dialect {dialect!r}: a key speaks one of {', '.join(BOOK)}"
            " (documents of dialects are for providers)"
        )
    if not name.strip() or len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
        raise Failure(f"a name has 1 to {NAME_CHARACTERS_MAX} printable characters")


def _actor() -> Actor:
    return Actor(getpass.getuser())


def _nobody(name: str) -> Failure:
    return Failure(f"there is no customer {name!r}")
