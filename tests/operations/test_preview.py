"""What operators see before they apply, and what keeps them from overwriting each other."""

import asyncio
import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.domain.browsing import Column, Filters, Sale
from gateway.domain.catalog import OfferRef
from gateway.domain.edits import RuleText, SetRules, Switch
from gateway.domain.operators import Actor
from gateway.operations.apply import LosesMoney, Overtaken, Terms, apply
from gateway.operations.browse import browse
from gateway.operations.compare import compare
from gateway.operations.drift import drift
from gateway.operations.edit import edit
from gateway.operations.explain import NoSuchCustomer, explain
from gateway.operations.held_offers import held_offers
from gateway.operations.history import history
from gateway.operations.importable import Wanted, importable
from gateway.operations.preview import DocumentErrors, Superseded, preview
from gateway.operations.rollback import rollback
from gateway.operations.rules import rules
from gateway.operations.stored import stored
from gateway.storage.documents import Documents
from gateway.storage.documents_files import write_folder
from tests.operations.shop import MARKUP, Shop, documents, put_on_sale

EVE = Actor("eve", "192.0.2.7")
OURS = '[[rules]]\nmatch = { group = "gold" }\npercent = "40"\n\n[[rules]]\npercent = "50"'


@pytest.fixture
async def wanted(shop: Shop) -> Documents:
    """The documents that are active: Bob is rated as anybody, Ann as gold."""
    await shop.execute(
        "INSERT INTO customers (name, group_name, currency) VALUES ('ann','gold','USD')"
    )
    made = replace(documents(shop.tables), markup=MARKUP.replace('[[rules]]\npercent = "50"', OURS))
    await put_on_sale(shop.backends, made)
    return made


async def with_rules(shop: Shop, before: Documents, **changes: str) -> Documents:
    """The last rule with other values."""
    *others, last = await rules(shop.backends, before.markup)
    edits = SetRules((*others, replace(last, **changes)))
    return await edit(shop.backends, before, [edits])


async def test_of_all_customers_only_those_count_who_ordered_what_goes_off_sale(
    shop: Shop, wanted: Documents
) -> None:
    await shop.order()
    for service, without in ((1, 1), (2, 0)):
        off = await edit(shop.backends, wanted, [Switch(frozenset({service}), enabled=False)])
        assert (await preview(shop.backends, off, operator="eve")).left_without == without


async def test_a_preview_tells_whom_and_what_an_edit_touches(shop: Shop, wanted: Documents) -> None:
    await shop.order()
    dearer = await with_rules(shop, wanted, percent="60")
    found = await preview(shop.backends, dearer, operator="eve")
    assert (found.base, len(found.changes), found.plan.customers) == (2, 4, ("bob",))
    assert found.ordered == 1
    assert [(each.services, each.margin_min_percent) for each in found.rules] == [
        (0, None),
        (4, Decimal("37.50")),
    ]
    await shop.execute("UPDATE orders SET created_at = now() - interval '8 days'")
    assert (await preview(shop.backends, dearer, operator="eve")).ordered == 0
    losing = await with_rules(shop, wanted, percent="", rate="0.01")
    found = await preview(shop.backends, losing, operator="eve")
    assert [change.loss for change in found.changes] == [True] * 4
    assert len(found.plan.new_losses) == 4
    with pytest.raises(DocumentErrors) as raised:
        await preview(shop.backends, replace(wanted, markup="currency =\n"), operator="eve")
    (error,) = raised.value.errors
    assert (error.file, error.line, error.column) == ("markup.toml", 1, 11)
    await shop.execute("UPDATE orders SET created_at = now()")


async def test_of_one_operators_previews_only_the_latest_is_made(
    shop: Shop, wanted: Documents
) -> None:
    async with shop.backends.turns.of("ann"):
        asked = [
            asyncio.create_task(preview(shop.backends, wanted, operator=name))
            for name in ("eve", "eve", "bea")
        ]
        await asyncio.sleep(0)
    first, *others = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(first, Superseded)
    assert not [each for each in others if isinstance(each, BaseException)]


