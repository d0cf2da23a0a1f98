"""What is printed sloppily is no strict JSON, and says the same to a tolerant reader."""

from decimal import Decimal

import pytest

from gateway.dialects.book import BOOK
from gateway.dialects.json_text import Json, read
from gateway.dialects.tolerant import read_tolerantly
from gateway.sandbox.fates import Fates
from gateway.sandbox.panel import Panel
from gateway.sandbox.sloppy import sloppily
from tests.sandbox.calling import Call, Clock, faulty
from tests.sandbox.speaking import LINK, Speaker

PACE = 1_000
ALL = (
    *("services_sloppy", "balance_sloppy", "status_sloppy", "refill_sloppy"),
    *("refill_status_sloppy", "cancel_sloppy"),
)


ROW: Json = {"1": 1, "2": {"3": "Order not found", "4": ["x", []]}}
VALUES: tuple[Json, ...] = (
    [],
    {},
    {"error": "Incorrect order ID"},
    {"1": "Incorrect order ID", "2": {"5": "true", "6": None, "7": Decimal("0.1")}},
    [ROW, ROW, ROW, ROW, ROW, ROW],
)


def test_each_kind_of_mistake_is_made() -> None:
    row: Json = {"name": "Followers, worldwide", "type": "default", "rate": "0.90", "refill": True}
    printed = sloppily([row, row, row, row, row])
    assert read(printed) is None
    text = printed.decode()
    assert text.startswith("\ufeff<br />\n<b>Notice</b>")
    first, bare, without, both, capitals = text.split("\n},\n")
    assert first.endswith('"refill": true,')
    assert '"type": default,\n' in bare
    assert '"type": "default"\n"rate"' in without
    assert '"type": default\n"rate"' in both
    assert '"Type": "default",\n' in capitals


@pytest.mark.parametrize("value", VALUES)
def test_nothing_is_lost(value: Json) -> None:
    assert read_tolerantly(sloppily(value)) == value


async def everything(us: Speaker, clock: Clock) -> list[object]:
    """What one hears who asks for all that there is, the same of every panel of a dialect."""
    fates = ("completed", "partial", "canceled")
    orders = [await us.add("101", us.placement(link=f"{LINK}#{fate}")) for fate in fates]
    parent = await us.add("101", us.placement(quantity="50", runs="2", interval="5"))
    heard: list[object] = [await us.services(), await us.balance()]
    if us.dialect.cancels:
        heard.append(await us.cancels(parent))
    clock.pass_by(2 * PACE)
    heard += [await us.statuses(*orders, parent, "7"), await us.status(parent)]
    if us.dialect.refills:
        heard.append(await us.refills(orders[0]))
    if us.dialect.refill_status_usable:
        heard.append(await us.refill_statuses("7001"))
    return heard


@pytest.mark.parametrize("name", BOOK)
async def test_all_reads_of_a_sloppy_panel(call: Call, name: str) -> None:
    heard: list[list[object]] = []
    speakers: list[Speaker] = []
    for shares in ({}, dict.fromkeys(ALL, "1")):
        clock = Clock()
        panel = Panel(BOOK[name], None, None, Fates({}, PACE), faulty(**shares), clock)
        speakers.append(Speaker(await call(panel), BOOK[name]))
        heard.append(await everything(speakers[-1], clock))
    assert heard[0] == heard[1]
    clean, sloppy = speakers
    assert not clean.noted
    assert {"bom", "text before", "trailing comma"} <= set(sloppy.noted)
    struck = (await sloppy.caller.truth())["faults"]
    assert isinstance(struck, dict)
    assert {"services_sloppy", "balance_sloppy", "status_sloppy"} <= set(struck)
    assert ("cancel_sloppy" in struck) == BOOK[name].cancels
