"""`gateway demo`: one order's whole life in the terminal, then a gateway to try things with."""

import asyncio
import http.client
import json
import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

import typer
import uvloop
from rich.live import Live
from rich.table import Table

from gateway import clock
from gateway.cli.output import CONSOLE, Failure, print_table, table
from gateway.cli.planned import show as print_plan
from gateway.cli.serve import LOOPBACK, open_port, site_of, until_told, where
from gateway.cli.up import (
    AdminPort,
    House,
    Pages,
    household,
    open_pages,
    pretend_provider,
    servers,
)
from gateway.domain.money import ZERO, plain
from gateway.domain.operators import Actor, Role
from gateway.domain.plans import plan as compare
from gateway.operations import Backends
from gateway.operations.add_customer import NewCustomer, add_customer
from gateway.operations.add_operator import Issued, add_operator
from gateway.operations.current_code import current_code
from gateway.operations.list_orders import list_orders
from gateway.operations.verify import verify
from gateway.settings import Settings
from gateway.storage.orders import Listed

PAID_IN = Decimal(100)
LOOK_MILLISECONDS = 250
LOOKS_MAX = 240
ENDS = frozenset({"Completed", "Partial", "Canceled"})
COMMENTS = "What a view!\nWhere is this?\nLovely."
WISHES = (
    {"service": "1", "link": "https://example.com/first#completed", "quantity": "1000"},
    {"service": "1", "link": "https://example.com/second#partial", "quantity": "730"},
    {"service": "2", "link": "https://example.com/third#canceled", "comments": COMMENTS},
)

PROVIDERS = """\
[providers.sandbox]
url = "{url}"
dialect = "standard"
currency = "USD"
key_env = "SANDBOX_KEY"
poll_seconds = 1
"""
SERVICES = """\
[[services]]
id = 1
name = "Followers, worldwide"
category = "Followers"
offers = ["sandbox:101"]

[[services]]
id = 2
name = "Comments in your own words"
category = "Comments"
offers = ["sandbox:201"]

[[services]]
id = 3
name = "Starter set"
category = "Sets"
offers = ["sandbox:301"]
"""
MARKUP = """\
currency = "USD"

[[rules]]
match = { category = "Followers*" }
percent = "40"

[[rules]]
percent = "25"
round_up_to = "0.0001"
margin_min_percent = "5"
"""


class Client:
    """An ordinary panel client: forms out, JSON in, over plain HTTP."""

    def __init__(self, url: str, key: str) -> None:
        self._host = urlsplit(url).netloc
        self._key = key

    async def place(self, wish: dict[str, str]) -> str:
        """An order's id."""
        return str((await self._call({"action": "add", **wish}))["order"])

    async def status(self, orders: list[str]) -> dict[str, dict[str, str]]:
        """The rows of some orders."""
        return await self._call({"action": "status", "orders": ",".join(orders)})

    async def balance(self) -> str:
        """What may still be spent."""
        return (await self._call({"action": "balance"}))["balance"]

    async def _call(self, fields: dict[str, str]) -> dict[str, Any]:
        return await asyncio.to_thread(self._post, urlencode({"key": self._key, **fields}))

    def _post(self, body: str) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self._host, timeout=10)
        try:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", "/api/v2", body, kind)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if "error" in answer:
            raise Failure(f"the gateway refused: {answer['error']}")
        return answer


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="End after the show.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes a free one.")] = 0,
    admin_port: AdminPort = None,
) -> None:
    """Show an order's whole life: a pretend provider, a customer, three orders, every cent."""
    listening = open_port(LOOPBACK, port)
    with _folder() as folder:
        _say("1", "starting PostgreSQL and Valkey of its own")
        with servers(Settings(), folder / "data") as ground:
            pages = Pages(open_pages(LOOPBACK, admin_port), site_of(folder, private=True))
            uvloop.run(_show(House(folder, ground, listening, pages=pages), once=once))


@contextmanager
def _folder() -> Generator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gateway-demo-"))
    folder.chmod(0o711)  # servers started by root run as somebody else, who must get through
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _show(house: House, *, once: bool) -> None:
    async with until_told() as over, pretend_provider(0) as provider:
        _say("2", f"a pretend provider answers at {provider}")
        write_documents(house.config, provider)
        async with household(house) as backends:
            url = where(house.listening)
            _tell_catalog(backends)
            made = await add_customer(backends, "demo", paid_in=PAID_IN, actor=Actor("demo"))
            _say("5", f"customer demo has paid in {plain(PAID_IN)} and has a key")
            client = Client(url, made.key)
            story = asyncio.create_task(_orders(backends, client))
            told = asyncio.create_task(over.wait())
            await asyncio.wait({story, told}, return_when=asyncio.FIRST_COMPLETED)
            if not story.done():
                story.cancel()
                return
            await story
            told.cancel()
            owner = await add_operator(backends, "demo", Role.OWNER, actor=Actor("demo"))
            code = await current_code(backends, owner.name, clock.now())
            _show_pages(house, owner, code or "")
            if not once:
                _invite(url, made, provider, house.config / "data")
                await over.wait()


