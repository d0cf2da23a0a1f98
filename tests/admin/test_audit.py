"""Who did what: filtered, page by page, in full, as a file."""

import csv
import io

from gateway.domain.operators import Actor, Role
from gateway.storage import deeds
from gateway.storage.deeds import Deed
from tests.admin.visiting import Desk

HOSTILE = "<script>alert(1)</script>"
DONE = (
    ("ann", Deed("top up", "customer:7", after={"amount": "5.00"}, reason="=1+1")),
    ("bob", Deed("change operator", "operator:ann", {"role": "viewer"}, {"role": "owner"})),
    ("ann", Deed("refund order", "order:9", {"note": HOSTILE}, {"note": None}, HOSTILE)),
)


async def did(desk: Desk, times: int = 1) -> None:
    async with desk.backends.database.transaction() as connection:
        for _ in range(times):
            for name, deed in DONE:
                await deeds.record(connection, Actor(name, "192.0.2.1"), deed)


EVERY = ["refund order", "change operator", "top up"]
ASKED = {
    "actor=ann": ["refund order", "top up"],
    "what=top+up": ["top up"],
    "subject=order:9": ["refund order"],
    "q=VIEWER": ["change operator"],
    "q=%25": [],
    "from=2000-01-01&to=2199-12-31": EVERY,
    "to=2000-01-02": [],
    "from=2026-99-01&to=9999-12-31&before=x": EVERY,
    f"before={2**64}": EVERY,
    "": EVERY,
}


async def test_filters_and_the_file_agree(desk: Desk) -> None:
    viewer = await desk.at_work(Role.VIEWER)
    await did(desk)
    for asked, whats in ASKED.items():
        page = (await viewer.get(f"/audit?{asked}")).text
        shown = [what for what in EVERY if f"<bdi>{what}</bdi>" in page]
        assert shown == whats, asked
        assert HOSTILE not in page
        file = (await viewer.get(f"/audit?{asked}&export=csv")).text
        rows = list(csv.DictReader(io.StringIO(file)))
        assert [row["what"] for row in rows] == whats, asked
    page = (await viewer.get("/audit?what=top+up")).text
    file = (await viewer.get("/audit?what=top+up&export=csv")).text
    (row,) = csv.DictReader(io.StringIO(file))
    assert (row["why"], row["from where"]) == ("'=1+1", "192.0.2.1")
    assert row["before → after"] == "amount: 5.00"
    assert 'href="/customers/7"' in page


async def test_pages_go_on_and_each_deed_has_its_own(desk: Desk) -> None:
    viewer = await desk.at_work(Role.VIEWER)
    await did(desk, times=20)
    first = (await viewer.get("/audit?actor=ann")).text
    assert 'rel="next"' not in first
    first = (await viewer.get("/audit")).text
    assert first.count("<bdi>192.0.2.1</bdi>") == 50
    assert (await viewer.get("/audit?before=11")).text.count("<bdi>192.0.2.1</bdi>") == 10
    one = (await viewer.get("/audit/2")).text
    assert '<td class="drop"><bdi>viewer</bdi></td><td class="add"><bdi>owner</bdi></td>' in one
    assert 'href="/operators/ann"' in one
    assert (await viewer.get("/audit/61")).status_code == 404
