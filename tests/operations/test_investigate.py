"""Orders in doubt, decided by evidence against a panel that knows what it really took."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from itertools import count

import pytest

from gateway.dialects.messages import AskBalance, AskStatus
from gateway.domain.catalog import OfferRef
from gateway.domain.operators import Actor
from gateway.domain.outcomes import Outcome
from gateway.operations.dispatch import Returned, settle
from gateway.operations.fund import fund
from gateway.operations.investigate import investigate
from gateway.operations.look_back import look_back
from gateway.operations.resolve import Decided
from gateway.storage import probes
from gateway.storage.claims import AttemptKey
from gateway.storage.investigations import guessed
from gateway.storage.settling import Ended
from tests.operations.shop import COST, RATE, Shop

ENOUGH = 6
"""Samples that these tests' panels are believed after."""
LATE = "11 minutes"

COSTS = count(100)
LOST, NOT_TAKEN = "?fault=reset_after", "?fault=reset_before"


@pytest.fixture(autouse=True)
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.domain.evidence.SAMPLES_MIN", ENOUGH)
    monkeypatch.setattr("gateway.domain.judging.SAMPLES_MIN", ENOUGH)


@pytest.fixture
async def known(shop: Shop) -> Shop:
    """A shop whose provider has shown by six orders, one after another, that his ids rise."""
    for _ in range(ENOUGH):
        await active(shop)
    return shop


async def active(shop: Shop) -> int:
    """One order of a cost of its own, sent and confirmed alone, a second after the one before."""
    await shop.execute(
        "UPDATE attempts SET started_at = started_at - interval '1 second', "
        "ended_at = ended_at - interval '1 second'"
    )
    await shop.execute("UPDATE breakers SET trips = 0, until = NULL")
    return await shop.active(next(COSTS))


async def lost(shop: Shop, marks: str = LOST, quantity: int = 1_000) -> int:
    """One order whose answer never came."""
    await shop.execute(
        "UPDATE attempts SET started_at = started_at - interval '1 second', "
        "ended_at = ended_at - interval '1 second'"
    )
    (order,) = await lost_together(shop, marks, quantity=quantity)
    return order


async def lost_together(shop: Shop, *marks: str, quantity: int = 1_000) -> list[int]:
    """Orders that are alike and were under way at the same time."""
    orders = [await shop.order(quantity, each) for each in marks]
    await shop.send()
    for each in orders:
        assert await shop.state(each) == "unconfirmed"
    return orders


async def passing(shop: Shop) -> int:
    """One that is alike and lost, too, after its lane was free again."""
    await later(shop, "21 minutes")
    order = await lost(shop)
    await shop.execute(
        "UPDATE attempts SET started_at = started_at + interval '21 minutes', "
        "ended_at = ended_at + interval '21 minutes' WHERE order_id < (SELECT max(id) FROM orders)"
    )
    return order


async def later(shop: Shop, time: str = LATE) -> None:
    """Let so much time pass."""
    await shop.execute(
        f"UPDATE attempts SET started_at = started_at - interval '{time}', "  # noqa: S608  ours
        f"ended_at = ended_at - interval '{time}'"
    )
    await shop.execute("UPDATE investigations SET next_at = now() WHERE next_at IS NOT NULL")
    await shop.execute("UPDATE breakers SET trips = 0, until = NULL")


async def look(shop: Shop) -> int:
    return await investigate(shop.backends, shop.provider())


async def disproved(shop: Shop, quantity: int = 1_000) -> int:
    """One order that the provider had not executed when all of his time was over."""
    order = await lost(shop, NOT_TAKEN, quantity)
    await active(shop)
    await later(shop)
    await active(shop)
    await later(shop, "1 minute")
    await look(shop)
    assert await shop.state(order) == "failed"
    return order


async def execute(shop: Shop, order: int) -> None:
    """He does it after all, and takes others afterwards."""
    placed = (await shop.story(order)).order
    again = shop.placement(placed.standing.quantity)
    again = replace(again, link=placed.link)
    await shop.backends.panels.of(shop.provider()).add("101", again)
    await active(shop)


async def look_back_at(shop: Shop) -> int:
    return await look_back(shop.backends, shop.provider())


