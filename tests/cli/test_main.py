"""Every noun of the command line against one running gateway, as an operator types them."""

import tomllib
from decimal import Decimal

import httpx
import pytest

from gateway.dialects.book import BOOK
from gateway.sandbox.offers import BUILT_IN
from tests.cli.conftest import House, start
from tests.cli.running import post, run, run_json
from tests.plain_http import NO_TLS

LINK = "https://a.example/me"


@pytest.fixture
def data(house: House) -> tuple[str, str]:
    """The option that finds a gateway which is running."""
    start(house).ready()
    return ("--data", str(house.data))


def test_catalog(house: House, data: tuple[str, str]) -> None:
    config = ("--config", str(house.config))
    assert "1 providers, 1 services, 1 rules" in run("catalog", "check", *config)

    entries = tomllib.loads(run("catalog", "import", "acme", "--match", "views", *config, *data))
    views = [each for each in BUILT_IN if each.category == "Views"]
    assert [each["id"] for each in entries["services"]] == list(range(2, len(views) + 2))
    assert {each["offers"][0] for each in entries["services"]} == {
        f"acme:{each.offer}" for each in views
    }
    first = run("catalog", "import", "acme", "--first-id", "50", *config, *data)
    assert first.startswith("[[services]]\nid = 50\n")
    assert "no provider 'other'" in run("catalog", "import", "other", *config, *data, code=1)

    (revision,) = run_json("catalog", "revisions", *data)
    assert (revision["number"], revision["active"], revision["note"]) == (1, True, "gateway up")
    assert "has these documents already" in run("catalog", "apply", *config, *data)
    assert "no revision 9" in run("catalog", "rollback", "9", *data, code=1)
    assert "no service 9" in run("catalog", "explain", "9", *data, code=1)
    assert "sent to" in run("catalog", "explain", "1", "--quantity", "1000", *data)
    assert run_json("catalog", "features", *data)["acme"]["type Package"] is True
    every = run_json("catalog", "features", "--all", *data)
    assert list(every) == ["acme", *(f"dialect {name}" for name in BOOK)]
    assert "refill_status of many" in run("catalog", "features", *data)

    losing = house.config / "markup.toml"
    losing.write_text('currency = "USD"\n[[rules]]\nrate = "0.10"\n')
    assert "would lose money" in run("catalog", "apply", *config, *data, code=1)
    assert len(run_json("catalog", "revisions", *data)) == 1


def test_providers(house: House, data: tuple[str, str]) -> None:
    (listed,) = run_json("provider", "list", *data)
    assert (listed["provider"], listed["offers"], listed["odd"]) == ("acme", len(BUILT_IN), "")
    assert (listed["repairs"], listed["budget"]) == ({}, "")
    synced = run("provider", "sync", "acme", *data)
    assert f"{len(BUILT_IN)} offers listed, 0 quarantined" in synced
    probed = run_json("provider", "probe", "acme", "--config", str(house.config), *data)
    assert [each["understood"] for each in probed["readings"]] == [True] * 6
    assert (probed["best"], probed["differs"], probed["draft"]) == ("standard", False, None)
    assert "paid in at acme" in run("provider", "fund", "acme", "7", "--reference", "w1", *data)
    again = ("fund", "acme", "7", "--reference", "w1")
    assert "booked already" in run("provider", *again, *data, code=1)
    assert "no provider 'x'" in run("provider", "fund", "x", "7", "--reference", "w", *data, code=1)
    (books,) = run_json("reconcile", *data)["providers"]
    assert books["unexplained"] == str(7 - Decimal(books["balance"]))
    header, *rest = run("reconcile", "--csv", *data).splitlines()
    assert header.startswith('"id","class","provider","order","expected","seen","difference"')
    assert rest == []
    assert run_json("provider", "texts", *data) == []
    assert "no provider 'other'" in run("provider", "texts", "other", *data, code=1)
    assert "no provider 'other'" in run("provider", "sync", "other", *data, code=1)


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
        *("link", "quantity", "remains", "advice"),
    }
    assert run_json("order", "list", "--state", "review", *data) == []
    assert "no state 'lost'" in run("order", "list", "--state", "lost", *data, code=1)
    assert order in run("order", "show", order, *data)
    dripping = {"service": "1", "link": LINK, "quantity": "50", "runs": "2", "interval": "5"}
    _show_children(str(post(url, key=second, action="add", **dripping)["order"]), data)
    assert "no order 99" in run("order", "show", "99", *data, code=1)
    assert "only unconfirmed" in run(
        "order", "resolve", order, "--refused", "--note", "x", *data, code=1
    )
    assert "--note" in run("order", "resolve", order, "--refused", *data, code=1)
    assert "no order 99" in run("order", "cancel", "99", *data, code=1)

    assert set(run_json("reconcile", *data)) == {"discrepancies", "providers"}
    assert "rows found" in run("verify", *data)
    assert "nothing to do" in run("migrate", *data)


