"""Revisions: applied, told to every process, and taken back."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.operations.apply import Terms, apply
from gateway.operations.history import history
from gateway.operations.plan import plan
from gateway.operations.rollback import rollback
from gateway.storage import revisions
from gateway.storage.documents import DocumentErrors
from gateway.storage.polling import StillNeeded
from tests.operations.shop import MARKUP, RATE, SERVICES, Shop, documents, until

EVE = Actor("eve", "192.0.2.7")
DEARER = MARKUP.replace('percent = "50"', 'percent = "100"')


async def test_a_changed_markup_is_planned_applied_and_taken_back(shop: Shop) -> None:
    wanted = replace(documents(shop.tables), markup=DEARER)
    found = await plan(shop.backends, wanted)
    changed = {change.id: change for change in found.changed}
    assert set(changed) == {1, 2, 3, 4}
    before, after = changed[1].before, changed[1].after
    assert before is not None
    assert after is not None
    assert (str(before.rate), str(after.rate)) == ("1.3500", "1.8000")
    assert not found.losses
    applied = await apply(shop.backends, wanted, found, actor=EVE, terms=Terms("dearer"))
    assert applied.changed
    again = await apply(shop.backends, wanted, found, actor=EVE)
    assert (again.revision, again.changed) == (applied.revision, False)
    await shop.order()
    assert await rollback(shop.backends, applied.revision - 1, None, actor=EVE, terms=Terms("oops"))
    await shop.order()
    assert await shop.rows("SELECT charge, revision_id FROM orders ORDER BY id") == [
        (Decimal("1.8"), applied.revision),
        (RATE, applied.revision - 1),
    ]
    lines = await history(shop.backends, 10)
    assert [(line.number, line.active) for line in lines] == [
        (applied.revision, False),
        (applied.revision - 1, True),
    ]
    assert (lines[0].author, lines[0].note) == ("eve", "dearer")
    assert lines[0].summary["changed"] == 4
    assert not await rollback(shop.backends, 99, None, actor=EVE, terms=Terms())


async def test_a_provider_stays_while_his_orders_have_not_ended(shop: Shop) -> None:
    only_beta = SERVICES.replace('"acme:101", ', "").replace('"acme:', '"beta:')
    order = await shop.active()
    with pytest.raises(StillNeeded, match=r"acme \(1\)"):
        await shop.reapply({"beta": shop.tables["beta"]}, only_beta)
    await shop.reapply(shop.tables, only_beta)
    with pytest.raises(StillNeeded):
        await shop.reapply({"beta": shop.tables["beta"]}, only_beta)
    assert set(shop.backends.shelf.stock.catalog.providers) == set(shop.tables)
    await shop.see(order, status="Completed", charge="0.9", remains="0")
    assert await shop.state(order) == "completed"
    await shop.reapply({"beta": shop.tables["beta"]}, only_beta)
    assert set(shop.backends.shelf.stock.catalog.providers) == {"beta"}


OWN = 'base = "standard"\n[fields]\nlink = "url"\n'


async def test_dialects_are_part_of_a_revision(shop: Shop, another: Backends) -> None:
    before = documents(shop.tables)
    speaking = before.providers.replace('"standard"', '"own"', 1)
    wanted = replace(before, providers=speaking, dialects={"own": OWN, "spare": OWN})
    found = await plan(shop.backends, wanted)
    assert found.providers.changed == ("acme",)
    applied = await apply(shop.backends, wanted, found, actor=EVE)
    assert applied.changed
    assert not (await apply(shop.backends, wanted, found, actor=EVE)).changed
    assert shop.provider().document == OWN
    assert await shop.sync() == ""
    await shop.active()
    assert len(shop.acme.links) == 1

    edited = replace(wanted, dialects={**wanted.dialects, "own": OWN.replace("url", "target")})
    found = await plan(shop.backends, edited)
    assert (found.providers.changed, found.changed) == (("acme",), ())
    later = await apply(shop.backends, edited, found, actor=EVE)
    await another.shelf.refresh()
    assert another.shelf.stock.catalog == shop.backends.shelf.stock.catalog
    assert another.shelf.stock.catalog.providers["acme"].document.count("target") == 1

    assert await rollback(shop.backends, applied.revision, None, actor=EVE, terms=Terms())
    assert shop.provider().document == OWN
    assert await rollback(shop.backends, applied.revision - 1, None, actor=EVE, terms=Terms())
    assert shop.provider().document == ""
    async with shop.backends.database.reading() as connection:
        kept = await revisions.one(connection, later.revision)
    assert kept is not None
    assert (kept.documents, kept.documents.sha256) == (edited, edited.sha256)


async def test_wrong_documents_change_nothing(shop: Shop) -> None:
    wrong = replace(documents(shop.tables), markup="currency = 5")
    with pytest.raises(DocumentErrors):
        await plan(shop.backends, wrong)
    assert len(await history(shop.backends, 10)) == 1


async def test_every_process_sells_from_it_within_a_second(shop: Shop, another: Backends) -> None:
    watching = asyncio.create_task(another.shelf.watch())
    wanted = replace(documents(shop.tables), markup=DEARER)
    found = await plan(shop.backends, wanted)
    applied = await apply(shop.backends, wanted, found, actor=EVE)
    await until(lambda: another.shelf.stock.catalog.number == applied.revision)
    assert another.shelf.stock.catalog == shop.backends.shelf.stock.catalog
    watching.cancel()


async def test_two_operators_at_once_make_one_revision_of_one_text(
    shop: Shop, another: Backends
) -> None:
    wanted = replace(documents(shop.tables), markup=DEARER)
    found = await plan(shop.backends, wanted)
    both = await asyncio.gather(
        *(apply(each, wanted, found, actor=EVE) for each in (shop.backends, another))
    )
    assert sorted(each.changed for each in both) == [False, True]
    assert both[0].revision == both[1].revision
    assert len(await history(shop.backends, 10)) == 2