async def is_trusted(shop: Shop) -> bool:
    """Whether nothing has shaken the belief in the provider's ids."""
    said = "SELECT calibrated_since IS NULL FROM provider_states WHERE provider = 'acme'"
    return await shop.rows(said) == [(True,)]


async def what_is_known(shop: Shop, order: int) -> tuple[str, str]:
    """The rule that spoke last, and the advice to the operator."""
    told = await shop.rows(
        "SELECT order_id, evidence ->> 'rule', recommendation FROM investigations"
    )
    return {row[0]: (row[1], row[2]) for row in told}[order]


async def test_an_order_that_was_taken_is_found_by_its_neighbours(known: Shop) -> None:
    order = await lost(known)
    await active(known)
    assert await look(known) == 0  # not in the first twenty seconds
    await later(known, "30 seconds")
    assert await look(known) == 1
    story = await known.story(order)
    truth = next(each for each in known.acme.orders if str(each.id) == story.order.provider_order)
    assert truth.taking.placement.link == story.order.link
    assert story.order.standing.state == "active"
    assert story.events[-1]["actor"] == "resolver"
    assert story.events[-1]["evidence"]["rule"] == "R1"
    assert story.attempts[-1]["outcome"] == "accepted"
    assert [row["kind"] for row in story.transfers] == ["hold", "capture", "cost"]
    assert await look(known) == 0
    assert len(known.acme.links) == ENOUGH + 2


async def test_an_order_that_was_not_taken_is_refunded_only_when_it_cannot_come_any_more(
    known: Shop,
) -> None:
    order = await lost(known, NOT_TAKEN)
    await active(known)
    await later(known, "5 minutes")
    assert await look(known) == 1
    assert await known.state(order) == "unconfirmed"
    assert (await what_is_known(known, order))[0] == "wait"
    await later(known)
    await active(known)
    await later(known, "1 minute")
    await look(known)
    story = await known.story(order)
    assert story.order.standing.state == "failed"
    assert story.attempts[-1]["outcome"] == "disproved"
    assert story.events[-1]["evidence"]["rule"] == "R2"
    assert [row["kind"] for row in story.transfers] == ["hold", "release"]
    assert story.events[-1]["reason"].startswith("R2: no unknown order of that cost between")


async def test_an_order_that_is_executed_late_is_still_found(known: Shop) -> None:
    order = await lost(known, NOT_TAKEN)
    await active(known)
    await later(known, "1 minute")
    await look(known)
    late = known.placement(1_000)
    link = (await known.story(order)).order.link
    await known.backends.panels.of(known.provider()).add(
        "101", type(late)(1, late.kind, link, 1_000)
    )
    await active(known)
    await later(known, "1 minute")
    await look(known)
    assert await known.state(order) == "active"


async def test_of_two_alike_of_which_one_was_taken_a_person_says_which(known: Shop) -> None:
    one, other = await lost_together(known, LOST, NOT_TAKEN)
    await active(known)
    await later(known)
    await active(known)
    await later(known, "1 minute")
    await look(known)
    assert [await known.state(each) for each in (one, other)] == ["review", "review"]
    rule, advice = await what_is_known(known, one)
    assert rule == "R3"
    (unknown,) = [
        each.id
        for each in known.acme.orders
        if (await known.story(one)).order.link == each.taking.placement.link
    ]
    assert str(unknown) in advice
    assert await known.decide(one, str(unknown)) == Decided()
    await later(known, "1 hour")
    await look(known)
    # what came to review stays there: the advice says what the ids say now
    assert await known.state(other) == "review"
    assert (await what_is_known(known, other))[0] == "R2"


async def test_of_two_alike_apart_in_time_each_is_found(known: Shop) -> None:
    one = await lost(known)
    await active(known)
    other = await passing(known)
    await active(known)
    await later(known, "30 seconds")
    await look(known)
    assert [await known.state(each) for each in (one, other)] == ["active", "active"]
    for each in (one, other):
        story = await known.story(each)
        truth = known.acme.orders.find(story.order.provider_order or "")
        assert truth is not None
        assert truth.taking.placement.link == story.order.link


async def test_another_cost_is_no_rival(known: Shop) -> None:
    one, other = await lost(known), await lost(known, quantity=2_000)
    await active(known)
    await later(known, "30 seconds")
    await look(known)
    assert [await known.state(each) for each in (one, other)] == ["active", "active"]


