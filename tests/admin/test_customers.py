"""The list of customers, and one more."""

import csv
import io

import pytest

from gateway.domain.operators import Role
from gateway.operations.identify import identify
from tests.admin.visiting import Desk
from tests.operations.shop import Shop

HOSTILE = '<script>alert("1")</script> & "co"'


async def test_a_customer_is_added_and_his_key_opens_the_door(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.OPERATOR)
    fields = {"name": HOSTILE, "group": "gold", "dialect": "smmia"}
    made = await browser.post("/customers", fields)
    key = made.text.partition('class="key">')[2].partition("<")[0]
    caller = await identify(shop.backends, key)
    assert caller is not None
    assert (caller.name, caller.group, caller.dialect) == (HOSTILE, "gold", "smmia")
    again = await browser.post("/customers", fields)
    assert again.status_code == 409
    assert "Nothing was added" in again.text
    listed = (await browser.get("/customers?sort=-id&group=gold")).text
    assert "<script>" not in listed.replace("<script src=", "")
    assert "&lt;script&gt;" in listed
    assert key not in listed
    told = "SELECT what, after ->> 'group' FROM deeds WHERE actor = 'operator'"
    assert await shop.rows(told) == [("add customer", "gold")]


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "\u202ebob"}, {"dialect": "klingon"}, {"group": "x" * 101}]
)
async def test_what_cannot_be_a_customer_is_not_added(desk: Desk, wrong: dict[str, str]) -> None:
    browser = await desk.at_work(Role.OPERATOR)
    answer = await browser.post("/customers", {"name": "eve", "dialect": "standard"} | wrong)
    assert answer.status_code == 409
    assert "Nothing was changed" in answer.text
    assert "0 rows" in (await browser.get("/customers")).text


async def test_the_file_has_exactly_what_is_shown(desk: Desk, shop: Shop) -> None:
    for number in range(60):
        await shop.customer(f"reseller {number}", str(number))
    browser = await desk.at_work(Role.VIEWER)
    query = "q=RESELLER&enabled=yes&from=5&below=58.5&sort=-available"
    first = (await browser.get(f"/customers?{query}")).text
    assert "54 rows" in first
    assert first.index("reseller 58") < first.index("reseller 57") < first.index("reseller 20")
    second = (await browser.get(f"/customers?{query}&page=2")).text
    assert "reseller 5<" in second
    assert "reseller 9<" not in second
    answer = await browser.get(f"/customers?{query}&export=csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0][3] == "available (USD)"
    assert {row[1] for row in rows[1:]} == {f"reseller {number}" for number in range(5, 59)}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("sort=--id&group=nobody&enabled=perhaps&page=-1", 200),
        ("page=9999999", 200),
        ("from=NaN", 409),
        ("below=-1", 409),
    ],
)
async def test_an_address_that_cannot_be_meant_is_no_fault(
    desk: Desk, query: str, status: int
) -> None:
    browser = await desk.at_work(Role.VIEWER)
    assert (await browser.get(f"/customers?{query}")).status_code == status
