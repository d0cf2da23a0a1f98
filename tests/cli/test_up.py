"""`gateway up` as its users run it: real processes, kills, a vanished Redis, changed documents."""

import asyncio
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.cli.up import pretend_provider
from tests.cli.conftest import House, begin, customer, start
from tests.cli.running import post, run, run_json
from tests.plain_http import NO_TLS

LINK = "https://a.example/"


def wait_until(what: Callable[[], bool], seconds: int = 30) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.2)


def orders(house: House) -> list[dict[str, Any]]:
    return run_json("order", "list", "--data", str(house.data))


def truth(house: House) -> dict[str, Any]:
    return httpx.get(house.truth, timeout=10, verify=NO_TLS).json()


def verified(house: House) -> bool:
    return not any(run_json("verify", "--data", str(house.data)).values())


def servers_of(data: Path) -> list[int]:
    """Processes that name the data folder's key, as every embedded server does."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes()
                cwd = os.readlink(entry / "cwd")
            except OSError:
                continue
            if str(data).encode() in words or cwd.startswith(str(data)):
                found.append(int(entry.name))
    return found


def test_an_order_lives_its_whole_life(house: House) -> None:
    gateway = start(house)
    url = gateway.ready()
    key = customer(house)
    ids = [
        post(url, key=key, action="add", service="1", link=f"{LINK}{end}#{end}", quantity="1000")
        for end in ("completed", "partial", "canceled")
    ]
    assert [set(each) for each in ids] == [{"order"}] * 3
    numbers = ",".join(str(each["order"]) for each in ids)

    def ended() -> bool:
        rows = post(url, key=key, action="status", orders=numbers)
        words = [row["status"] for row in rows.values()]
        return words == ["Completed", "Partial", "Canceled"]

    wait_until(ended)
    rows = post(url, key=key, action="status", orders=numbers)
    assert [rows[str(each["order"])]["charge"] for each in ids][::2] == ["1.26", "0.00"]
    left = Decimal(post(url, key=key, action="balance")["balance"])
    assert left == 100 - sum((Decimal(row["charge"]) for row in rows.values()), Decimal(0))
    taken = truth(house)["orders"]
    assert sorted(each["link"] for each in taken) == sorted(
        f"{LINK}{end}#{end}" for end in ("completed", "partial", "canceled")
    )
    assert sum(Decimal(row["cost"]) for row in orders(house)) == sum(
        Decimal(each["charge"]) for each in taken
    )
    assert verified(house)
    assert gateway.stop() == 0
    wait_until(lambda: not servers_of(house.data))


def test_kill_9_of_everything_loses_nothing_and_sends_nothing_twice(house: House) -> None:
    first = start(house)
    url = first.ready()
    key = customer(house)
    answered: list[tuple[int, str]] = []

    def place(number: int) -> None:
        link = f"{LINK}{number}"
        # of one cost they would wait for the one that is in doubt
        fields = {"service": "1", "link": link, "quantity": str(50 + number)}
        try:
            answer = post(url, key=key, action="add", **fields)
        except (httpx.HTTPError, AssertionError, json.JSONDecodeError):
            return
        answered.append((answer["order"], link))
        if len(answered) == 100:
            os.killpg(first.pid, signal.SIGKILL)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(place, range(200)))
    assert 100 <= len(answered) < 200
    first.wait(10)
    second = start(house, "again")
    second.ready()

    def settled() -> bool:
        states = Counter(row["state"] for row in orders(house))
        return not states["queued"] and not states["sending"]

    wait_until(settled)
    assert_none_lost_none_doubled(house, answered)
    assert verified(house)
    assert second.stop() == 0


def assert_none_lost_none_doubled(house: House, answered: list[tuple[int, str]]) -> None:
    known = {row["order"]: row for row in orders(house)}
    taken = Counter(each["link"] for each in truth(house)["orders"])
    assert max(taken.values()) == 1
    for order, link in answered:
        row = known[order]
        assert row["link"] == link
        if row["state"] == "unconfirmed":
            story = run_json("order", "show", str(order), "--data", str(house.data))
            assert story["attempts"][-1]["outcome"] == "uncertain"
            assert story["attempts"][-1]["reason"] == "worker_lost"
        else:
            assert taken[link] == 1, row


def test_customers_are_served_while_redis_is_gone(house: House) -> None:
    gateway = start(house)
    url = gateway.ready()
    key = customer(house)
    before = post(url, key=key, action="services")
    for pid in servers_of(house.data):
        if b"valkey" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
    added = post(url, key=key, action="add", service="1", link=LINK, quantity="50")
    assert post(url, key=key, action="status", order=str(added["order"]))["charge"] == "0.063"
    assert post(url, key=key, action="balance")["balance"] == "99.937"
    assert post(url, key=key, action="services") == before
    wait_until(lambda: len(truth(house)["orders"]) == 1)
    assert gateway.stop() == 0


def test_the_house_ends_in_plain_words_when_its_database_does(house: House) -> None:
    gateway = start(house)
    gateway.ready()
    pid = int((house.data / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    assert gateway.wait(90) == 1
    assert "PostgreSQL has ended by itself" in gateway.output()
    assert "Traceback" not in gateway.output()


def test_two_workers_and_two_web_processes_send_each_order_once(house: House) -> None:
    gateway = start(house)
    gateway.ready()
    key = customer(house)
    data = ["--data", str(house.data)]
    more = [
        begin(house, ["work", *data], "work"),
        begin(house, ["serve", *data, "--port", "0", "--workers", "2"], "serve"),
    ]
    more[0].ready("working")
    url = more[1].ready("serving ").split()[0]
    wait_until(lambda: httpx.get(f"{url}/healthz", verify=NO_TLS).status_code == 200)

    def place(number: int) -> None:
        fields = {"service": "1", "link": f"{LINK}{number}", "quantity": "50"}
        assert "order" in post(url, key=key, action="add", **fields)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(place, range(150)))
    wait_until(lambda: len(truth(house)["orders"]) >= 150)
    taken = truth(house)
    assert (len(taken["orders"]), taken["duplicates"]) == (150, [])
    wait_until(
        lambda: (
            {row["state"] for row in orders(house)}
            <= {"active", "completed", "partial", "canceled"}
        )
    )
    assert verified(house)
    assert [each.stop() for each in (*more, gateway)] == [0, 0, 0]


def test_changed_documents_are_served_within_a_second(house: House) -> None:
    gateway = start(house)
    url = gateway.ready()
    key = customer(house)
    markup = house.config / "markup.toml"
    assert post(url, key=key, action="services")[0]["rate"] == "1.26"
    data = ["--config", str(house.config), "--data", str(house.data)]

    dearer = markup.read_text().replace('percent = "40"', 'percent = "50"')
    markup.write_text(dearer)
    wait_until(lambda: post(url, key=key, action="services")[0]["rate"] == "1.35", 3)

    run("catalog", "rollback", "1", "--data", str(house.data))
    wait_until(lambda: post(url, key=key, action="services")[0]["rate"] == "1.26", 1)

    plan = run_json("catalog", "plan", *data)
    (change,) = plan["changed"]
    assert [change[side]["rate"] for side in ("before", "after")] == ["1.26", "1.35"]
    assert [change[side]["margin_percent"] for side in ("before", "after")] == ["28.57", "33.33"]

    markup.write_text("currency = 7\n")
    wait_until(lambda: "markup.toml:1" in gateway.output(), 5)
    assert post(url, key=key, action="services")[0]["rate"] == "1.26"

    why = run_json("catalog", "explain", "1", "--quantity", "1000", "--data", str(house.data))
    assert [why[name] for name in ("rule", "rate", "charge", "cost")] == [1, "1.26", "1.26", "0.90"]
    assert gateway.stop() == 0

    # the rollback outlives a restart over the files that it turned away from
    markup.write_text(dearer)
    again = start(house, "again")
    url = again.ready()
    assert post(url, key=key, action="services")[0]["rate"] == "1.26"
    assert "gateway catalog export" in " ".join(again.output().split())
    run("catalog", "export", "--to", str(house.config), "--data", str(house.data))
    assert 'percent = "40"' in markup.read_text()
    assert again.stop() == 0


@pytest.mark.parametrize(
    ("file", "before", "after", "message"),
    [
        ("services.toml", "acme:101", "acne:101", "services.toml:5: services[0].offers[0]"),
        ("services.toml", "name =", "nmae =", "services.toml:"),
        ("markup.toml", '"40"', '"-40"', "markup.toml:"),
        ("providers.toml", "USD", "dollars", "providers.toml:"),
        ("markup.toml", "[[rules]]", "[[rules]", "markup.toml:2"),
    ],
)
def test_broken_documents_stop_the_first_start_in_plain_words(
    house: House, file: str, before: str, after: str, message: str
) -> None:
    document = house.config / file
    document.write_text(document.read_text().replace(before, after))
    gateway = start(house)
    assert gateway.wait(30) == 1
    assert message in gateway.output()
    assert "Traceback" not in gateway.output()
    assert message in run("catalog", "check", "--config", str(house.config), code=1)


def test_a_provider_that_is_down_is_told_and_the_rest_starts(house: House) -> None:
    house.sandbox.stop()
    gateway = start(house)
    url = gateway.ready()
    key = customer(house)
    assert post(url, key=key, action="services") == []
    refused = post(url, key=key, action="add", service="1", link=LINK, quantity="50")
    assert refused == {"error": "Service is not available"}
    listed = run_json("provider", "list", "--data", str(house.data))
    assert listed[0]["odd"]
    assert gateway.stop() == 0


def test_a_second_start_on_the_same_folder_keeps_the_data(house: House) -> None:
    first = start(house)
    first.ready()
    key = customer(house)
    assert first.stop() == 0
    second = start(house, "again")
    url = second.ready()
    assert post(url, key=key, action="balance") == {"balance": "100.00", "currency": "USD"}
    assert "catalog revision" not in second.output()
    assert second.stop() == 0


async def test_the_sandbox_gives_no_id_twice_though_it_forgets_its_orders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SANDBOX_KEY", "its-key")
    ids: list[int] = []
    for number in range(2):
        async with pretend_provider(0) as url, httpx.AsyncClient(verify=NO_TLS) as client:
            asked = {"key": "its-key", "action": "add", "service": "101", "quantity": "1000"}
            answer = await client.post(url, data={**asked, "link": f"{LINK}{number}"})
            ids.append(answer.json()["order"])
        await asyncio.sleep(0.02)  # its ids follow the clock
    assert ids[0] < ids[1]
