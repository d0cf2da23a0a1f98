"""Reading lists: what is recorded, what is held back, and what is sold meanwhile."""

import asyncio
from decimal import Decimal
from random import Random

import pytest

from gateway import wiring
from gateway.dialects.json_text import Json
from gateway.dialects.messages import AskBalance, AskServices
from gateway.domain.catalog import OfferRef
from gateway.domain.operators import Actor
from gateway.domain.refusals import Code, Refusal
from gateway.operations import Backends
from gateway.operations.add import Wanted, add
from gateway.operations.agree import agree
from gateway.operations.offered import offered
from gateway.operations.providers import providers
from gateway.operations.services import services
from gateway.operations.sync import sync, synced_lately
from gateway.sandbox.offers import BUILT_IN
from gateway.wiring import Addresses
from tests.operations.shop import Shop, until

SOLD = OfferRef("acme", "101")
UNAVAILABLE = Refusal(Code.UNAVAILABLE)


def row(offer: int, **fields: Json) -> Json:
    """A row of a services list."""
    return {
        "service": offer,
        "name": f"Offer {offer}",
        "category": "Any",
        "type": "Default",
        "rate": "1.00",
        "min": 10,
        "max": 1_000,
        **fields,
    }


async def states(shop: Shop) -> dict[str, str]:
    """How acme's offers stand."""
    return {offer.ref.offer: offer.state for offer in await offered(shop.backends, "acme")}


async def test_a_first_list_is_recorded_and_sold(shop: Shop) -> None:
    assert list(await states(shop)) == [listing.offer for listing in BUILT_IN]
    assert shop.backends.shelf.stock.offers[SOLD].listing == BUILT_IN[0]
    document, state = (await providers(shop.backends))["acme"]
    assert document == shop.provider()
    assert state is not None
    assert (state.listed, state.sync_error, state.offers_version) == (len(BUILT_IN), "", 1)
    assert state.balance == 1_000_000
    assert await shop.rows("SELECT DISTINCT balance_currency FROM provider_states") == [("USD",)]
    assert state.synced_at is not None
    assert await synced_lately(shop.backends, shop.provider())
    await shop.execute("UPDATE provider_states SET tried_at = now() - interval '1 day'")
    assert not await synced_lately(shop.backends, shop.provider())


async def test_the_same_list_again_changes_nothing(shop: Shop) -> None:
    version = shop.backends.shelf.stock.version
    assert await shop.sync() == ""
    assert not await shop.backends.shelf.refresh()
    assert shop.backends.shelf.stock.version == version


async def test_a_changed_rate_is_what_the_next_order_pays(shop: Shop) -> None:
    shop.acme.change(services={"101": {"rate": "1.00", "max": 20_000}})
    await shop.sync()
    await shop.order(1_000)
    assert await shop.rows("SELECT charge, cost FROM orders") == [(Decimal("1.5"), 1)]
    assert await shop.order(20_000)


async def test_what_was_mended_in_answers_is_counted(shop: Shop) -> None:
    shop.acme.words[AskBalance] = b'{"Balance":"5","CURRENCY":"USD"}'
    await shop.sync()
    first = (await providers(shop.backends))["acme"][1]
    assert first is not None
    assert first.balance == 5
    ((name, times),) = first.repairs.items()
    assert times > 0
    await shop.sync()
    second = (await providers(shop.backends))["acme"][1]
    assert second is not None
    assert second.repairs == {name: 2 * times}
    assert (await providers(shop.backends))["beta"][1] is not None
    assert await shop.rows("SELECT repairs FROM provider_states WHERE provider = 'beta'") == [({},)]


async def test_the_pace_that_a_provider_takes_is_shown(shop: Shop) -> None:
    shop.acme.words[AskBalance] = b'{"error":"Too many requests. Limit 50/minute."}'
    assert await shop.sync() == ""
    learned = (await providers(shop.backends))["acme"][1]
    assert learned is not None
    assert "50 calls a minute" in learned.budget
    assert learned.balance == 1_000_000


async def test_a_reading_by_hand_leaves_what_the_workers_learned(
    shop: Shop, another: Backends
) -> None:
    shop.acme.words[AskBalance] = b'{"error":"Too many requests. Limit 50/minute."}'
    await shop.sync()
    del shop.acme.words[AskBalance]
    assert await sync(another, shop.provider(), by_hand=True) == ""
    assert "50 calls" in str(await shop.rows("SELECT budget FROM provider_states ORDER BY 1 DESC"))
    assert await sync(another, shop.provider()) == ""
    assert await shop.rows("SELECT DISTINCT budget FROM provider_states") == [("",)]


