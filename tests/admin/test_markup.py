"""The markup's pages: one draft as form and document, previewed, and applied on its base only."""

import re
from dataclasses import replace
from pathlib import Path

from gateway.domain.operators import Actor, Role
from gateway.operations.apply import apply
from gateway.operations.plan import plan
from gateway.operations.services import services
from gateway.operations.stored import stored
from gateway.storage.documents import Documents
from gateway.storage.documents_files import write_folder
from tests.admin.filling import form_of
from tests.admin.trading import shop
from tests.admin.visiting import Browser, Desk
from tests.operations.shop import Shop

__all__ = ["shop"]

NAVIGATION = {"sec_fetch_dest": "document"}
REMARKED = """# ours
currency = "USD"
round_up_to = "0.0001"
margin_min_percent = "5"   # never less

# the big ones
[[rules]]
match = { category = "Followers*" }
percent = "40" # since May

[[rules]]
percent = "50"
"""


async def active(shop: Shop) -> Documents:
    revision = await stored(shop.backends)
    assert revision is not None
    return revision.documents


async def use(shop: Shop, markup: str) -> int:
    made = replace(await active(shop), markup=markup)
    applied = await apply(
        shop.backends, made, await plan(shop.backends, made), actor=Actor("somebody")
    )
    return applied.revision


async def opened(browser: Browser, path: str = "/markup") -> dict[str, str]:
    answer = await browser.get(path)
    assert answer.status_code == 200
    return form_of(answer.text)


async def test_a_rule_is_changed_in_the_form_previewed_and_applied(desk: Desk, shop: Shop) -> None:
    """Remarks stay, who did it and why is on record, and customers are asked the new rate."""
    await use(shop, REMARKED)
    ann = await desk.at_work(Role.OPERATOR, "ann")
    form = await opened(ann)
    assert (form["r0-category"], form["r1-percent"]) == ("Followers*", "50")
    seen = await ann.post("/markup/preview", {**form, "r0-percent": "60", "part": "1"})
    assert "<html" not in seen.text
    assert "1 service<" in seen.text
    assert re.search(r"1\.26.*1\.44", seen.text, re.DOTALL)
    assert (await active(shop)).markup == REMARKED
    sent = {**form, "r0-percent": "60", "note": "dearer"}
    applied = await ann.post("/markup/apply", sent)
    assert applied.headers["location"] == "/markup/revisions/3"
    assert (await active(shop)).markup == REMARKED.replace('"40"', '"60"')
    assert b'"rate":"1.44"' in await services(shop.backends, shop.bob)
    deeds = await shop.rows("SELECT actor, what, subject, reason FROM deeds ORDER BY id")
    assert deeds[-1] == ("ann", "apply catalog", "catalog:3", "dearer")
    again = await ann.post("/markup/apply", sent)
    assert again.status_code == 409
    assert len(await shop.rows("SELECT id FROM catalog_revisions")) == 3


async def test_buttons_of_the_form_move_add_and_remove_rules(desk: Desk, shop: Shop) -> None:
    """Each gives the page back with the changed text; the document shows the same draft."""
    await use(shop, REMARKED)
    ann = await desk.at_work(Role.OPERATOR)

    async def press(form: dict[str, str], intent: str) -> dict[str, str]:
        answer = await ann.post("/markup/edit", {**form, "intent": intent})
        assert answer.status_code == 200
        return form_of(answer.text)

    form = await press(await opened(ann), "down:0")
    assert (form["r0-percent"], form["r1-percent"]) == ("50", "40")
    form = await press(form, "up:1")
    form = await press(form, "add")
    assert [form[f"r{row}-percent"] for row in range(3)] == ["40", "", "50"]
    form |= {"r1-service": "2", "r1-rate": " 9 "}
    form = await press(form, "view:markup.toml")
    assert 'match = { service = 2 }\nrate = "9"\n' in form["markup.toml"]
    assert "r0-place" not in form
    form["markup.toml"] = form["markup.toml"].replace('"9"', '"8"')
    form = await press(form, "view:services.toml")
    assert 'rate = "8"' in form["markup.toml"]
    form = await press(form, "view:form")
    assert form["r1-rate"] == "8"
    form = await press(form, "remove:1")
    assert form["markup.toml"] == REMARKED
    assert (await active(shop)).markup == REMARKED


