"""Every noun of the command line against one running gateway, as an operator types them."""

import tomllib
from decimal import Decimal

import pytest

from tests.cli.conftest import House, start
from tests.cli.running import post, run, run_json

LINK = "https://a.example/me"


@pytest.fixture
def data(house: House) -> tuple[str, str]:
    """The option that finds a gateway which is running."""
    start(house).ready()
    return ("--data", str(house.data))


def test_catalog_and_providers(house: House, data: tuple[str, str]) -> None:
    config = ("--config", str(house.config))
    assert "1 providers, 1 services, 1 rules" in run("catalog", "check", *config)

    entries = tomllib.loads(run("catalog", "import", "acme", "--match", "views", *config, *data))
    assert [each["id"] for each in entries["services"]] == [2, 3]
    assert {each["offers"][0] for each in entries["services"]} == {"acme:106", "acme:107"}
    first = run("catalog", "import", "acme", "--first-id", "50", *config, *data)
    assert first.startswith("[[services]]\nid = 50\n")
    assert "no provider 'other'" in run("catalog", "import", "other", *config, *data, code=1)

    (revision,) = run_json("catalog", "revisions", *data)
    assert (revision["number"], revision["active"], revision["note"]) == (1, True, "gateway up")
    assert "has these documents already" in run("catalog", "apply", *config, *data)
    assert "no revision 9" in run("catalog", "rollback", "9", *data, code=1)
    assert "no service 9" in run("catalog", "explain", "9", *data, code=1)
    assert run_json("catalog", "features", *data)["acme"]["type Package"] is True

    (listed,) = run_json("provider", "list", *data)
    assert (listed["provider"], listed["offers"], listed["odd"]) == ("acme", 12, "")
    assert "12 offers listed, 0 quarantined" in run("provider", "sync", "acme", *data)
    assert [each["understood"] for each in run_json("provider", "probe", "acme", *data)] == [
        True
    ] * 3
    assert "no provider 'other'" in run("provider", "sync", "other", *data, code=1)

    losing = house.config / "markup.toml"
    losing.write_text('currency = "USD"\n[[rules]]\nrate = "0.10"\n')
    assert "would lose money" in run("catalog", "apply", *config, *data, code=1)
    assert len(run_json("catalog", "revisions", *data)) == 1


def test_customers_orders_and_books(house: House, data: tuple[str, str]) -> None:
    url = house.processes[-1].output().split("ready ")[1].split()[0]
    key = run_json("customer", "add", "bob", "--balance", "10", *data)["key"]
    assert "a customer 'bob' already" in run("customer", "add", "bob", *data, code=1)
    for amount in ("-1", "NaN", "1e30", "0.0000000000001"):
        run("customer", "add", "eve", "--balance", amount, *data, code=1)
    assert run_json("customer", "top-up", "bob", "2.50", "--reference", "p1", *data) == {
        "customer": 1,
        "available": "12.50",
    }
    assert "booked already" in run(
        "customer", "top-up", "bob", "2.50", "--reference", "p1", *data, code=1
    )
    second = run_json("customer", "key", "bob", "--revoke", *data)["key"]
    assert post(url, key=key, action="balance") == {"error": "Invalid API key"}
    assert post(url, key=second, action="balance")["balance"] == "12.50"

    placed = post(url, key=second, action="add", service="1", link=LINK, quantity="100")
    order = str(placed["order"])
    lines = run_json("customer", "statement", "bob", *data)
    assert [Decimal(line["amount"]) for line in lines] == [10, Decimal("2.5"), Decimal("-0.126")]
    assert lines[-1]["balance"] == "12.374"
    (customer,) = run_json("customer", "list", *data)
    assert (customer["name"], customer["orders"]) == ("bob", 1)

    (listed,) = run_json("order", "list", "--customer", "bob", *data)
    assert set(listed) == {
        *("order", "customer", "service", "provider", "provider_order", "state", "charge", "cost"),
        *("link", "quantity", "remains"),
    }
    assert run_json("order", "list", "--state", "review", *data) == []
    assert "no state 'lost'" in run("order", "list", "--state", "lost", *data, code=1)
    assert order in run("order", "show", order, *data)
    assert "no order 99" in run("order", "show", "99", *data, code=1)
    assert "only unconfirmed" in run(
        "order", "resolve", order, "--refused", "--note", "x", *data, code=1
    )
    assert "--note" in run("order", "resolve", order, "--refused", *data, code=1)
    assert "no order 99" in run("order", "cancel", "99", *data, code=1)

    assert set(run_json("reconcile", *data)) == {"discrepancies", "providers"}
    assert "rows found" in run("verify", *data)
    assert "nothing to do" in run("migrate", *data)


def test_a_gateway_that_is_not_running_is_told_in_plain_words(house: House) -> None:
    for command in (("verify",), ("customer", "list"), ("catalog", "revisions")):
        assert "no gateway is running on" in run(*command, "--data", str(house.data), code=1)
