"""What is sold, reckoned once, and after a change no more of it than differs."""

from dataclasses import replace

from gateway.admin.visits import Site
from gateway.app import admin, listen
from gateway.domain.operators import Actor
from gateway.domain.sides import Side, side
from gateway.operations.apply import Terms, apply
from gateway.operations.preview import preview
from gateway.operations.stored import stored
from gateway.storage.documents import Documents
from gateway.storage.reckoning import reckoned
from tests.operations.shop import Shop, until


async def active(shop: Shop) -> Documents:
    """The documents that are sold from."""
    found = await stored(shop.backends)
    assert found is not None
    return found.documents


async def known(shop: Shop) -> Side:
    """What is sold, as it is kept."""
    return await reckoned(shop.backends.kept, shop.backends.shelf.stock)


async def dearer(shop: Shop, percent: str) -> None:
    """The same catalog with another markup."""
    before = await active(shop)
    after = replace(before, markup=f'currency = "USD"\n[[rules]]\npercent = "{percent}"\n')
    seen = await preview(shop.backends, after, operator="eve")
    await apply(shop.backends, after, seen.plan, actor=Actor("eve"), terms=Terms("dearer"))


async def test_a_change_of_rules_keeps_the_offers_and_is_reckoned_from_what_is_known(
    shop: Shop,
) -> None:
    before, offers = await known(shop), shop.backends.shelf.stock.offers
    await dearer(shop, "75")
    assert shop.backends.shelf.stock.offers is offers
    after = await known(shop)
    stock = shop.backends.shelf.stock
    assert after == side(stock.catalog, stock.offers)
    assert after.figures != before.figures
    assert await known(shop) is after


async def test_a_change_of_offers_is_reckoned_anew(shop: Shop) -> None:
    before, offers = await known(shop), shop.backends.shelf.stock.offers
    shop.acme.change(services={"101": {"rate": "0.95"}})
    await shop.sync()
    stock = shop.backends.shelf.stock
    assert stock.offers is not offers
    after = await known(shop)
    assert after == side(stock.catalog, stock.offers)
    assert after.figures[1].cost_rate != before.figures[1].cost_rate


async def test_what_is_active_is_not_read_again_to_show_that_it_changes_nothing(
    shop: Shop,
) -> None:
    await dearer(shop, "75")
    seen = await preview(shop.backends, await active(shop), operator="eve")
    assert seen.base == shop.backends.shelf.stock.catalog.number
    assert (seen.changes, seen.plan.summary["changed"]) == ((), 0)
    assert [each.services for each in seen.rules] == [len((await known(shop)).sold)]


async def test_pages_know_of_a_change_before_anybody_looks(shop: Shop) -> None:
    def is_known() -> bool:
        seen = shop.backends.kept.latest("side", Side)
        return seen is not None and seen.catalog is shop.backends.shelf.stock.catalog

    async with admin(shop.backends, listen("127.0.0.1", 0), Site()):
        await until(is_known)
        await dearer(shop, "75")
        await until(is_known)
