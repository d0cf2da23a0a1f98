"""`gateway operator`: accounts at the operators' pages."""

import getpass
from typing import Annotated

import segno
import typer

from gateway import clock
from gateway.cli.output import Failure, print_json, print_table, say
from gateway.cli.session import Data, Json, run_with
from gateway.domain.operators import Actor, Role
from gateway.operations import Backends
from gateway.operations.add_operator import Issued, OperatorTaken, add_operator
from gateway.operations.change_operator import Standing, change_operator
from gateway.operations.current_code import current_code
from gateway.operations.list_operators import list_operators
from gateway.operations.renew_operator import renew_operator

app = typer.Typer(no_args_is_help=True, help="Look after who may sign in at the pages.")

Name = Annotated[str, typer.Argument(help="The operator's name.")]
Why = Annotated[str, typer.Option(help="Why, for whoever asks later.")]


@app.command()
def add(
    name: Name,
    *,
    role: Annotated[Role, typer.Option(help="What he may do.")] = Role.OWNER,
    ask: Annotated[
        bool, typer.Option("--ask-password", help="Type a password instead of getting one.")
    ] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Add an operator. His password and second factor are shown this once."""
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if ask else ""

    async def work(backends: Backends) -> Issued:
        return await add_operator(backends, name, role, actor=here(), password=password)

    try:
        made = run_with(data, work)
    except OperatorTaken:
        raise Failure(f"there is an operator {name!r} already") from None
    _tell(made, json=json)


@app.command()
def renew(name: Name, *, why: Why = "", data: Data = None, json: Json = False) -> None:
    """Give an operator a new password and second factor; the old ones end, his sessions too."""

    async def work(backends: Backends) -> Issued:
        return await renew_operator(backends, name, actor=here(), reason=why)

    _tell(run_with(data, work), json=json)


@app.command(name="list")
def show_all(*, data: Data = None, json: Json = False) -> None:
    """Show who may sign in."""
    found = run_with(data, list_operators)
    rows = [(each.name, each.role, each.enabled, each.created_at) for each in found]
    if json:
        print_json([dict(zip(("operator", "role", "enabled"), row, strict=False)) for row in rows])
    else:
        print_table("Operators", ["name", "role", "may sign in", "since"], rows)


@app.command()
def change(
    name: Name,
    *,
    role: Annotated[Role, typer.Option(help="What he may do from now on.")],
    disable: Annotated[bool, typer.Option("--disable", help="He may not sign in.")] = False,
    subject: Annotated[
        str, typer.Option(help="His identity at the identity provider: subject or mail address.")
    ] = "",
    why: Why = "",
    data: Data = None,
) -> None:
    """Change what an operator may do; his sessions end."""

    async def work(backends: Backends) -> str:
        wanted = Standing(role, enabled=not disable, subject=subject)
        return await change_operator(backends, name, wanted, actor=here(), reason=why)

    try:
        wrong = run_with(data, work)
    except OperatorTaken:
        raise Failure(f"another operator has the identity {subject!r}") from None
    if wrong:
        raise Failure(wrong)
    say(f"{name}: {role}{', may not sign in' if disable else ''}.")


@app.command()
def code(name: Name, *, data: Data = None) -> None:
    """Print the code of an operator's second factor now: this machine holds its secret."""

    async def work(backends: Backends) -> str | None:
        return await current_code(backends, name, clock.now())

    found = run_with(data, work)
    if found is None:
        raise Failure(f"there is no operator {name!r}")
    typer.echo(found)


def here() -> Actor:
    """Who acts at this command line."""
    return Actor(getpass.getuser())


def _tell(made: Issued, *, json: bool) -> None:
    if made.why_not:
        raise Failure(made.why_not)
    if json:
        print_json({"operator": made.name, "password": made.password, "secret": made.secret})
        return
    say(f"Operator {made.name}; what follows is shown this once")
    if made.password:
        say(f"Password: {made.password}")
    say(f"Second factor: {made.secret}")
    segno.make(made.address, error="l").terminal(compact=True)