async def test_a_panel_that_denies_our_own_orders_is_not_believed(known: Shop) -> None:
    order = await lost(known, NOT_TAKEN)
    await active(known)
    await later(known)
    known.acme.words[AskStatus] = b'{"error": "Incorrect order ID"}'
    known.acme.words[AskBalance] = b"gone fishing"
    await look(known)
    assert await known.state(order) == "unconfirmed"
    assert "does not tell of our own orders" in (await what_is_known(known, order))[1]


async def test_too_few_orders_prove_nothing_of_ids(shop: Shop) -> None:
    order = await lost(shop, NOT_TAKEN)
    await active(shop)
    await later(shop)
    await look(shop)
    assert await shop.state(order) == "unconfirmed"
    await later(shop, "6 hours")
    await look(shop)
    assert await shop.state(order) == "review"
    assert "1 samples" in (await what_is_known(shop, order))[1]
    assert not await shop.rows("SELECT 1 FROM probes")


async def test_after_a_day_the_customer_has_his_money_back(shop: Shop) -> None:
    order = await lost(shop, NOT_TAKEN)
    await later(shop, "24 hours")
    await look(shop)
    story = await shop.story(order)
    assert story.order.standing.state == "failed"
    assert story.events[-1]["actor"] == "policy"
    assert story.attempts[-1]["outcome"] == "uncertain"
    assert (await shop.funds())[1] == 0


async def test_a_provider_whose_document_says_so_keeps_it_for_ever(shop: Shop) -> None:
    rest = shop.tables["acme"] + "\nrefund_unproven_hours = 0"
    await shop.reapply({**shop.tables, "acme": rest})
    order = await lost(shop)
    await later(shop, "20 days")
    await look(shop)
    assert await shop.state(order) == "review"
    assert (await shop.funds())[1] == RATE


async def test_an_id_that_is_found_after_the_refund_is_our_loss(known: Shop) -> None:
    order = await lost(known)
    known.acme.words[AskStatus] = known.acme.words[AskBalance] = b"gone fishing"
    await later(known, "24 hours")
    await look(known)
    assert await known.state(order) == "failed"
    known.acme.words.clear()
    await active(known)
    await later(known, "25 hours")
    await look(known)
    assert await known.state(order) == "failed"
    story = await known.story(order)
    assert story.attempts[-1]["outcome"] == "accepted"
    assert [row["kind"] for row in story.transfers] == ["hold", "release", "loss"]
    assert (await known.funds())[1] == 0


async def test_where_ids_say_nothing_an_exact_balance_does(known: Shop) -> None:
    for table in ("attempts", "orders"):
        await known.execute(f"UPDATE {table} SET provider_order = 'x' || provider_order")  # noqa: S608  ours
    order = await lost(known, NOT_TAKEN)
    await fund(
        known.backends, "acme", known.acme.terms.balance, reference="opening", actor=Actor("ann")
    )
    await later(known)
    await look(known)
    assert await known.state(order) == "failed"
    assert (await what_is_known(known, order))[0] == "R2"


async def test_a_balance_that_lacks_its_cost_is_not_overruled_by_ids(known: Shop) -> None:
    await fund(
        known.backends, "acme", known.acme.terms.balance, reference="opening", actor=Actor("ann")
    )
    order = await lost(known, NOT_TAKEN)
    await active(known)
    await later(known)
    await active(known)
    known.acme.words[AskBalance] = (
        b'{"balance": "%s", "currency": "USD"}' % str(known.acme.orders.balance - COST).encode()
    )
    await later(known, "1 minute")
    await look(known)
    assert await known.state(order) == "review"
    assert "the balance lacks 0.9" in (await what_is_known(known, order))[1]


async def test_two_workers_ask_once(known: Shop) -> None:
    await lost(known, NOT_TAKEN)
    await active(known)
    await later(known, "30 seconds")
    asked = known.acme.requests["status"]
    assert await look(known) == 1
    assert await look(known) == 0
    assert known.acme.requests["status"] > asked


