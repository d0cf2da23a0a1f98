"""The matrix of features is made from dialects, documents and lists alone."""

from gateway.dialects.book import BOOK
from gateway.operations.features import features
from gateway.sandbox.offers import BUILT_IN
from tests.operations.shop import Shop
from tests.operations.test_sync import row


async def test_what_a_list_has_on_offer_is_counted(shop: Shop) -> None:
    found = features(shop.backends)
    assert list(found) == ["acme", "beta"]
    acme = found["acme"]
    assert acme["offers"] == len(BUILT_IN)
    drip = [listing.drip_feed for listing in BUILT_IN]
    assert acme["offers with drip-feed"] == drip.count(True)
    assert acme["offers without drip-feed"] == drip.count(False)
    assert acme["offers with drip-feed not known"] == 0
    packages = [each for each in BUILT_IN if each.kind_word == "Package"]
    assert acme["offers of type Package"] == len(packages)
    assert (acme["offers that cannot be sold"], acme["types that cannot be sold"]) == (0, "")


async def test_what_nobody_can_sell_is_named(shop: Shop) -> None:
    await shop.execute("DELETE FROM offers WHERE provider = 'beta'")
    shop.beta.list_only(
        row(1, refill=True),
        row(2, type="Auto Likes"),
        row(3, type="Poll", cancel="0"),
        row(4, type="auto_likes"),
        row(5, type="Comment Likes by ID"),
    )
    await shop.sync("beta")
    tables = {**shop.tables, "beta": shop.tables["beta"] + "\ncalls_per_minute = 7"}
    await shop.reapply(tables)
    beta = features(shop.backends)["beta"]
    assert beta["offers"] == 5
    assert (beta["offers of type Default"], beta["offers of type Poll"]) == (1, 1)
    assert beta["offers that cannot be sold"] == 3
    assert beta["types that cannot be sold"] == "Auto Likes, Comment Likes by ID, auto_likes"
    refill = [beta[f"offers {each}"] for each in ("with refill", "without refill")]
    assert (*refill, beta["offers with refill not known"]) == (1, 0, 4)
    assert (beta["offers without cancel"], beta["calls a minute"]) == (1, 7)


async def test_a_document_and_quirks_show(shop: Shop) -> None:
    tables = {
        name: text + '\norder_field = "id"\npage_size = 50\ndrip_max_total = true\n'
        for name, text in shop.tables.items()
    }
    before = features(shop.backends)["acme"]
    await shop.reapply(tables)
    after = features(shop.backends)["acme"]
    assert {name for name in before if before[name] != after[name]} == {
        "key of an order's id",
        "rows of a page of services",
        "drip-feed bounds hold for all runs",
    }
    assert after["key of an order's id"] == "id"


async def test_built_in_dialects_can_be_shown_beside_them(shop: Shop) -> None:
    found = features(shop.backends, every=True)
    assert list(found) == ["acme", "beta", *(f"dialect {name}" for name in BOOK)]
    for name, dialect in BOOK.items():
        column = found[f"dialect {name}"]
        assert column.items() >= dialect.features().items()
        assert "offers" not in column
    assert found["acme"].items() >= found["dialect standard"].items()
    assert found["dialect smmia"]["refills can be followed"] is False
