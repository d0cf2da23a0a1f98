"""Every dialect as front door in front of every dialect as provider, over real HTTP."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from gateway import wiring
from gateway.dialects.book import BOOK
from gateway.dialects.messages import ServicesRead
from gateway.domain.catalog import Listing
from gateway.domain.money import EXACT, plain
from gateway.domain.observations import (
    Accepted,
    Balance,
    Observation,
    RefillSeen,
    RefillWord,
    Refused,
    Taken,
    Word,
)
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType, read_type
from gateway.embedded import Servers
from gateway.sandbox.fates import Fates
from gateway.sandbox.offers import BUILT_IN
from gateway.sandbox.panel import Panel
from gateway.sandbox.terms import Terms
from gateway.sandbox.truth import truth
from gateway.storage.documents import Documents
from gateway.wiring import Addresses
from tests.trade.market import (
    MARKUP,
    Caller,
    Gate,
    keys_of,
    open_gate,
    provider_table,
    serve,
    service_table,
    until,
)
from tests.trade.orders import form_of, order_of

PAID_IN = Decimal(1_000)
MARKED_UP = Decimal("1.5")
PACE = timedelta(minutes=1)
POSTS_MAX = 3
# the provider's offer that is refilled, canceled and run
DEFAULT = "101"
Pair = tuple[str, str]
PAIRS: list[Pair] = [(door, provider) for door in BOOK for provider in BOOK]


class Clock:
    """The sandboxes' time."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Seen:
    """What one caller asked for and was told."""

    services: dict[int, Listing] = field(default_factory=dict[int, Listing])
    placed: dict[str, Placement] = field(default_factory=dict[str, Placement])
    ended: dict[str, Observation] = field(default_factory=dict[str, Observation])
    alone: Observation | None = None
    unknown: object = None
    balance: Decimal = Decimal(0)
    refill: tuple[str, object] = ("", None)
    refilled: object = None
    cancel: tuple[str, object] = ("", None)
    canceled: Observation | None = None


@dataclass
class Market:
    """Five providers behind one gateway, and a customer of every dialect for each of them."""

    gate: Gate
    panels: dict[str, Panel]
    clock: Clock
    numbers: dict[str, dict[str, int]]
    callers: dict[Pair, Caller] = field(default_factory=dict[Pair, Caller])
    seen: dict[Pair, Seen] = field(default_factory=dict[Pair, Seen])

    async def each(self, step: Callable[[Caller, str, Seen], Awaitable[None]]) -> None:
        """One step for all callers at once."""
        await asyncio.gather(
            *(step(self.callers[pair], pair[1], self.seen[pair]) for pair in PAIRS)
        )


@pytest.fixture(scope="module")
async def market(servers: Servers, first_url: str) -> AsyncGenerator[Market]:
    """All 25 pairs at once, from the first order to the last refund."""
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        for name, key in keys_of(BOOK).items():
            patch.setenv(name, key)
        addresses = Addresses(first_url, servers.redis_url, "a secret of the tests")
        async with AsyncExitStack() as stack:
            chance = Random(3)  # noqa: S311  a seed, not a secret
            backends = await stack.enter_async_context(wiring.backends(addresses, chance=chance))
            panels = {name: _panel(name, clock) for name in BOOK}
            urls = {name: await serve(stack, panel) for name, panel in panels.items()}
            documents, numbers = _documents(panels, urls)
            gate = await stack.enter_async_context(open_gate(backends, documents))
            opened = Market(gate, panels, clock, numbers)
            for door, provider in PAIRS:
                caller = await gate.caller(f"{door}-{provider}", door, str(PAID_IN))
                stack.push_async_callback(caller.client.close)
                opened.callers[door, provider] = caller
                opened.seen[door, provider] = Seen()
            await _play(opened)
            yield opened


def _panel(name: str, clock: Clock) -> Panel:
    pace = int(PACE.total_seconds()) * 1_000
    return Panel(BOOK[name], Terms(seed=name), fates=Fates({}, pace, name), clock=clock)


def _documents(
    panels: dict[str, Panel], urls: dict[str, str]
) -> tuple[Documents, dict[str, dict[str, int]]]:
    """An offer of each type of each provider on sale, and our numbers of them."""
    providers = "".join(provider_table(name, url, name) for name, url in urls.items())
    services = ""
    numbers: dict[str, dict[str, int]] = {}
    for name, panel in panels.items():
        firsts = {each.kind_word: each for each in reversed(BUILT_IN) if panel.offered(each.offer)}
        for listing in firsts.values():
            number = 1 + sum(map(len, numbers.values()))
            numbers.setdefault(name, {})[listing.offer] = number
            services += service_table(number, name, listing.offer, _allowed(name, listing))
    return Documents(providers, services, MARKUP), numbers


