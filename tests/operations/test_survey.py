"""A backup restored to an earlier moment: nothing is sent, and all that it forgot is listed."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import make_url

from gateway import wiring
from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.operations.claim import claim
from gateway.operations.fund import fund
from gateway.operations.investigate import investigate
from gateway.operations.notice import BEHIND, ELSEWHERE, HORIZON, notice
from gateway.operations.release import release
from gateway.operations.resolve import Decided
from gateway.operations.survey import Surveyed, survey
from gateway.wiring import Addresses
from tests.emptied import run
from tests.operations.parted import Parted
from tests.operations.shop import Shop

ENOUGH = 6
COSTS = count(100)


@pytest.fixture(autouse=True)
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.domain.evidence.SAMPLES_MIN", ENOUGH)
    monkeypatch.setattr("gateway.domain.judging.SAMPLES_MIN", ENOUGH)


@pytest.fixture
async def copy(shop: Shop, addresses: Addresses) -> AsyncGenerator[Addresses]:
    """Where a backup will be restored to; empty until `backed_up` has filled it."""
    source = make_url(addresses.database_url)
    restored = source.set(database=f"{source.database}_restored")
    yield replace(addresses, database_url=restored.render_as_string(hide_password=False))
    around = source.set(database="postgres")
    await run(around, f"DROP DATABASE IF EXISTS {restored.database} WITH (FORCE)")


async def back_up(shop: Shop, addresses: Addresses, copy: Addresses) -> None:
    """A copy of the database as it is now."""
    await shop.backends.database.close()
    source, to = make_url(addresses.database_url), make_url(copy.database_url)
    around = source.set(database="postgres")
    await run(around, f"CREATE DATABASE {to.database} TEMPLATE {source.database}")


async def active(shop: Shop) -> int:
    """One order of a cost of its own, a second after the one before it."""
    await shop.execute(
        "UPDATE attempts SET started_at = started_at - interval '1 second', "
        "ended_at = ended_at - interval '1 second'"
    )
    return await shop.active(next(COSTS))


async def opened(shop: Shop) -> None:
    """A shop with a history, and with all that was paid in at its provider booked."""
    assert await notice(shop.backends) == ""
    await fund(
        shop.backends, "acme", shop.acme.terms.balance, reference="opening", actor=Actor("ann")
    )
    for _ in range(ENOUGH):
        await active(shop)


async def of_acme(backends: Backends) -> Surveyed:
    return next(each for each in (await survey(backends)).providers if each.provider == "acme")


async def test_what_a_backup_forgot_is_listed_and_nothing_is_sent_twice(
    shop: Shop, addresses: Addresses, copy: Addresses
) -> None:
    await opened(shop)
    queued = [await shop.order(next(COSTS)), await shop.order(next(COSTS))]
    await back_up(shop, addresses, copy)
    await shop.send()  # of all this the backup knows nothing
    later = [await active(shop) for _ in range(3)]
    forgotten = [(await shop.story(each)).order.provider_order for each in (*queued, *later)]
    taken = len(shop.acme.links)

    async with wiring.backends(copy) as restored:
        assert await notice(restored) == ELSEWHERE
        assert await claim(restored, "acme", 1, 8) == []
        at_acme = await of_acme(restored)
        assert [str(each.number) for each in at_acme.unknown] == forgotten
        assert at_acme.why_not == ""
        assert at_acme.missing == at_acme.charged
        assert at_acme.agrees

        assert await release(restored, operator="ann", note="looked at all of them")
        assert not await release(restored, operator="ann", note="again")
        assert await notice(restored) == ""
        assert await claim(restored, "acme", 1, 8) == []  # what was queued is in doubt now
        again = Shop(restored, shop.panels, shop.tables, shop.bob)
        assert [await again.state(each) for each in queued] == ["unconfirmed"] * 2
        await again.execute(
            "UPDATE attempts SET ended_at = ended_at - interval '1 minute' "
            "WHERE outcome = 'uncertain'"
        )
        assert await investigate(restored, again.provider()) == 2
        assert [await again.state(each) for each in queued] == ["active"] * 2
        ids = [(await again.story(each)).order.provider_order for each in queued]
        assert ids == forgotten[:2]
        assert len(shop.acme.links) == taken
        # numbers that customers may have seen are not given to others
        assert await again.order(next(COSTS)) > 1_000_000
        assert len(await claim(restored, "acme", 1, 8)) == 1
        await again.proven()


async def test_a_copy_of_the_files_is_told_by_what_redis_remembers(shop: Shop) -> None:
    assert await notice(shop.backends) == ""
    assert await notice(shop.backends) == ""
    await shop.backends.cache.put(HORIZON, b"9000000000")
    order = await shop.order()
    assert await notice(shop.backends) == BEHIND
    assert await shop.state(order) == "unconfirmed"
    assert await shop.send() == []
    assert await notice(shop.backends) == BEHIND  # until somebody releases it
    assert await release(shop.backends, operator="ann", note="a drill")
    assert await notice(shop.backends) == ""
    await shop.order(2_000)
    assert len(await shop.send()) == 1


async def test_another_database_sends_nothing_before_anybody_has_noticed(shop: Shop) -> None:
    await notice(shop.backends)
    await shop.order()
    await shop.execute("UPDATE installation SET cluster = '1/1/1'")
    assert await shop.send() == []
    assert await notice(shop.backends) == ELSEWHERE


async def test_a_due_run_may_have_been_sent_already(parted: Parted) -> None:
    shop = parted.shop
    await notice(shop.backends)
    order = await parted.dripping(runs=3)
    await shop.send()
    await shop.backends.cache.put(HORIZON, b"9000000000")
    assert await notice(shop.backends) == BEHIND
    attempts = (await shop.story(order)).attempts
    assert [(each["run"], each["outcome"]) for each in attempts] == [
        (1, "accepted"),
        (2, "uncertain"),
    ]
    assert attempts[1]["cost"] == attempts[0]["cost"]
    assert await shop.rows("SELECT next_run_at FROM orders") == [(None,)]
    # and an operator who knows better lets it go on
    assert await shop.decide(order) == Decided()
    assert await release(shop.backends, operator="ann", note="a drill")
    assert len(await shop.send()) == 1


async def test_where_ids_are_not_known_to_rise_nothing_is_said_of_them(shop: Shop) -> None:
    await notice(shop.backends)
    await shop.active()
    at_acme = await of_acme(shop.backends)
    assert at_acme.why_not == "his ids are not known to rise"
    assert not at_acme.agrees


async def test_an_order_that_nobody_knows_makes_the_balance_disagree_until_it_is_listed(
    shop: Shop,
) -> None:
    await opened(shop)
    shop.acme.words.clear()
    placement = shop.placement(777)
    await shop.backends.panels.of(shop.provider()).add("101", placement)
    await active(shop)
    at_acme = await of_acme(shop.backends)
    assert len(at_acme.unknown) == 1
    assert at_acme.agrees
    shop.acme.orders.balance -= 1
    assert not (await of_acme(shop.backends)).agrees
    shop.acme.orders.balance += 1