async def test_ids_that_were_asked_for_are_not_asked_again(known: Shop) -> None:
    order = await lost(known, NOT_TAKEN)
    await active(known)
    await later(known, "30 seconds")
    await look(known)
    covered = await known.rows("SELECT low, high FROM probes")
    assert len(covered) == 1
    asked = known.acme.requests["status"]
    await later(known, "1 minute")
    await look(known)
    assert known.acme.requests["status"] == asked + 1  # the controls alone
    assert await known.rows("SELECT low, high FROM probes") == covered
    assert await known.state(order) == "unconfirmed"
    assert Decimal(0) < (await known.funds())[1]


async def test_whoever_executes_later_than_he_may_must_earn_our_trust_anew(known: Shop) -> None:
    order = await disproved(known)
    key = AttemptKey(order, 1)
    late = Ended(key, Outcome.ACCEPTED, "999999", "late")
    await settle(known.backends, [Returned(late, OfferRef("acme", "101"))])
    assert (await known.story(order)).attempts[-1]["outcome"] == "accepted"
    assert await known.state(order) == "failed"
    another = await lost(known)
    await active(known)
    await later(known, "1 minute")
    await look(known)
    assert await known.state(another) == "unconfirmed"
    assert "0 samples" in (await what_is_known(known, another))[1]


async def test_an_id_that_was_guessed_bounds_nothing(known: Shop) -> None:
    order = await lost(known, NOT_TAKEN)
    await later(known)
    after = await active(known)
    known.acme.words[AskBalance] = b"gone fishing"
    for code, state in (("guessed", "unconfirmed"), (None, "failed")):
        marked = "NULL" if code is None else f"'{code}'"
        await known.execute(f"UPDATE attempts SET code = {marked} WHERE order_id = {after}")  # noqa: S608  ours
        await later(known, "1 minute")
        await look(known)
        assert await known.state(order) == state


async def test_what_is_executed_after_it_was_disproved_is_our_loss(known: Shop) -> None:
    order = await disproved(known)
    assert await is_trusted(known)
    await execute(known, order)
    assert await look_back_at(known) == 0  # not before an hour has passed
    await later(known, "2 hours")
    assert await look_back_at(known) == 1
    story = await known.story(order)
    assert story.order.standing.state == "failed"
    assert story.attempts[-1]["outcome"] == "accepted"
    assert [row["kind"] for row in story.transfers] == ["hold", "release", "loss"]
    assert (await known.funds())[1] == 0
    truth = known.acme.orders.find(story.order.provider_order or "")
    assert truth is not None
    assert truth.taking.placement.link == story.order.link
    ((kind, about, _),) = await known.findings()
    assert (kind, about) == ("D5", order)
    assert await known.rows("SELECT kind FROM order_requests") == [("cancel",)]
    assert not await is_trusted(known)
    await later(known, "2 hours")
    assert await look_back_at(known) == 0


async def test_who_once_executed_too_late_is_asked_further(known: Shop) -> None:
    first, second = await disproved(known), await disproved(known, 2_000)
    for each in (first, second):
        await execute(known, each)
        await later(known, "2 hours")
        assert await look_back_at(known) == 1
        assert (await known.story(each)).attempts[-1]["outcome"] == "accepted"


async def test_what_may_be_of_one_refunded_unproven_costs_no_trust(known: Shop) -> None:
    gone = await disproved(known)
    await later(known, "2 hours")
    await known.execute("UPDATE investigations SET looked_at = looked_at - interval '2 hours'")
    alike = await lost_together(known, LOST, NOT_TAKEN)
    await active(known)
    await later(known)
    await active(known)
    await later(known, "25 hours")
    await active(known)  # above its id is nothing that was executed in time
    await look(known)
    assert [await known.state(each) for each in alike] == ["failed", "failed"]
    assert await look_back_at(known) == 1
    assert (await known.story(gone)).attempts[-1]["outcome"] == "disproved"
    stories = [await known.story(each) for each in alike]
    found = {each.order.standing.id: each.attempts[-1]["outcome"] for each in stories}
    assert sorted(found.values()) == ["accepted", "uncertain"]
    async with known.backends.database.transaction() as connection:
        (guess,) = await guessed(connection, "acme", 600)
        samples = await probes.samples(connection, "acme")
    assert found[guess.key.order] == "accepted"
    # by whose id nobody knows when it was sent
    ours = await known.rows("SELECT provider_order FROM attempts WHERE outcome = 'accepted'")
    assert len(samples) == len(ours) - 1
    assert await is_trusted(known)
    await execute(known, gone)
    await later(known, "2 hours")
    assert await look_back_at(known) == 1
    assert (await known.story(gone)).attempts[-1]["outcome"] == "accepted"
    assert not await is_trusted(known)