async def test_a_list_that_cannot_be_read_is_counted_too(shop: Shop) -> None:
    shop.acme.words[AskServices] = b'{"error":"Too many requests. Limit 50/minute."}'
    assert await shop.sync() == "Too many requests. Limit 50/minute."
    state = (await providers(shop.backends))["acme"][1]
    assert state is not None
    assert "50 calls a minute" in state.budget


async def test_what_left_the_list_is_sold_through_the_next_offer(shop: Shop) -> None:
    shop.acme.change(services={"101": None, "104": None})
    await shop.sync()
    assert (await states(shop))["101"] == "vanished"
    assert (await shop.story(await shop.order())).order.provider == "beta"
    assert await add(shop.backends, [Wanted(shop.bob, shop.placement(service=2))]) == [UNAVAILABLE]
    shop.acme.change(
        services={"104": {"name": "Likes, worldwide", "category": "Likes", "rate": "0.41",
                          "min": 10, "max": 20_000}}
    )  # fmt: skip
    await shop.sync()
    assert (await states(shop))["104"] == "listed"
    await shop.order(service=2)


@pytest.mark.parametrize(
    ("faults", "says"),
    [
        ({"services_empty": 1}, "the list is empty: nothing was delisted"),
        ({"services_html": 1}, "HTTP 200: the answer is no strictly valid JSON"),
        ({"down": 1}, "ReadError"),
    ],
)
async def test_a_broken_list_delists_nothing(
    shop: Shop, faults: dict[str, Json], says: str
) -> None:
    before = await states(shop)
    shop.acme.change(faults=faults)
    assert (await shop.sync()).startswith(says)
    assert await states(shop) == before
    (_, state) = (await providers(shop.backends))["acme"]
    assert state is not None
    assert state.sync_error.startswith(says)
    assert state.balance == 1_000_000
    await shop.order()
    shop.acme.change(faults=dict.fromkeys(faults, 0))
    assert await shop.sync() == ""


async def test_a_provider_with_another_key_is_not_read(shop: Shop) -> None:
    shop.acme.change_key("another")
    assert await shop.sync() == "Invalid API key"
    await shop.order()