async def test_two_operators_never_overwrite_each_other(shop: Shop, wanted: Documents) -> None:
    backends = shop.backends
    mine = await with_rules(shop, wanted, percent="60")
    theirs = await edit(backends, wanted, [Switch(frozenset({2}), enabled=False)])
    plans = [(await preview(backends, each, operator="eve")).plan for each in (mine, theirs)]
    applied = await apply(backends, theirs, plans[1], actor=EVE, terms=Terms("off", base=2))
    with pytest.raises(Overtaken) as raised:
        await apply(backends, mine, plans[0], actor=EVE, terms=Terms("dearer", base=2))
    assert raised.value.active == applied.revision == 3
    losing = await with_rules(shop, theirs, percent="", rate="0.01")
    plan = (await preview(backends, losing, operator="eve")).plan
    with pytest.raises(LosesMoney):
        await apply(backends, losing, plan, actor=EVE, terms=Terms("sale", base=3))
    await apply(backends, losing, plan, actor=EVE, terms=Terms("sale", 3, losses_agreed=True))
    back = await stored(backends, 2)
    assert back is not None
    plan = (await preview(backends, back.documents, operator="eve")).plan
    with pytest.raises(Overtaken):
        await rollback(backends, 2, plan, actor=EVE, terms=Terms("oops", base=3))
    assert await rollback(backends, 2, plan, actor=EVE, terms=Terms("oops", base=4))
    deeds = await shop.rows(
        "SELECT actor, address, what, subject, before ->> 'revision', after ->> 'losses_agreed',"
        " reason FROM deeds ORDER BY id DESC LIMIT 3"
    )
    assert deeds == [
        ("eve", "192.0.2.7", "roll back catalog", "catalog:2", "4", None, "oops"),
        ("eve", "192.0.2.7", "apply catalog", "catalog:4", "3", "true", "sale"),
        ("eve", "192.0.2.7", "apply catalog", "catalog:3", "2", "false", "off"),
    ]
    assert [line.number for line in await history(backends, 2, before=4)] == [3, 2]
    found = await compare(backends, 2, 3)
    assert found is not None
    assert {file: (each.removed, each.added) for file, each in found.items()} == {
        "services.toml": (0, 1)
    }
    assert await compare(backends, 2, 99) is None


async def test_the_files_are_held_against_what_is_sold_from(
    shop: Shop, wanted: Documents, tmp_path: Path
) -> None:
    write_folder(tmp_path, wanted)
    assert (await drift(shop.backends, tmp_path)).same
    dearer = await with_rules(shop, wanted, percent="60")
    off = await edit(shop.backends, dearer, [Switch(frozenset({2}), enabled=False)])
    await put_on_sale(shop.backends, off)
    found = await drift(shop.backends, tmp_path)
    assert (found.files, found.revision) == (("services.toml", "markup.toml"), 2)
    assert (found.providers, found.services, found.rules) == (0, 1, 1)
    (tmp_path / "markup.toml").write_text("currency = 5")
    with pytest.raises(DocumentErrors):
        await drift(shop.backends, tmp_path)
    own = replace(wanted, dialects={"own": 'base = "standard"\n'})
    assert write_folder(tmp_path, own) == ()
    assert write_folder(tmp_path, wanted) == ("dialects/own.toml",)
    assert not [each for each in os.listdir(tmp_path) if each.startswith(".")]


async def test_what_an_edit_would_charge_is_explained_before_it_is_applied(
    shop: Shop, wanted: Documents
) -> None:
    found = await explain(shop.backends, 1, customer="ann", quantity=1_000)
    assert found is not None
    assert found.quote is not None
    assert found.quote.charge == Decimal("1.26")
    gold, last = await rules(shop.backends, wanted.markup)
    edited = SetRules((replace(gold, percent="30"), RuleText(service="2", rate="9"), last))
    documents = await edit(shop.backends, wanted, [edited])
    for service, rate in ((1, "1.17"), (2, None)):
        found = await explain(shop.backends, service, customer="ann", documents=documents)
        assert found is not None
        assert found.seen is not None
        assert rate is None or found.seen.rated.rate == Decimal(rate)
    assert await explain(shop.backends, 99) is None
    with pytest.raises(NoSuchCustomer):
        await explain(shop.backends, 1, customer="nobody")


async def test_services_are_browsed_and_imported(shop: Shop, wanted: Documents) -> None:
    backends = shop.backends
    off = await edit(backends, wanted, [Switch(frozenset({2}), enabled=False)])
    await put_on_sale(backends, off)
    await shop.execute(
        "UPDATE offers SET state = 'quarantined', note = 'name was it' WHERE offer = '201'"
    )
    await shop.execute("UPDATE provider_states SET offers_version = offers_version + 1")
    await backends.shelf.refresh()
    found = await browse(backends, Filters())
    assert [(row.service.id, row.sale) for row in found.page.rows] == [
        (4, Sale.NOTHING_LIVE),
        (1, Sale.ON_SALE),
        (3, Sale.ON_SALE),
        (2, Sale.OFF),
    ]
    assert found.page.rows[0].why == "acme:201 is quarantined"
    assert found.page.rows[1].offers == (
        (OfferRef("acme", "101"), "listed"),
        (OfferRef("beta", "101"), "listed"),
    )
    some = await browse(backends, Filters(text="s", provider="acme", column=Column.RATE, limit=1))
    assert (len(some.page.rows), some.page.total) == (1, 4)
    held = await held_offers(backends, "acme")
    (offer,) = held.offers
    assert (offer.ref.offer, offer.note) == ("201", "name was it")
    assert held.services == {offer.ref: (4,)}

    offered = await importable(backends, "acme", Wanted())
    assert offered is not None
    able = [each.offer.ref.offer for each in offered.offers if not each.denied]
    chosen = await importable(backends, "acme", Wanted(chosen=(able[0], "101", "none")))
    assert chosen is not None
    assert [entry.id for entry in chosen.entries.entries] == [5]
    more = await edit(backends, off, [chosen.entries])
    assert more.services.startswith(off.services.rstrip("\n"))
    plan = (await preview(backends, more, operator="eve")).plan
    assert [change.id for change in plan.added] == [5]
    assert await importable(backends, "none", Wanted()) is None
