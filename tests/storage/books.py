"""A small life of orders, written by the storage alone: no catalog, no provider, no HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from gateway.domain.catalog import OfferRef
from gateway.domain.following import booking
from gateway.domain.observations import Observation, Word
from gateway.domain.outcomes import Outcome
from gateway.domain.placements import Placement
from gateway.domain.postings import top_up
from gateway.domain.refusals import Refusal
from gateway.domain.sending import Picked
from gateway.domain.services import ServiceType
from gateway.storage import claims, customers, ledger, parts, placing, polling, settling
from gateway.storage.claims import AttemptKey, Start
from gateway.storage.database import Connection, Database
from gateway.storage.ledger import Posting
from gateway.storage.placing import Priced
from gateway.storage.polling import Seen
from gateway.storage.settling import Ended, Taken

ACME = OfferRef("acme", "101")
COST = Decimal("0.9")
CHARGE = Decimal("1.35")
PLACEMENT = Placement(1, ServiceType.DEFAULT, "https://a.example/1", 1_000)
DRIP = Placement(1, ServiceType.DEFAULT, "https://a.example/2", 100, runs=3, interval_minutes=60)
POSTS = Placement(
    1,
    ServiceType.SUBSCRIPTIONS,
    "name",
    500,
    details=(("min", "10"), ("max", "100"), ("posts", "5"), ("delay", "0")),
)
WHOLE = Picked(ACME, COST, "USD", Decimal(1), COST)
IN_RUNS = Picked(ACME, Decimal("0.27"), "USD", Decimal(1), Decimal("0.09"), self_run=True)
PRICED = Priced(
    customer=1,
    placement=PLACEMENT,
    currency="USD",
    charge=CHARGE,
    rate=CHARGE,
    margin_min_percent=Decimal(5),
    revision=1,
    explained={"rule": "1"},
    offers=("acme:101",),
    provider="acme",
    offer="101",
    cost=COST,
    cost_currency="USD",
    conversion=Decimal(1),
)


@dataclass(frozen=True)
class Life:
    """Orders by what became of them."""

    queued: int
    active: int
    partial: int
    failed: int
    unconfirmed: int
    closed: int
    dripping: int
    doubted: int
    subscribed: int


async def customer(connection: Connection, name: str, paid_in: str) -> int:
    """A customer who has paid in."""
    number = await customers.add(connection, name, "", "USD")
    entry = top_up(number, "USD", Decimal(paid_in), f"top_up:{name}")
    await ledger.post(connection, [Posting(entry)], actor="test")
    return number


async def place(connection: Connection, wanted: Sequence[Priced]) -> list[int]:
    """Orders that must all be accepted."""
    placed = await placing.place(connection, wanted)
    assert not [each for each in placed if isinstance(each, Refusal)]
    return [each for each in placed if isinstance(each, int)]


async def begin(
    connection: Connection, orders: Sequence[int], picked: Picked = WHOLE, run: int = 1
) -> dict[int, AttemptKey]:
    """Attempts for queued orders, or for a later run of active ones."""
    starts = [Start(order, picked, PLACEMENT, 60, run) for order in orders]
    return await claims.start(connection, starts, worker=1)


async def end(connection: Connection, ended: Ended) -> None:
    """How an attempt ended, with what follows."""
    locked = (await settling.lock(connection, [ended.key.order]))[ended.key.order]
    costs = await settling.end_attempts(connection, [ended])
    if ended.provider_order:
        taken = [Taken(locked, ended.key, ended.provider_order, costs[ended.key])]
        booked = await settling.confirm(connection, taken, {}, actor="test")
        await ledger.post(connection, booked, actor="test")
    elif ended.outcome is Outcome.UNCERTAIN:
        await settling.doubt(connection, locked, ended, actor="test")
    else:
        released = await settling.fail(connection, [locked], actor="test", reason="refused")
        await ledger.post(connection, released, actor="test")


async def see(connection: Connection, order: int, seen: Observation, parts: int = 0) -> None:
    """One observation, posted and saved."""
    followed = (await polling.lock(connection, [order]))[order]
    booked = booking(
        followed.standing,
        followed.terms,
        followed.customer,
        seen,
        key=f"seen:{followed.seen + 1}",
        equal_for=timedelta(),
    )
    row = Seen(
        order=order,
        before=followed.standing.state,
        state=booked.state,
        progress=booked.progress,
        charged_quantity=booked.charged_quantity,
        cost_booked=booked.cost_booked,
        seen=followed.seen + 1,
        seen_as=str(seen.word),
        start_count=seen.start_count,
        remains=seen.remains,
        poll_seconds=60,
        parts=parts,
    )
    await polling.save(connection, [row])
    postings = [Posting(entry, order) for entry in booked.entries]
    await ledger.post(connection, postings, actor="test")


async def live(database: Database) -> Life:
    """Customers one and two, and an order for each way that a life can take."""
    async with database.transaction() as connection:
        await customer(connection, "one", "100")
        await customer(connection, "two", "7")
        thirds = replace(
            PRICED, charge=Decimal("0.000004"), placement=replace(PLACEMENT, quantity=3)
        )
        drip = replace(PRICED, placement=DRIP, charge=Decimal("0.405"), cost=IN_RUNS.cost)
        posts = replace(PRICED, placement=POSTS)
        wanted = [
            *(PRICED, replace(PRICED, request_id="a", input_sha256=b"x"), thirds, *[PRICED] * 3),
            *(drip, drip, posts),
        ]
        life = Life(*await place(connection, wanted))
        keys = await begin(
            connection, [life.active, life.partial, life.failed, life.unconfirmed, life.closed]
        )
        for order in (life.active, life.partial, life.closed):
            await end(connection, Ended(keys[order], Outcome.ACCEPTED, f"900{order}"))
        await end(connection, Ended(keys[life.failed], Outcome.REFUSED, code="bad_link"))
        await end(
            connection,
            Ended(keys[life.unconfirmed], Outcome.UNCERTAIN, trace=(True, False, False)),
        )
        await see(connection, life.closed, Observation(Word.COMPLETED, COST, remains=0))
        await _live_in_parts(connection, life)
    async with database.transaction() as connection:
        assert await polling.close_old(connection, -1, 10) == 1
        await see(connection, life.partial, Observation(Word.PARTIAL, COST, remains=1))
        await ledger.fold(connection)
    return life


async def _live_in_parts(connection: Connection, life: Life) -> None:
    """Two of three runs went well, or of one of them nobody knows; a subscription has children."""
    drips = [life.dripping, life.doubted]
    for run in (1, 2):
        keys = await begin(connection, drips, IN_RUNS, run)
        for order in drips:
            if (order, run) == (life.doubted, 2):
                await end(connection, Ended(keys[order], Outcome.UNCERTAIN, reason="hangs"))
            else:
                await end(connection, Ended(keys[order], Outcome.ACCEPTED, f"70{order}{run}"))
    (key,) = (await begin(connection, [life.subscribed])).values()
    await end(connection, Ended(key, Outcome.ACCEPTED, "600"))
    assert await parts.name(connection, life.subscribed, "acme", ["601", "602"], None) == {}
    await see(connection, life.subscribed, Observation(Word.ACTIVE), parts=2)