async def test_half_a_list_delists_nothing(shop: Shop) -> None:
    gone = [listing.offer for listing in BUILT_IN[: len(BUILT_IN) // 2]]
    shop.acme.change(services=dict.fromkeys(gone))
    assert f"lost {len(gone)} of {len(BUILT_IN)}" in await shop.sync()
    assert set((await states(shop)).values()) == {"listed"}


@pytest.mark.parametrize("change", [{"name": "Likes"}, {"type": "Package"}, {"category": "B"}])
async def test_another_thing_under_the_same_id_is_not_sold(
    shop: Shop, change: dict[str, Json]
) -> None:
    shop.acme.change(services={"104": change})
    await shop.sync()
    await shop.sync()
    assert (await states(shop))["104"] == "quarantined"
    wanted = [Wanted(shop.bob, shop.placement(service=2))]
    assert await add(shop.backends, wanted) == [UNAVAILABLE]
    assert await agree(shop.backends, "acme", ["104", "105", "999"], actor=Actor("test")) == ["104"]
    assert await agree(shop.backends, "acme", ["104"], actor=Actor("test")) == []
    placed = await add(shop.backends, wanted)
    assert placed == [UNAVAILABLE] if "type" in change else isinstance(placed[0], int)


async def test_what_is_queued_does_not_go_to_another_thing(shop: Shop) -> None:
    order = await shop.order(service=2)
    shop.acme.change(services={"104": {"name": "Something else"}})
    await shop.sync()
    await shop.send()
    assert await shop.state(order) == "failed"
    assert shop.acme.links == []


async def test_a_quarantine_is_not_left_by_vanishing(shop: Shop) -> None:
    shop.acme.change(services={"104": {"name": "Something else"}})
    await shop.sync()
    full = shop.acme.offered("104")
    assert full is not None
    shop.acme.offer([], gone=["104"])
    await shop.sync()
    shop.acme.offer([full])
    await shop.sync()
    assert (await states(shop))["104"] == "quarantined"


async def test_agreeing_is_no_reading_of_the_list(shop: Shop) -> None:
    shop.acme.change(services={"104": {"name": "Something else"}})
    await shop.sync()
    shop.acme.change(faults={"services_html": 1})
    await shop.sync()
    state = "tried_at, sync_error FROM provider_states WHERE provider = 'acme'"
    ((version, *before),) = await shop.rows(f"SELECT offers_version, {state}")
    await agree(shop.backends, "acme", ["104"], actor=Actor("test"))
    ((now, *after),) = await shop.rows(f"SELECT offers_version, {state}")
    assert (now, after) == (version + 1, before)


async def test_rows_that_the_ledger_cannot_hold_harm_no_other_row(shop: Shop) -> None:
    shop.acme.list_only(
        row(1, rate="1e-12"),
        row(2, rate="0.0000000000001"),
        row(3, rate="9" * 30),
        row(4, rate="0.30000000000000004"),
        row(5, min=0, max=10**17),
        row(6, rate="0"),
        row(7, name="a\u0000b\u202e", description="x" * 20_000),
    )
    await shop.execute("DELETE FROM offers WHERE provider = 'acme'")
    assert await shop.sync() == ""
    found = {offer.ref.offer: offer.listing for offer in await offered(shop.backends, "acme")}
    assert list(found) == ["1", "2", "4", "5", "7"]
    assert found["2"].rate == Decimal("1e-12")
    assert found["4"].rate == Decimal("0.300000000001")
    assert found["7"].name == "ab"
    version = shop.backends.shelf.stock.version
    await shop.sync()
    assert shop.backends.shelf.stock.version == version


async def test_the_bell_reaches_every_process(shop: Shop, another: Backends) -> None:
    watching = asyncio.create_task(another.shelf.watch())
    try:
        for rate in ("1.10", "1.40"):
            shop.acme.change(services={"101": {"rate": rate}})
            await shop.sync()
            await until(lambda: another.shelf.stock.version == shop.backends.shelf.stock.version)
            assert another.shelf.stock.offers[SOLD].listing.rate == Decimal(rate)
    finally:
        watching.cancel()


async def test_offers_and_answers_come_from_the_cache(shop: Shop, another: Backends) -> None:
    cached = await shop.backends.cache.get("offers:acme:1")
    assert cached is not None
    await shop.backends.cache.put("offers:acme:2", cached.replace(b"Followers, worldwide", b"Hm"))
    await shop.execute("UPDATE provider_states SET offers_version = 2 WHERE provider = 'acme'")
    assert await another.shelf.refresh()
    assert another.shelf.stock.offers[SOLD].listing.name == "Hm"
    answer = await services(another, shop.bob)
    await shop.backends.shelf.refresh()
    assert await services(shop.backends, shop.bob) == answer


@pytest.mark.parametrize("spoiled", [b"", b"[[1]]", b"{", b"\xff"])
async def test_a_spoiled_cache_is_read_past(shop: Shop, another: Backends, spoiled: bytes) -> None:
    await shop.backends.cache.put("offers:acme:2", spoiled)
    await shop.execute("UPDATE provider_states SET offers_version = 2 WHERE provider = 'acme'")
    assert await another.shelf.refresh()
    assert another.shelf.stock.offers[SOLD].listing == BUILT_IN[0]


async def test_all_goes_on_without_redis(shop: Shop, addresses: Addresses) -> None:
    alone = Addresses(addresses.database_url, "redis://127.0.0.1:1/0", addresses.secret)
    async with wiring.backends(alone, chance=Random(3)) as built:  # noqa: S311  a seed
        watching = asyncio.create_task(built.shelf.watch())
        assert built.shelf.stock.version == shop.backends.shelf.stock.version
        shop.acme.change(services={"101": {"rate": "1.10"}})
        await shop.sync()
        await until(lambda: built.shelf.stock.version == shop.backends.shelf.stock.version)
        shop.acme.change(services={"101": {"rate": "1.40"}})
        assert await sync(built, shop.provider()) == ""
        placed = await add(built, [Wanted(shop.bob, shop.placement(1_000))])
        assert await shop.rows("SELECT id, cost FROM orders") == [(placed[0], Decimal("1.4"))]
        assert b"Followers" in await services(built, shop.bob)
        watching.cancel()


async def test_a_catalog_without_providers_sells_nothing(shop: Shop) -> None:
    await shop.reapply({}, "")
    assert shop.backends.shelf.stock.offers == {}
    assert await add(shop.backends, [Wanted(shop.bob, shop.placement())]) == [
        Refusal(Code.BAD_SERVICE)
    ]
    assert await services(shop.backends, shop.bob) == b"[]"