def write_documents(folder: Path, provider: str) -> None:
    """The documents of the show, with the pretend provider's URL."""
    for name, text in (
        ("providers.toml", PROVIDERS.replace("{url}", provider)),
        ("services.toml", SERVICES),
        ("markup.toml", MARKUP),
    ):
        (folder / name).write_text(text)


def _tell_catalog(backends: Backends) -> None:
    stock = backends.shelf.stock
    _say("3", f"{len(stock.offers)} offers were synced from the provider")
    _say("4", f"catalog revision {stock.catalog.number} is planned and applied")
    print_plan(compare(None, stock.catalog, stock.offers))


async def _orders(backends: Backends, client: Client) -> None:
    """Three orders from their acceptance to their end, and then the account of every cent."""
    placed = [await client.place(wish) for wish in WISHES]
    _say("6", f"three orders are accepted and their charges held: {', '.join(placed)}")
    with Live(console=CONSOLE, refresh_per_second=8) as live:
        for _ in range(LOOKS_MAX):
            rows = await client.status(placed)
            live.update(_statuses(rows))
            if all(row["status"] in ENDS for row in rows.values()):
                break
            await asyncio.sleep(LOOK_MILLISECONDS / 1_000)
        else:
            raise Failure("the orders did not come to their end")
    CONSOLE.print()
    await _account(backends, client)


def _statuses(rows: dict[str, dict[str, str]]) -> Table:
    columns = ("status", "charge", "start_count", "remains")
    return table(
        "What the customer reads",
        ["order", "status", ">charge", ">start count", ">remains"],
        [(order, *(row[column] for column in columns)) for order, row in rows.items()],
    )


async def _account(backends: Backends, client: Client) -> None:
    orders = [order async for order in list_orders(backends)]
    charge = sum((order.standing.charge for order in orders), ZERO)
    net = sum((order.standing.net for order in orders), ZERO)
    cost = sum((order.cost for order in orders), ZERO)
    rows = [_money(order) for order in orders]
    rows.append(("together", "", charge, charge - net, net, cost, net - cost))
    columns = ["order", "state", ">charge", ">refunded", ">net", ">cost", ">margin"]
    print_table("Every cent", columns, rows)
    balance = await client.balance()
    _say("7", f"balance {balance} = {plain(PAID_IN)} - {plain(charge)} + {plain(charge - net)}")
    if Decimal(balance) != PAID_IN - net:
        raise Failure(f"the balance should be {plain(PAID_IN - net)}")
    found = await verify(backends)
    print_table("gateway verify", ["invariant", ">rows found"], list(found.items()))
    if any(found.values()):
        raise Failure("the books do not balance")


def _money(order: Listed) -> tuple[object, ...]:
    standing = order.standing
    back = standing.charge - standing.net
    margin = standing.net - order.cost
    return (standing.id, standing.state, standing.charge, back, standing.net, order.cost, margin)


def _show_pages(house: House, owner: Issued, code: str) -> None:
    if house.pages is None:
        raise AssertionError("the show has pages")
    CONSOLE.rule("The operators' pages")
    for line in (
        f"pages          {where(house.pages.listening)}",
        f"name           {owner.name}",
        f"password       {owner.password}",
        f"second factor  {owner.secret} (for an authenticator)",
        f"code           {code} now, another one in half a minute; then ask",
        f"               {sys.argv[0]} operator code demo --data {house.config / 'data'}",
    ):
        CONSOLE.print(line, markup=False, soft_wrap=True)


def _invite(url: str, made: NewCustomer, provider: str, data: Path) -> None:
    truth = provider.replace("/api/v2", "/truth")
    CONSOLE.rule("It keeps serving: try it, and end it with Ctrl-C")
    for line in (
        f"URL   {url}/api/v2",
        f"key   {made.key}",
        f"curl -d 'key={made.key}&action=services' {url}/api/v2",
        f"curl -d 'key={made.key}&action=add&service=1&link=https://example.com/me&quantity=100'"
        f" {url}/api/v2",
        f"curl -d 'key={made.key}&action=status&orders=1,2,3' {url}/api/v2",
        f"curl -d 'key={made.key}&action=balance' {url}/api/v2",
        f"curl {truth}          # what the pretend provider really took",
        f"{sys.argv[0]} order show 2 --data {data}",
    ):
        CONSOLE.print(line, markup=False, soft_wrap=True)


def _say(step: str, text: str) -> None:
    CONSOLE.print(f"[bold]{step}[/bold] {text}", soft_wrap=True)
