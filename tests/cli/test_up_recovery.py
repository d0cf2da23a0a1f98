"""`gateway up` killed with -9 between a reply and its settling: the next start knows the order."""

import os
import signal
from collections import Counter

import asyncpg

from gateway.embedded import find
from tests.cli.conftest import House, customer, start
from tests.cli.running import post, run_json
from tests.cli.test_up import LINK, orders, truth, verified, wait_until

ORDERS = 3
SETTLING_WAITS = """
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM pg_advisory_xact_lock(77); RETURN NEW; END $$;
CREATE TRIGGER wait BEFORE UPDATE ON attempts FOR EACH ROW EXECUTE FUNCTION wait();
"""


def kept(house: House) -> int:
    """How many replies are on disk."""
    files = (house.data / "spill").glob("*.journal")
    return sum(file.read_bytes().count(b"\n") for file in files)


async def test_a_reply_survives_kill_9_before_it_is_settled(house: House) -> None:
    first = start(house)
    url = first.ready()
    key = customer(house)
    servers = find(house.data)
    assert servers is not None
    holding = await asyncpg.connect(servers.database_url.replace("+asyncpg", "", 1))
    await holding.execute(SETTLING_WAITS)
    await holding.execute("SELECT pg_advisory_lock(77)")
    for number in range(ORDERS):
        fields = {"service": "1", "link": f"{LINK}{number}", "quantity": "50"}
        assert "order" in post(url, key=key, action="add", **fields)
    wait_until(lambda: kept(house) == ORDERS)
    assert len(truth(house)["orders"]) == ORDERS
    assert Counter(row["state"] for row in orders(house)) == {"sending": ORDERS}
    os.killpg(first.pid, signal.SIGKILL)
    first.wait(10)
    holding.terminate()

    second = start(house, "again")
    second.ready()
    wait_until(lambda: not kept(house))
    ids = {each["link"]: str(each["order"]) for each in truth(house)["orders"]}
    for row in orders(house):
        assert row["state"] not in ("sending", "unconfirmed"), row
        story = run_json("order", "show", str(row["order"]), "--data", str(house.data))
        (attempt,) = story["attempts"]
        assert (attempt["outcome"], attempt["provider_order"]) == ("accepted", ids[row["link"]])
    assert Counter(each["link"] for each in truth(house)["orders"]) == Counter(ids.keys())
    assert verified(house)
    assert second.stop() == 0
    assert list((house.data / "spill").iterdir()) == []