async def test_what_is_wrong_is_told_by_line_and_column_and_applies_nothing(
    desk: Desk, shop: Shop
) -> None:
    ann = await desk.at_work(Role.OPERATOR)
    form = await opened(ann, "/markup/document?file=markup")
    text = form["markup.toml"]
    broken = {**form, "markup.toml": text + "</textarea><script>alert(1)</script> =\n", "note": "x"}
    answer = await ann.post("/markup/apply", broken)
    line = text.count("\n") + 1
    assert answer.status_code == 409
    assert f"markup.toml, line {line}, column 1" in answer.text
    assert "<script>alert" not in answer.text
    assert form_of(answer.text)["markup.toml"] == broken["markup.toml"]
    to_form = await ann.post("/markup/edit", {**broken, "intent": "view:form"})
    assert "No form can show this" in to_form.text
    assert form_of(to_form.text)["markup.toml"] == broken["markup.toml"]
    rule = await ann.post("/markup/preview", {**await opened(ann), "r0-percent": "many"})
    assert "rules[0].percent" in rule.text
    assert (await active(shop)).markup == text


async def test_no_note_or_a_loss_that_nobody_ticked_applies_nothing(desk: Desk, shop: Shop) -> None:
    ann = await desk.at_work(Role.OPERATOR)
    form = {**await opened(ann), "r0-percent": "1"}
    silent = await ann.post("/markup/apply", {**form, "r0-percent": "60", "note": " "})
    assert (silent.status_code, "say why" in silent.text) == (409, True)
    assert form_of(silent.text)["r0-percent"] == "60"
    refused = await ann.post("/markup/apply", {**form, "note": "sale"})
    assert (refused.status_code, "Tick that this is meant" in refused.text) == (409, True)
    assert refused.text.count("LOSS") == 4
    token = re.findall(r'name="losses" id="losses" value="(\w+)"', refused.text)[0]
    other = {**form, "r0-percent": "2", "note": "sale", "losses": token}
    assert (await ann.post("/markup/apply", other)).status_code == 409
    assert len(await shop.rows("SELECT id FROM catalog_revisions")) == 1
    agreed = await ann.post("/markup/apply", {**form, "note": "sale", "losses": token})
    assert agreed.status_code == 303


async def test_two_operators_never_overwrite_each_other(desk: Desk, shop: Shop) -> None:
    """Who comes second keeps his draft, sees what the first did, and may go on over it."""
    await use(shop, REMARKED)
    ann = await desk.at_work(Role.OPERATOR, "ann")
    bea = await desk.at_work(Role.OPERATOR, "bea")
    theirs, mine = await opened(ann, "/markup/document?file=services"), await opened(bea)
    theirs["services.toml"] = theirs["services.toml"].replace("Likes", "Hearts")
    assert (await ann.post("/markup/apply", {**theirs, "note": "hearts"})).status_code == 303
    refused = await bea.post("/markup/apply", {**mine, "r0-percent": "60", "note": "dearer"})
    assert refused.status_code == 409
    assert "Revision 3 was made active meanwhile" in refused.text
    assert "+name = &#34;Hearts&#34;" in refused.text
    form = form_of(refused.text)
    assert (form["base"], form["r0-percent"], form["note"]) == ("2", "60", "dearer")
    over = form_of((await bea.post("/markup/edit", {**form, "intent": "rebase:3"})).text)
    assert (over["base"], over["r0-percent"]) == ("3", "60")
    assert (await bea.post("/markup/apply", over)).status_code == 303
    both = await active(shop)
    assert "Hearts" in both.services
    assert both.markup == REMARKED.replace('"40"', '"60"')