def _show_children(order: str, data: tuple[str, str]) -> None:
    for _ in range(20):
        if parts := run_json("order", "show", order, *data)["parts"]:
            break
    else:
        raise AssertionError("the provider never named a child")
    assert parts[0]["provider_order"] in run("order", "show", order, *data)


def test_a_list_that_shrank_waits_for_an_operator(house: House, data: tuple[str, str]) -> None:
    gone = {each.offer: None for each in BUILT_IN[1 : len(BUILT_IN) // 2]}
    httpx.post(house.truth, json={"services": gone}, timeout=10, verify=NO_TLS).raise_for_status()
    agree = "`gateway provider sync acme --accept-list` agrees to it"
    assert agree in run("provider", "sync", "acme", *data, code=1)
    (listed,) = run_json("provider", "list", *data)
    assert listed["odd"].endswith(agree)
    assert listed["offers"] == len(BUILT_IN)
    left = len(BUILT_IN) - len(gone)
    assert f"{left} offers" in run("provider", "sync", "acme", "--accept-list", *data)
    (listed,) = run_json("provider", "list", *data)
    assert (listed["odd"], listed["offers"]) == ("", left)


def test_a_dialect_is_written_while_it_runs(house: House, data: tuple[str, str]) -> None:
    gateway = house.processes[-1]
    dialects = house.config / "dialects"
    dialects.mkdir()
    (dialects / "own.toml").write_text('base = "standard"\n')
    gateway.ready("catalog revision 2 ")
    providers = house.config / "providers.toml"
    providers.write_text(providers.read_text().replace('"standard"', '"own"'))
    gateway.ready("catalog revision 3 ")
    acme = run_json("catalog", "features", *data)["acme"]
    assert (acme["dialect"], acme["decodes twice"]) == ("own", False)
    (dialects / "own.toml").write_text("encoded_twice = 5\n")
    assert gateway.ready("dialects/own.toml:1: encoded_twice: ") == "should be true or false"
    (dialects / "own.toml").write_text("encoded_twice = true\n")
    gateway.ready("catalog revision 4 ")
    assert run_json("catalog", "features", *data)["acme"]["decodes twice"] is True
    checked = run_json("catalog", "check", "--config", str(house.config))
    assert checked["dialects"] == 1
    run("catalog", "rollback", "1", *data)
    assert run_json("catalog", "features", *data)["acme"]["dialect"] == "standard"


def test_a_panel_of_no_document_is_probed_without_a_gateway(house: House) -> None:
    panel = ("provider", "probe", "--url", house.truth.replace("/truth", "/api/v2"))
    draft = house.folder / "own.toml"
    told = run_json(*panel, "--key-env", "ACME_KEY", "--write", str(draft))
    assert (told["best"], told["configured"]) == ("standard", None)
    assert tomllib.loads(told["proposal"])["providers"]["panel"]["dialect"] == "standard"
    assert not draft.exists()
    assert "NO_KEY is not set" in run(*panel, "--key-env", "NO_KEY", code=1)
    wrong = run(*panel, "--key-env", "ACME_KEY", code=1, ACME_KEY="another")
    assert "it refuses the key in ACME_KEY: Invalid API key" in wrong
    assert "--url and --key-env" in run(*panel, code=1)
    nobody = ("provider", "probe", "--url", "http://127.0.0.1:1/", "--key-env", "ACME_KEY")
    assert "cannot be reached: ConnectError" in run(*nobody, code=1)
    draft.write_text("")
    assert "is there already" in run(*nobody, "--write", str(draft), code=1)
    key = ("customer", "add", "bob", "--dialect", "own")
    assert "a key speaks one of standard, " in run(*key, code=1)


def test_a_gateway_that_is_not_running_is_told_in_plain_words(house: House) -> None:
    for command in (("verify",), ("customer", "list"), ("catalog", "revisions")):
        assert "no gateway is running on" in run(*command, "--data", str(house.data), code=1)
