"""The history of the catalog, and the way back to one of its revisions."""

import csv
import re
from dataclasses import replace

from gateway.domain.operators import Actor, Role
from gateway.operations.apply import Terms, apply
from gateway.operations.plan import plan
from gateway.operations.stored import stored
from gateway.storage.documents import Documents
from tests.admin.filling import form_of
from tests.admin.trading import shop
from tests.admin.visiting import Desk
from tests.operations.shop import Shop

__all__ = ["shop"]

HOSTILE = "</pre><script>alert(1)</script>"


async def revise(shop: Shop, old: str, new: str, note: str) -> Documents:
    """Another revision, with one thing in the markup changed."""
    revision = await stored(shop.backends)
    assert revision is not None
    before = revision.documents
    after = replace(before, markup=before.markup.replace(old, new))
    wanted = await plan(shop.backends, after)
    terms = Terms(note, losses_agreed=True)
    await apply(shop.backends, after, wanted, actor=Actor("=eve"), terms=terms)
    return before


async def test_revisions_are_listed_exported_compared_and_downloaded(
    desk: Desk, shop: Shop
) -> None:
    first = await revise(shop, '"50"', f'"60" # {HOSTILE}', f"dearer {HOSTILE}")
    columns = "providers, services, markup, dialects, sha256, author, note, summary"
    await shop.execute(
        f"INSERT INTO catalog_revisions ({columns}) SELECT {columns} FROM catalog_revisions,"  # noqa: S608  a test's own words
        " generate_series(1, 60) WHERE id = 2"
    )
    await revise(shop, "currency", "# new\ncurrency", "more")
    viewer = await desk.at_work(Role.VIEWER)
    listed = (await viewer.get("/markup/revisions")).text
    assert len(re.findall(r'<a href="/markup/revisions/\d+">', listed)) == 50
    assert re.search(r"active</span> <a href=\"/markup/revisions/63\">", listed)
    (below,) = re.findall(r'rel="next" href="([^"]+)"', listed)
    assert "dearer &lt;/pre&gt;" in (await viewer.get(below)).text
    rows = list(csv.reader((await viewer.get("/markup/revisions?export=csv")).text.splitlines()))
    assert [len(rows), rows[1][0], rows[1][2]] == [64, "63", "'=eve"]
    page = (await viewer.get("/markup/revisions/2")).text
    assert HOSTILE not in page
    assert "+percent = &#34;60&#34;" in page
    assert "-# new" in (await viewer.get("/markup/revisions/2?against=active")).text
    file = await viewer.get("/markup/revisions/1/document?file=markup.toml")
    assert file.content == first.markup.encode()
    assert "attachment" in file.headers["content-disposition"]
    for path in ("99", "99999999999999999999", "2/document?file=../etc", "99/rollback"):
        assert (await viewer.get(f"/markup/revisions/{path}")).status_code == 404, path
    for query in ("before=x", "before=99999999999999999999", "sort=1&page=-1"):
        assert (await viewer.get(f"/markup/revisions?{query}")).status_code == 200, query


async def test_the_way_back_is_looked_at_and_then_gone(desk: Desk, shop: Shop) -> None:
    await revise(shop, '"50"', '"60"', "dearer")
    path = "/markup/revisions/1/rollback"
    ann = await desk.at_work(Role.OPERATOR, "ann")
    page = (await ann.get(path)).text
    assert "4 services<" in page
    form = {**form_of(page), "reason": "customers left"}
    assert (await ann.post(path, {**form, "reason": " "})).status_code == 409
    await revise(shop, '"60"', '"70"', "meanwhile")
    stale = await ann.post(path, form)
    assert (stale.status_code, "revision 3 was made active" in stale.text) == (409, True)
    again = form_of(stale.text)
    assert again["reason"] == "customers left"
    assert (await ann.post(path, again)).headers["location"] == "/markup/revisions/1"
    assert "is the active one already" in (await ann.post(path, again)).text
    assert "Go back to this revision" in (await ann.get("/markup/revisions/3")).text
    deeds = await shop.rows("SELECT actor, what, subject, reason FROM deeds ORDER BY id")
    assert deeds[-1] == ("ann", "roll back catalog", "catalog:1", "customers left")
    assert sum(what == "roll back catalog" for _, what, _, _ in deeds) == 1


async def test_nobody_rolls_back_into_new_losses_by_a_slip(desk: Desk, shop: Shop) -> None:
    await revise(shop, '"50"', '"1"', "sale")
    await revise(shop, '"1"', '"50"', "over")
    path = "/markup/revisions/2/rollback"
    ann = await desk.at_work(Role.OPERATOR)
    form = {**form_of(page := (await ann.get(path)).text), "reason": "again"}
    assert "Tick that this is meant" in (await ann.post(path, form)).text
    token = re.findall(r'id="losses" value="(\w+)"', page)[0]
    assert (await ann.post(path, {**form, "losses": token})).status_code == 303
