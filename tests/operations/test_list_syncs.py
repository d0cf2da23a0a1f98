"""What syncs leave behind: a log of the unusual, and each change of a rate."""

from decimal import Decimal

from gateway.domain.operators import Actor
from gateway.operations.agree import agree
from gateway.operations.list_rate_changes import list_rate_changes
from gateway.operations.list_syncs import list_syncs
from gateway.operations.prune import prune
from tests.operations.shop import COST, Shop


async def test_only_what_is_not_as_usual_is_logged_and_a_failure_once(shop: Shop) -> None:
    (first,) = await list_syncs(shop.backends, "acme")
    assert first.well
    assert first.listed == first.appeared > 0
    await shop.sync()
    assert len(await list_syncs(shop.backends, "acme")) == 1
    shop.acme.change(services={"101": {"rate": "0.95"}, "104": {"name": "Other"}})
    await shop.sync()
    latest = (await list_syncs(shop.backends, "acme"))[0]
    assert (latest.changed, latest.quarantined, latest.appeared) == (1, 1, 0)
    await shop.execute("UPDATE sync_log SET well = false, odd = 'x', changed = 0, quarantined = 0")
    shop.acme.change_key("another")
    for _ in range(3):
        await shop.sync()
    failed, before = (await list_syncs(shop.backends, "acme"))[:2]
    assert (failed.well, failed.times, before.id) == (False, 3, latest.id)
    assert await list_syncs(shop.backends, "acme", before=latest.id) == [
        each for each in await list_syncs(shop.backends, "acme") if each.id < latest.id
    ]


async def test_every_change_of_a_rate_is_kept_also_an_agreed_one(shop: Shop) -> None:
    for rate in ("0.95", "2"):
        shop.acme.change(services={"101": {"rate": rate}})
        await shop.sync()
    assert await agree(shop.backends, "acme", ["101"], actor=Actor("ann")) == ["101"]
    kept = await list_rate_changes(shop.backends, "acme", "101")
    assert [(each.old, each.new) for each in kept] == [
        (Decimal("0.95"), Decimal(2)),
        (COST, Decimal("0.95")),
    ]
    assert await list_rate_changes(shop.backends, "acme") == kept
    assert await list_rate_changes(shop.backends, "acme", before=kept[0].id) == kept[1:]
    await shop.execute("UPDATE rate_changes SET at = at - interval '401 days' WHERE new < 1")
    assert await prune(shop.backends)
    assert await list_rate_changes(shop.backends, "acme") == kept[:1]