def _allowed(provider: str, listing: Listing) -> str:
    """What an operator adds: flags that a panel does not tell, a bound that smmia does not have."""
    bounded = read_type(listing.kind_word) is ServiceType.SUBSCRIPTIONS
    rest = f"posts_max = {POSTS_MAX}\n" if bounded else ""
    if provider == "smmbros":
        for name, flag in (("refill", listing.refill), ("cancel", listing.cancel)):
            rest += f"{name} = {str(flag).lower()}\n"
        rest += f"drip_feed = {str(listing.drip_feed).lower()}\n"
    return rest


async def _play(market: Market) -> None:
    await market.each(_read_services)
    await market.each(lambda caller, provider, seen: _place_all(market, caller, provider, seen))
    await _settle(market, _has_ended, PACE / 2)
    await market.each(_read_ends)
    await market.each(lambda caller, provider, seen: _ask(market, caller, provider, seen))
    await until(lambda: _are_forwarded(market), 90)
    await _settle(market, _is_answered, PACE / 15)
    await market.each(_read_balance)


async def _are_forwarded(market: Market) -> bool:
    """Whether every provider heard of the refills and cancels that it can be asked for."""
    for name, panel in market.panels.items():
        found = truth(panel)
        assert isinstance(found, dict)
        for asked, can in (("refills", BOOK[name].refills), ("cancels", BOOK[name].cancels)):
            rows = found[asked]
            assert isinstance(rows, list)
            if can and len(rows) < len(BOOK):
                return False
    return True


async def _settle(
    market: Market, holds: Callable[[Caller, Seen], Awaitable[bool]], step: timedelta
) -> None:
    """Let the sandboxes' time run until every caller has heard the end of it."""

    async def all_hold() -> bool:
        market.clock.now += step
        found = (holds(market.callers[pair], market.seen[pair]) for pair in PAIRS)
        return all(await asyncio.gather(*found))

    await until(all_hold, 60)


async def _read_services(caller: Caller, provider: str, seen: Seen) -> None:
    read = await caller.client.services()
    assert isinstance(read, ServicesRead), read
    assert not read.skipped
    seen.services = {int(listing.offer): listing for listing in read.listings}


async def _place_all(market: Market, caller: Caller, provider: str, seen: Seen) -> None:
    for offer, number in market.numbers[provider].items():
        listing = market.panels[provider].offered(offer)
        kind = read_type(listing.kind_word) if listing else None
        assert kind
        link = f"https://a.example/{caller.dialect.name}/{provider}/{offer}"
        bounded = "posts" in BOOK[provider].spelling.requests.types.get(kind, ("posts",))
        link += "" if bounded else f"#expired&posts={POSTS_MAX}"
        order = order_of(kind, number, link, bounded=bounded)
        seen.placed[await _add(caller, order)] = order
    number = market.numbers[provider][DEFAULT]
    link = f"https://a.example/{caller.dialect.name}/{provider}/dripping"
    dripping = Placement(number, ServiceType.DEFAULT, link, 100, runs=3, interval_minutes=30)
    seen.placed[await _add(caller, dripping)] = dripping


async def _add(caller: Caller, order: Placement) -> str:
    """Through the dialect where it has words for the order, else as a plain form."""
    # an order without posts says so: a dialect that has them would name the bound instead
    if not caller.dialect.why_not_carry(order) and not order.detail("posts_max"):
        attempted = await caller.client.add(str(order.service), order)
        assert attempted.order, (order, attempted)
        return attempted.order
    status, body = await caller.raw(**form_of(order))
    answer = caller.dialect.read_add(status, body)
    assert isinstance(answer, Accepted), (order, answer)
    return answer.order


async def _has_ended(caller: Caller, seen: Seen) -> bool:
    rows = await caller.client.status(list(seen.placed))
    assert isinstance(rows, dict), rows
    ends = (Word.COMPLETED, Word.EXPIRED)
    return all(isinstance(row, Observation) and row.word in ends for row in rows.values())


async def _read_ends(caller: Caller, provider: str, seen: Seen) -> None:
    rows = await caller.client.status([*seen.placed, "999999"])
    assert isinstance(rows, dict), rows
    seen.ended = {order: row for order, row in rows.items() if isinstance(row, Observation)}
    seen.unknown = rows.get("999999")
    first = next(iter(seen.placed))
    alone = await caller.client.status([first])
    assert isinstance(alone, dict), alone
    row = alone[first]
    seen.alone = row if isinstance(row, Observation) else None


async def _ask(market: Market, caller: Caller, provider: str, seen: Seen) -> None:
    """A refill of what has ended, and a cancel of what has just begun."""
    number = market.numbers[provider][DEFAULT]
    done = next(order for order, each in seen.placed.items() if each.service == number)
    seen.refill = (done, await caller.refill(done))
    link = f"https://a.example/{caller.dialect.name}/{provider}/regretted"
    order = await _add(caller, Placement(number, ServiceType.DEFAULT, link, 1_000))
    seen.placed[order] = Placement(number, ServiceType.DEFAULT, link, 1_000)

    async def is_running() -> bool:
        # before its provider's yes is on record a cancel is remembered, whatever he can do
        async with market.gate.backends.database.reading() as connection:
            found = await connection.exec_driver_sql(
                "SELECT state FROM orders WHERE id = $1", (int(order),)
            )
            return found.scalar_one() == "active"

    await until(is_running)
    seen.cancel = (order, await caller.cancel(order))


