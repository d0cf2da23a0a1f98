"""`gateway order`: show, list, resolve, cancel, refund, refill."""

import getpass
import secrets
from typing import Annotated

import typer

from gateway.cli.amounts import amount_of
from gateway.cli.output import Failure, print_csv, print_json, print_table, say
from gateway.cli.session import Csv, Data, Json, run_with
from gateway.cli.story import Requests, facts_of, tell, tell_requests
from gateway.domain.deciding import Decision
from gateway.domain.money import CHARGE_STEP, plain
from gateway.domain.operators import Actor
from gateway.domain.orders import State
from gateway.operations import Backends
from gateway.operations.ask_refill import RefillAsked, ask_refill
from gateway.operations.list_orders import list_orders
from gateway.operations.list_requests import list_requests
from gateway.operations.refund import Refunded, Wish, refund
from gateway.operations.resolve import Decided, resolve
from gateway.operations.show_order import show_order
from gateway.operations.take_back import TakenBack, take_back
from gateway.storage.orders import Listed, Story

app = typer.Typer(no_args_is_help=True, help="Look after orders.")

Number = Annotated[int, typer.Argument(help="Our order id.", min=1)]
Note = Annotated[str, typer.Option(help="Why; it stays with the order.")]
Operator = Annotated[str, typer.Option(help="Who decides, if not the account's name.")]
_ALONE = "There is no second operator; that stays with the order."


@app.command(name="list")
def show_all(
    *,
    state: Annotated[str | None, typer.Option(help=f"One of: {', '.join(State)}.")] = None,
    customer: Annotated[str | None, typer.Option(help="Only this customer's.")] = None,
    data: Data = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Show orders; `charge` is what the customer pays as things stand, `cost` what is booked."""
    if state is not None and state not in set(State):
        raise Failure(f"there is no state {state!r}: {', '.join(State)}")

    async def work(backends: Backends) -> list[Listed]:
        return [order async for order in list_orders(backends, state=state, customer=customer)]

    found = run_with(data, work)
    if json:
        print_json([facts_of(order) for order in found])
        return
    columns = [
        ">order",
        "customer",
        ">service",
        "provider",
        "provider order",
        "state",
        ">charge",
        ">cost",
        ">quantity",
        ">remains",
        "link",
        "advice",
    ]
    facts = [list(facts_of(order).values()) for order in found]
    rows = [[*row[:8], row[9], row[10], row[8], row[11]] for row in facts]
    if csv:
        print_csv(columns, rows)
    else:
        print_table("Orders", columns, rows)


@app.command()
def show(order: Number, *, data: Data = None, json: Json = False) -> None:
    """Tell the whole story of an order: price, events, attempts, runs or children, transfers,
    refills, cancels.
    """

    async def work(backends: Backends) -> tuple[Story | None, Requests]:
        return await show_order(backends, order), await list_requests(backends, order)

    found, requests = run_with(data, work)
    if found is None:
        raise Failure(f"there is no order {order}")
    if json:
        print_json(
            {
                **facts_of(found.order),
                "priced": found.order.priced,
                "events": found.events,
                "attempts": found.attempts,
                "parts": found.parts,
                "braked": found.braked,
                "doubts": found.doubts,
                "proposed": found.proposed,
                "seen": found.seen,
                "transfers": found.transfers,
                "requests": requests,
            }
        )
        return
    tell(found)
    tell_requests(requests)


@app.command(name="resolve")
def decide(  # noqa: PLR0913  one argument for each option of the command line
    order: Number,
    *,
    accepted: Annotated[str | None, typer.Option(help="The provider's order id.")] = None,
    refused: Annotated[bool, typer.Option("--refused", help="It was not taken.")] = False,
    note: Note = "",
    operator: Operator = "",
    alone: Annotated[bool, typer.Option("--alone", help=_ALONE)] = False,
    data: Data = None,
) -> None:
    """Decide an order whose outcome could not be proven.

    Above a charge (`decided_alone_max`) two operators must say the same.
    """
    if (accepted is None) != refused:
        raise Failure("say either --accepted ID or --refused")
    if not note:
        raise Failure("say why with --note: the decision moves money")

    decision = Decision(Actor(operator or getpass.getuser()), accepted, note)

    async def work(backends: Backends) -> Decided:
        return await resolve(backends, order, decision, alone=alone)

    done = run_with(data, work)
    if done.why_not:
        raise Failure(done.why_not)
    if done.waits:
        say(f"Noted, not decided: {done.waits}. Another operator must say the same, or --alone.")
    else:
        say(f"Order {order} is decided.")


@app.command(name="cancel")
def end(order: Number, *, note: Note = "taken back", data: Data = None) -> None:
    """Take an order back: at once if it was not sent yet, else by asking its provider."""

    async def work(backends: Backends) -> TakenBack:
        return await take_back(backends, order, actor=Actor(getpass.getuser()), reason=note)

    done = run_with(data, work)
    if done.why_not:
        raise Failure(done.why_not)
    if done.ended:
        say(f"Order {order} is taken back, its hold released.")
    else:
        say(f"The provider of order {order} will be asked; money moves when its status turns.")


@app.command(name="refund")
def give_back(
    order: Number,
    amount: Annotated[str, typer.Argument(help="In house currency.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; it stays with the entry.")],
    alone: Annotated[bool, typer.Option("--alone", help=_ALONE)] = False,
    data: Data = None,
) -> None:
    """Give back part of what an order was charged, or all of it, whatever its provider says."""
    wish = Wish(amount_of(amount, least=CHARGE_STEP), reason, secrets.token_urlsafe(16))
    actor = Actor(getpass.getuser())

    async def work(backends: Backends) -> Refunded:
        return await refund(backends, order, wish, actor=actor, alone=alone)

    done = run_with(data, work)
    if done.why_not:
        raise Failure(done.why_not)
    if done.waits:
        say(f"Refund {done.number} waits for another operator, or --alone: {done.waits}.")
    else:
        say(f"{plain(wish.amount)} of order {order} is given back.")


@app.command(name="refill")
def fill_up(order: Number, *, note: Note, data: Data = None) -> None:
    """Ask an order's provider to deliver again what was lost since its end."""

    async def work(backends: Backends) -> RefillAsked:
        return await ask_refill(backends, order, actor=Actor(getpass.getuser()), reason=note)

    done = run_with(data, work)
    if done.why_not:
        raise Failure(done.why_not)
    say(f"Refill {done.number} of order {order} is recorded; its provider will be asked.")
