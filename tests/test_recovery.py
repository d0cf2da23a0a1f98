"""A reply that one process received and never settled is settled by the next, once."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import recovery, wiring
from gateway.domain.catalog import OfferRef
from gateway.domain.outcomes import Outcome
from gateway.domain.refusals import Code
from gateway.embedded import Servers
from gateway.operations import Backends, Unreachable
from gateway.operations.claim import claim
from gateway.operations.dispatch import Returned, send, settle
from gateway.operations.reap import reap
from gateway.recovery import Recovery, Reply, decode, encode
from gateway.sender import Sender
from gateway.storage.claims import AttemptKey
from gateway.storage.settling import RAW_BYTES_MAX, Ended
from gateway.storage.spill import Spill
from gateway.storage.spill_file import JournalFile, journals, line
from gateway.wiring import Addresses
from gateway.worker import Worker
from tests.emptied import database_url, shared_url
from tests.operations.parrot import KEY
from tests.operations.shop import (
    KEY_NAMES,
    RATE,
    Serve,
    Shop,
    open_shop,
    serving,
    until,
)

__all__ = ["database_url", "shared_url"]


@pytest.fixture(autouse=True)
def provider_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEY_NAMES:
        monkeypatch.setenv(name, KEY)
    monkeypatch.setattr(recovery, "RETRY_SECONDS", (0, 0))


@pytest.fixture
async def serve() -> AsyncGenerator[Serve]:
    async with serving() as serve:
        yield serve


@pytest.fixture
async def shop(backends: Backends, serve: Serve) -> AsyncGenerator[Shop]:
    async with open_shop(backends, serve) as opened:
        yield opened


@pytest.fixture
def addresses(database_url: str, servers: Servers, tmp_path: Path) -> Addresses:
    spill = tmp_path / "spill"
    return Addresses(database_url, servers.redis_url, "a secret of the tests", spill)


async def journal(addresses: Addresses, backends: Backends) -> Spill:
    made = await wiring.spill(addresses, backends)
    assert made is not None
    return made


@asynccontextmanager
async def next_process(addresses: Addresses, shop: Shop) -> AsyncGenerator[Recovery]:
    """What another process on the same folder reads back with."""
    made = Recovery(shop.backends, await journal(addresses, shop.backends))
    yield made
    await made.close()


async def die_with_replies(shop: Shop, addresses: Addresses) -> list[Returned]:
    """All that is queued is sent and its replies are kept; then the process is gone."""
    departures = await claim(shop.backends, "acme", 1, 100)
    returned = await asyncio.gather(*(send(shop.backends, each) for each in departures))
    kept = Recovery(shop.backends, await journal(addresses, shop.backends))
    pairs = zip(departures, returned, strict=True)
    await asyncio.gather(*(kept.keep(each, reply) for each, reply in pairs))
    await kept.close()  # its lock goes with it, as when the system ends a process
    return list(returned)


def left(addresses: Addresses) -> list[str]:
    assert addresses.spill is not None
    return sorted(path.suffix for path in addresses.spill.iterdir())


async def taken(shop: Shop) -> list[tuple[str, str]]:
    """Every order's state and the provider's id."""
    return await shop.rows("SELECT state, provider_order FROM orders ORDER BY id")


texts = st.text(st.characters(), max_size=60)
replies = st.builds(
    Reply,
    texts,
    texts,
    st.builds(
        Returned,
        st.builds(
            Ended,
            st.builds(AttemptKey, st.integers(1), st.integers(1), st.integers(1)),
            st.sampled_from(Outcome),
            st.none() | texts,
            texts,
            st.none() | texts,
            st.none() | st.tuples(st.booleans(), st.booleans(), st.booleans()),
            st.none() | st.integers(100, 599),
            st.binary(max_size=200),
            st.none() | st.integers(0),
        ),
        st.builds(OfferRef, texts, texts),
        st.none() | st.sampled_from(Code),
        st.none() | st.integers(0, 3_600),
    ),
)


@given(replies)
def test_a_reply_comes_back_as_it_was(reply: Reply) -> None:
    assert decode(encode(reply)) == reply
    assert b"\n" not in encode(reply)


def test_only_what_would_be_written_down_anyway_is_kept_of_long_ones() -> None:
    ended = Ended(AttemptKey(1, 1), Outcome.REFUSED, raw=b"x" * 9_000, reason="y" * 200_000)
    back = decode(encode(Reply("", "", Returned(ended, OfferRef("acme", "1")))))
    assert back is not None
    assert back.returned.ended.raw == b"x" * RAW_BYTES_MAX
    assert len(encode(back)) < 20_000


@pytest.mark.parametrize("record", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b'{"link": 1}'])
def test_what_is_no_reply_is_none(record: bytes) -> None:
    assert decode(record) is None


async def test_a_reply_that_was_not_settled_is_not_lost(shop: Shop, addresses: Addresses) -> None:
    order = await shop.order()
    await die_with_replies(shop, addresses)
    assert await shop.state(order) == "sending"
    assert left(addresses) == [".journal"]
    async with next_process(addresses, shop) as recovery:
        await recovery.read_back()
        (truth,) = shop.acme.orders
        assert await taken(shop) == [("active", str(truth.id))]
        booked = [key for key, _, _, _ in await shop.booked(order)]
        assert sorted(booked) == ["cost", "hold", "settle"]
        assert await shop.funds() == (100 - RATE, 0)
        assert left(addresses) == []
        await recovery.read_back()
    assert await shop.booked(order)
    assert len(shop.acme.links) == 1


async def test_it_is_better_evidence_than_the_reapers_guess(
    shop: Shop, addresses: Addresses
) -> None:
    orders = [await shop.order(), await shop.order(marks="?fault=reset_after")]
    await die_with_replies(shop, addresses)
    await shop.execute("UPDATE attempts SET lease_until = now() - interval '1 second'")
    assert await reap(shop.backends) == 2
    async with next_process(addresses, shop) as recovery:
        await recovery.read_back()
    assert [await shop.state(each) for each in orders] == ["active", "unconfirmed"]
    attempt = await shop.attempt(orders[1])
    assert attempt["reason"] != "worker_lost"
    assert attempt["trace_sent"] is True
    assert left(addresses) == []


async def test_a_refusal_is_read_back_with_all_that_follows(
    shop: Shop, addresses: Addresses
) -> None:
    shop.acme.adds = [b'{"error": "Incorrect service ID"}', b'{"error": "Bad link"}']
    orders = await shop.place(shop.placement(), shop.placement())
    await die_with_replies(shop, addresses)
    async with next_process(addresses, shop) as recovery:
        await recovery.read_back()
    found = await shop.rows("SELECT state, provider FROM orders ORDER BY state")
    assert found[-1] == ("queued", "beta")
    assert len(orders) == len(found) == 2


async def test_what_was_settled_before_the_end_is_not_settled_again(
    shop: Shop, addresses: Addresses
) -> None:
    """A kill between the commit and the emptying of the journal."""
    orders = await shop.place(*(shop.placement() for _ in range(3)))
    await settle(shop.backends, await die_with_replies(shop, addresses))
    before = [await shop.booked(each) for each in orders]
    async with next_process(addresses, shop) as recovery:
        await recovery.read_back()
    assert [await shop.booked(each) for each in orders] == before
    assert left(addresses) == []


async def test_a_sender_that_is_dropped_loses_no_reply(shop: Shop, addresses: Addresses) -> None:
    """It claims, sends and keeps; nobody ever settles."""
    await shop.place(*(shop.placement(50) for _ in range(8)))
    kept = Recovery(shop.backends, await journal(addresses, shop.backends))
    sender = Sender(shop.backends, "acme", 1, kept)
    running = asyncio.create_task(sender.run())
    await until(lambda: sender._returned.qsize() == 8)  # pyright: ignore[reportPrivateUsage]  what no one settled
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await kept.close()
    async with Worker(shop.backends, await journal(addresses, shop.backends)).running():

        async def all_active() -> bool:
            return await shop.rows("SELECT state, count(*) FROM orders GROUP BY 1") == [
                ("active", 8)
            ]

        await until(all_active)
    ids = {number for _, number in await taken(shop)}
    assert ids == {str(each.id) for each in shop.acme.orders}
    assert len(shop.acme.links) == 8
    captured = "SELECT count(*) FROM journal_entries WHERE kind = 'capture'"
    assert await shop.rows(captured) == [(8,)]
    assert left(addresses) == []


async def test_replies_are_on_disk_before_they_are_settled(
    shop: Shop, addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    async def watched(backends: Backends, returned: Sequence[Returned]) -> set[str]:
        assert addresses.spill is not None
        content = b"".join(path.read_bytes() for path in journals(addresses.spill))
        for each in returned:
            assert f'"order": {each.ended.key.order},'.encode() in content
        seen.append(len(returned))
        return await settle(backends, returned)

    monkeypatch.setattr("gateway.sender.settle", watched)
    async with Worker(shop.backends, await journal(addresses, shop.backends)).running():
        for _ in range(3):
            await shop.place(*(shop.placement(50) for _ in range(10)))
        await until(lambda: sum(seen) == 30)
    assert left(addresses) == []


async def test_the_journal_of_a_living_process_is_not_touched(
    shop: Shop, addresses: Addresses
) -> None:
    order = await shop.order()
    (departure,) = await claim(shop.backends, "acme", 1, 1)
    returned = await send(shop.backends, departure)
    async with next_process(addresses, shop) as living:
        await living.keep(departure, returned)
        async with next_process(addresses, shop) as other:
            await other.read_back()
            await living.read_back()
        assert await shop.state(order) == "sending"
        assert left(addresses) == [".journal"]
        await settle(shop.backends, [returned])
        living.forget([returned])
    assert left(addresses) == []


async def test_two_who_read_back_at_once_settle_once(shop: Shop, addresses: Addresses) -> None:
    orders = await shop.place(*(shop.placement() for _ in range(5)))
    await die_with_replies(shop, addresses)
    async with next_process(addresses, shop) as one, next_process(addresses, shop) as two:
        await asyncio.gather(one.read_back(), two.read_back())
    assert [await shop.state(each) for each in orders] == ["active"] * 5
    assert left(addresses) == []


async def test_another_installations_journal_is_left_alone(
    shop: Shop, addresses: Addresses
) -> None:
    order = await shop.order()
    await die_with_replies(shop, addresses)
    assert addresses.spill is not None
    other = Recovery(shop.backends, Spill(addresses.spill, "gateway:another:1"))
    await other.read_back()
    await other.close()
    assert await shop.state(order) == "sending"
    assert left(addresses) == [".journal"]
    async with next_process(addresses, shop) as recovery:
        await recovery.read_back()
    assert await shop.state(order) == "active"


async def test_a_forgotten_orders_reply_never_becomes_anothers(
    shop: Shop, addresses: Addresses
) -> None:
    """The backup that was restored had not yet heard of the order, and gave its number away."""
    order = await shop.order()
    await die_with_replies(shop, addresses)
    await shop.execute("UPDATE orders SET link = 'https://a.example/else'")
    async with next_process(addresses, shop) as recovery:
        await recovery.read_back()
    assert await shop.state(order) == "sending"
    assert left(addresses) == [".unreadable"]


async def test_what_is_refused_for_good_is_kept_aside_and_takes_no_other_with_it(
    shop: Shop, addresses: Addresses
) -> None:
    orders = await shop.place(*(shop.placement() for _ in range(3)))
    await die_with_replies(shop, addresses)
    await shop.execute("""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE 'never'; END $$;
        """)
    await shop.execute(f"""
        CREATE TRIGGER refuse BEFORE UPDATE ON attempts FOR EACH ROW
          WHEN (NEW.order_id = {orders[1]}) EXECUTE FUNCTION refuse()""")
    try:
        async with next_process(addresses, shop) as recovery:
            await recovery.read_back()
            assert left(addresses) == [".unreadable"]
            await recovery.read_back()
    finally:
        await shop.execute("DROP FUNCTION refuse() CASCADE")
    assert [await shop.state(each) for each in orders] == ["active", "sending", "active"]


async def test_an_order_that_is_locked_waits_and_takes_no_other_with_it(
    shop: Shop, addresses: Addresses
) -> None:
    orders = await shop.place(*(shop.placement() for _ in range(3)))
    await die_with_replies(shop, addresses)
    name = (await shop.rows("SELECT current_database()"))[0][0]
    await shop.execute(f'ALTER DATABASE "{name}" SET lock_timeout = 100')
    try:
        async with wiring.backends(addresses) as hasty:
            other = Recovery(hasty, await journal(addresses, hasty))
            async with shop.backends.database.dedicated() as holding, holding.transaction():
                await holding.execute("SELECT FROM orders WHERE id = $1 FOR UPDATE", orders[1])
                await other.read_back()
            states = [await shop.state(each) for each in orders]
            assert states == ["active", "sending", "active"]
            assert left(addresses) == [".journal"]
            await other.read_back()
            await other.close()
    finally:
        await shop.execute(f'ALTER DATABASE "{name}" RESET lock_timeout')
    assert await shop.state(orders[1]) == "active"
    assert left(addresses) == []


async def test_damage_is_kept_aside_and_the_rest_is_settled(
    shop: Shop, addresses: Addresses
) -> None:
    orders = await shop.place(*(shop.placement() for _ in range(2)))
    await die_with_replies(shop, addresses)
    assert addresses.spill is not None
    (path,) = journals(addresses.spill)
    first, second, _ = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join((first, b"00000000 rotten", second, b"ab12cd")))
    async with next_process(addresses, shop) as recovery:
        await recovery.read_back()
    # the second was not ended by an LF any more: a torn end like what follows
    states = sorted([await shop.state(each) for each in orders])
    assert states == ["active", "active"]
    assert left(addresses) == [".unreadable"]


async def test_a_database_that_is_away_leaves_the_journal_where_it_is(
    shop: Shop, addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await shop.order()
    await die_with_replies(shop, addresses)

    async def away(_backends: Backends, _returned: Sequence[Returned]) -> set[str]:
        raise Unreachable("away")

    async with next_process(addresses, shop) as recovery:
        with monkeypatch.context() as gone:
            gone.setattr("gateway.recovery.settle", away)
            with pytest.raises(Unreachable):
                await recovery.read_back()
        assert left(addresses) == [".journal"]
        await recovery.read_back()
    assert await shop.state(order) == "active"


async def test_orders_are_sent_when_the_journal_cannot_be_written(
    shop: Shop, addresses: Addresses
) -> None:
    assert addresses.spill is not None
    addresses.spill.write_text("no folder")
    async with Worker(shop.backends, await journal(addresses, shop.backends)).running():
        order = await shop.order()

        async def active() -> bool:
            return await shop.state(order) == "active"

        await until(active)


async def test_a_journal_of_nothing_is_removed(shop: Shop, addresses: Addresses) -> None:
    assert addresses.spill is not None
    JournalFile.make(addresses.spill).close(remove=False)
    file = JournalFile.make(addresses.spill)
    file.write(line(b"torn")[:-2])
    file.close(remove=False)
    async with next_process(addresses, shop) as recovery:
        await recovery.read_back()
    assert left(addresses) == []