@pytest.mark.parametrize(("mark", "state"), [(NOT_TAKEN, "unconfirmed"), (LOST, "active")])
async def test_an_id_that_came_late_may_be_of_one_that_was_disproved(
    known: Shop, mark: str, state: str
) -> None:
    gone = await disproved(known)
    doubtful = await lost(known, mark)
    await later(known, "2 minutes")
    await active(known)  # whose id tells where those of the first minute end
    await execute(known, gone)
    await look(known)
    assert await known.state(doubtful) == state
    if state == "unconfirmed":
        rule, advice = await what_is_known(known, doubtful)
        assert rule == "wait"
        assert "may be its own; more may still turn up" in advice


@pytest.mark.parametrize(("too_late", "state"), [("31", "active"), ("20", "unconfirmed")])
async def test_who_is_slow_but_in_time_is_believed(known: Shop, too_late: str, state: str) -> None:
    await known.execute(
        "INSERT INTO investigations (order_id, number, provider, tries, evidence, recommendation, "
        "looked_at) VALUES (1, 1, 'acme', 1, '{\"late\": true}', '', now())"
    )
    gone = await disproved(known)
    doubtful = await lost(known, NOT_TAKEN)
    await later(known, "2 minutes")
    await active(known)
    await execute(known, gone)
    since = f"calibrated_since = now() - interval '{too_late} days'"
    await known.execute(f"UPDATE provider_states SET {since}")  # noqa: S608  ours
    await look(known)
    assert await known.state(doubtful) == state


async def test_what_may_be_of_an_order_in_doubt_is_left_to_it(known: Shop) -> None:
    gone = await disproved(known)
    doubtful = await lost(known)
    await active(known)
    await later(known, "2 hours")
    await active(known)
    assert await look_back_at(known) == 0
    await look(known)
    assert await known.state(doubtful) == "active"
    await later(known, "2 hours")
    assert await look_back_at(known) == 0
    assert (await known.story(gone)).attempts[-1]["outcome"] == "disproved"


async def test_what_was_disproved_is_not_looked_for_where_answers_mean_nothing(
    known: Shop,
) -> None:
    order = await disproved(known)
    await execute(known, order)
    known.acme.words[AskStatus] = b'{"error": "Incorrect order ID"}'
    await later(known, "2 hours")
    assert await look_back_at(known) == 0
    known.acme.words.clear()
    await later(known, "2 hours")
    assert await look_back_at(known) == 1


async def test_what_was_disproved_is_looked_for_a_week(known: Shop) -> None:
    order = await disproved(known)
    await execute(known, order)
    await later(known, "169 hours")
    assert await look_back_at(known) == 0
    assert await known.rows("SELECT order_id FROM investigations WHERE next_at IS NOT NULL") == []
    assert (await known.story(order)).attempts[-1]["outcome"] == "disproved"


async def test_two_workers_look_back_once(known: Shop) -> None:
    order = await disproved(known)
    await execute(known, order)
    await later(known, "2 hours")
    found = await asyncio.gather(look_back_at(known), look_back_at(known))
    assert sorted(found) == [0, 1]
    assert [row["kind"] for row in (await known.story(order)).transfers][2:] == ["loss"]


@pytest.mark.parametrize("released", ["NULL, NULL", "now() - interval '1 minute', 'ann'"])
async def test_what_a_restored_backup_has_forgotten_is_nobodys_loss(
    known: Shop, released: str
) -> None:
    order = await disproved(known)
    await execute(known, order)
    await known.execute(
        "INSERT INTO restorations (reason, found_at, released_at, released_by) "  # noqa: S608  ours
        f"VALUES ('a test', now() - interval '1 hour', {released})"
    )
    await later(known, "2 hours")
    assert await look_back_at(known) == 0
    assert (await known.story(order)).attempts[-1]["outcome"] == "disproved"