async def _is_answered(caller: Caller, seen: Seen) -> bool:
    order = seen.cancel[0]
    rows = await caller.client.status([order])
    assert isinstance(rows, dict), rows
    row = rows[order]
    assert isinstance(row, Observation)
    seen.canceled = row
    over = row.word in (Word.COMPLETED, Word.PARTIAL, Word.CANCELED)
    if isinstance(seen.refill[1], Taken) and over:
        seen.refilled = await caller.refill_status(seen.refill[1].request or "")
        ends = (RefillWord.COMPLETED, RefillWord.REJECTED)
        return not isinstance(seen.refilled, RefillSeen) or seen.refilled.word in ends
    return over


async def _read_balance(caller: Caller, provider: str, seen: Seen) -> None:
    left = await caller.client.balance()
    assert isinstance(left, Balance), left
    seen.balance = left.amount
    rows = await caller.client.status(list(seen.placed))
    assert isinstance(rows, dict), rows
    for order, row in rows.items():
        assert isinstance(row, Observation)
        seen.ended[order] = row


@pytest.mark.parametrize(("door", "provider"), PAIRS)
async def test_every_order_comes_out_right(market: Market, door: str, provider: str) -> None:
    seen = market.seen[door, provider]
    taken = {each.taking.placement.link: each for each in market.panels[provider].orders}
    for order, placement in seen.placed.items():
        there = taken[placement.link].taking.placement
        assert (there.kind, there.comments, there.runs) == (
            placement.kind,
            placement.comments,
            placement.runs,
        )
        ours_to_say = {name: each for name, each in there.details if name != "posts_max"}
        assert ours_to_say.items() <= dict(placement.details).items()
        row = seen.ended[order]
        if placement.kind is ServiceType.SUBSCRIPTIONS:
            assert row.word in (Word.COMPLETED, Word.EXPIRED)
            assert row.charge == taken[placement.link].stand(market.clock()).charge * MARKED_UP
            continue
        rate = seen.services[placement.service].rate
        flat = placement.quantity == 1
        whole = rate if flat else EXACT.multiply(rate, placement.quantity_total) / 1_000
        if order != seen.cancel[0]:
            assert (row.word, row.remains) == (Word.COMPLETED, 0), placement
            assert row.charge == whole.quantize(Decimal("0.000001")), placement
    assert sum((row.charge or Decimal(0) for row in seen.ended.values()), Decimal(0)) == (
        PAID_IN - seen.balance
    )


@pytest.mark.parametrize(("door", "provider"), PAIRS)
async def test_status_alone_and_unknown(market: Market, door: str, provider: str) -> None:
    seen = market.seen[door, provider]
    assert seen.alone is not None
    assert seen.alone == seen.ended[next(iter(seen.placed))]
    assert isinstance(seen.unknown, Refused)
    assert seen.unknown.code is Code.ORDER_NOT_FOUND


@pytest.mark.parametrize(("door", "provider"), PAIRS)
async def test_a_refill_is_done_or_refused(market: Market, door: str, provider: str) -> None:
    seen = market.seen[door, provider]
    if BOOK[provider].refills:
        assert isinstance(seen.refill[1], Taken)
        if seen.refill[1].request:
            assert seen.refilled == RefillSeen(RefillWord.COMPLETED)
        found = truth(market.panels[provider])
        assert isinstance(found, dict)
        assert isinstance(found["refills"], list)
        assert len(found["refills"]) == len(BOOK)
    else:
        assert isinstance(seen.refill[1], Refused)
        assert seen.refill[1].code is Code.REFILL_REFUSED


@pytest.mark.parametrize(("door", "provider"), PAIRS)
async def test_a_cancel_gives_back_or_is_refused(market: Market, door: str, provider: str) -> None:
    seen = market.seen[door, provider]
    assert seen.canceled is not None
    if BOOK[provider].cancels:
        assert isinstance(seen.cancel[1], Taken)
        assert seen.canceled.word in (Word.CANCELED, Word.PARTIAL)
    else:
        assert isinstance(seen.cancel[1], Refused)
        assert seen.cancel[1].code is Code.CANCEL_REFUSED
        assert seen.canceled.word is Word.COMPLETED


@pytest.mark.parametrize("provider", BOOK)
async def test_the_provider_got_each_order_once_and_is_owed_what_we_booked(
    market: Market, provider: str
) -> None:
    found = truth(market.panels[provider])
    assert isinstance(found, dict)
    assert found["duplicates"] == []
    balance = Decimal(str(found["balance"]))
    async with market.gate.backends.database.reading() as connection:
        row = await connection.exec_driver_sql(
            "SELECT sum(cost_booked) AS cost FROM orders WHERE provider = $1", (provider,)
        )
        cost: Decimal = row.scalar_one()
    assert plain(Terms().balance - balance) == plain(cost)