async def test_a_viewer_may_look_and_preview_but_not_apply(desk: Desk, shop: Shop) -> None:
    viewer = await desk.at_work(Role.VIEWER)
    page = (await viewer.get("/markup")).text
    assert "/markup/apply" not in page
    form = {**form_of(page), "r0-percent": "60", "note": "x", "try-service": "1"}
    tried = await viewer.post("/markup/try/preview", {**form, "try-customer": "bob"})
    assert "<dt>rate</dt><dd><bdi>1.44 USD per 1,000</bdi></dd>" in tried.text
    for path in ("/markup/edit", "/markup/apply"):
        assert (await viewer.post(path, form)).status_code == 403
    assert len(await shop.rows("SELECT id FROM catalog_revisions")) == 1


async def test_what_cannot_be_tried_is_told(desk: Desk, shop: Shop) -> None:
    viewer = await desk.at_work(Role.VIEWER)
    form = await opened(viewer)
    for customer, service, quantity, words in (
        ("nobody", "1", "", "There is no customer nobody."),
        ("", "99", "", "There is no service 99"),
        ("", "ten", "", "a whole number"),
        ("", "1", "9" * 17, "a whole number up to"),
        ("", "4", "1000000000", "cannot be ordered"),
    ):
        typed = {"try-customer": customer, "try-service": service, "try-quantity": quantity}
        answer = await viewer.post("/markup/try/preview", {**form, **typed, "part": "1"})
        assert words in answer.text


async def test_a_draft_outlives_the_session(desk: Desk, shop: Shop) -> None:
    """What a person sent is kept, a script's preview is not; odd characters come back whole."""
    ann = await desk.at_work(Role.OPERATOR, "ann")
    form = await opened(ann, "/markup/document?file=services")
    form["services.toml"] = form["services.toml"].replace('"Likes"', '"Li\u202ekes\u200b"')
    await desk.age(seen_at="31 minutes")
    assert (await ann.post("/markup/preview", {**form, "part": "1"})).status_code == 401
    assert (await ann.post("/markup/preview", form)).status_code == 303
    await desk.sign_in(ann, "ann")
    kept = form_of((await ann.get("/kept")).text, "/markup/preview")
    assert kept["services.toml"] == form["services.toml"]
    page = await ann.post("/markup/preview", kept, **NAVIGATION)
    assert "<html" in page.text
    assert form_of(page.text)["services.toml"] == form["services.toml"]


async def test_what_no_page_sends_changes_nothing(desk: Desk, shop: Shop) -> None:
    ann = await desk.at_work(Role.OPERATOR)
    form = {**await opened(ann), "note": "x"}
    for changes in (
        {"base": "99"},
        {"base": "9" * 40},
        {"base": ""},
        {"view": "nothing.toml"},
        {"intent": "rebase:99"},
        {"intent": "down:99999"},
        {"intent": "view:x"},
        {"r0-place": "7"},
        {"r0-place": "x"},
        {"r1-place": "0"},
        {"r0-percent": "x" * 11_000},
    ):
        for path in ("/markup/edit", "/markup/apply"):
            answer = await ann.post(path, {**form, **changes})
            assert answer.status_code in (200, 409), (path, changes)
    assert len(await shop.rows("SELECT id FROM catalog_revisions")) == 1


async def test_a_folder_that_differs_is_told_with_what_wins(
    desk: Desk, shop: Shop, tmp_path: Path
) -> None:
    before = await active(shop)
    write_folder(tmp_path, before)
    desk.site = replace(desk.site, config=str(tmp_path))
    viewer = await desk.at_work(Role.VIEWER)
    assert "folder on disk" not in (await viewer.get("/markup")).text
    await use(shop, REMARKED)
    warned = (await viewer.get("/markup")).text
    assert re.search(r"markup\.toml\s+\(1 rule, 0 services", warned)
    told = (await viewer.get("/markup/folder")).text
    assert "The folder holds revision <a href" in told
    assert "-# the big ones" in told
    (tmp_path / "markup.toml").write_text("<script> =")
    told = (await viewer.get("/markup/folder")).text
    assert "cannot be used" in told
    assert "<script> =" not in told
