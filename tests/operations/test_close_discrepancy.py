"""What closes a discrepancy, and what does not."""

from decimal import Decimal

import pytest

from gateway.domain.closing import Into
from gateway.domain.operators import Actor
from gateway.operations.close_discrepancy import close_discrepancy
from gateway.operations.fund import fund
from gateway.operations.show_discrepancy import show_discrepancy
from gateway.operations.watch import watch
from gateway.operations.weigh import weigh
from tests.operations.parrot import Parrot
from tests.operations.shop import COST, SERVICES, Serve, Shop, table

ANN = Actor("ann", "192.0.2.1")


async def close(shop: Shop, number: int | None = None, into: Into | None = None) -> str:
    if number is None:
        ((number,),) = await shop.rows("SELECT id FROM discrepancies WHERE closed_at IS NULL")
    assert number is not None
    return await close_discrepancy(shop.backends, number, actor=ANN, note="told", into=into)


async def opening(shop: Shop, provider: str = "acme") -> None:
    paid = Decimal(1_000_000)
    await fund(shop.backends, provider, paid, actor=ANN, reference=f"opening {provider}")


async def sights(shop: Shop, count: int = 2, provider: str = "acme") -> None:
    """So many readings, each long enough after the one before."""
    for _ in range(count):
        await shop.execute("UPDATE balance_readings SET read_at = read_at - interval '9 minutes'")
        await weigh(shop.backends, shop.provider(provider))


async def unexplained(shop: Shop, amount: str) -> None:
    """A provider who takes this without a word."""
    await opening(shop)
    await sights(shop, 1)
    shop.acme.orders.balance -= Decimal(amount)
    await sights(shop)


async def entries(shop: Shop) -> list[tuple[str, str, str, Decimal]]:
    """What was booked to explain: kind, debit, credit, amount."""
    return await shop.rows(
        "SELECT e.kind, d.kind, c.kind, t.amount FROM journal_entries e"
        " JOIN transfers t ON t.entry_id = e.id JOIN accounts d ON d.id = t.debit_id"
        " JOIN accounts c ON c.id = t.credit_id"
        " WHERE e.kind IN ('suspend', 'loss', 'adjust') ORDER BY e.id, t.leg"
    )


async def closed(shop: Shop) -> list[tuple[str, bool, str | None, bool]]:
    """All discrepancies: class, still open, who closed it, whether an entry names it."""
    return await shop.rows(
        "SELECT class, closed_at IS NULL, closed_by, entry_id IS NOT NULL"
        " FROM discrepancies ORDER BY id"
    )


async def test_a_claim_that_is_given_up_is_a_loss(shop: Shop) -> None:
    await unexplained(shop, "1.5")
    assert "D5 is closed by" in await close(shop)
    assert "not booked as adjustment" in await close(shop, into=Into.ADJUSTMENT)
    assert await close(shop, into=Into.LOSS) == ""
    assert await entries(shop) == [("loss", "loss", "prepaid", Decimal("1.5"))]
    assert await closed(shop) == [("D5", False, "ann", True)]
    await sights(shop)
    assert len(await closed(shop)) == 1
    await shop.proven()


async def test_what_is_set_aside_stays_open_and_unexplained(shop: Shop) -> None:
    await unexplained(shop, "1.5")
    assert await close(shop, into=Into.SUSPENSE) == ""
    assert await close(shop, into=Into.SUSPENSE) == "it was set aside already"
    assert "D5 is closed by" in await close(shop)
    await sights(shop)
    assert await closed(shop) == [("D5", True, None, True)]
    reading = await weigh(shop.backends, shop.provider())
    assert reading is not None
    assert reading.unexplained == Decimal("1.5")
    # the rest comes out of the balance itself
    shop.acme.orders.balance -= Decimal("0.5")
    await sights(shop)
    assert await close(shop, into=Into.LOSS) == ""
    assert await entries(shop) == [
        ("suspend", "suspense", "prepaid", Decimal("1.5")),
        ("loss", "loss", "suspense", Decimal("1.5")),
        ("loss", "loss", "prepaid", Decimal("0.5")),
    ]
    await sights(shop)
    assert [still for _, still, _, _ in await closed(shop)] == [False]


async def test_what_was_set_aside_and_is_explained_goes_back(shop: Shop) -> None:
    await unexplained(shop, "1.5")
    await close(shop, into=Into.SUSPENSE)
    shop.acme.orders.balance += Decimal("1.5")
    await sights(shop, 1)
    assert await entries(shop) == [
        ("suspend", "suspense", "prepaid", Decimal("1.5")),
        ("suspend", "prepaid", "suspense", Decimal("1.5")),
    ]
    assert await closed(shop) == [("D5", False, None, True)]


async def test_what_was_not_charged_is_ours_after_a_week(shop: Shop) -> None:
    await opening(shop)
    await sights(shop, 1)
    await shop.active()
    shop.acme.orders.balance += COST
    await sights(shop)
    await shop.execute("UPDATE discrepancies SET class = 'D3'")
    assert await close(shop, into=Into.SUSPENSE) == ""
    assert "until 7 days" in await close(shop, into=Into.ADJUSTMENT)
    await shop.execute("UPDATE discrepancies SET opened_at = now() - interval '7 days'")
    assert await close(shop, into=Into.ADJUSTMENT) == ""
    assert await entries(shop) == [
        ("suspend", "prepaid", "suspense", COST),
        ("adjust", "suspense", "adjustment", COST),
    ]
    reading = await weigh(shop.backends, shop.provider())
    assert reading is not None
    assert reading.unexplained == 0


async def test_a_credit_that_nobody_claims_is_an_adjustment(shop: Shop) -> None:
    await unexplained(shop, "-7")
    assert await close(shop, into=Into.ADJUSTMENT) == ""
    assert await entries(shop) == [("adjust", "prepaid", "adjustment", Decimal(7))]


async def test_a_loss_in_another_currency_goes_through_the_exchange(
    shop: Shop, serve: Serve
) -> None:
    gamma = Parrot(currency="EUR")
    services = SERVICES.replace('"beta:101"', '"gamma:101"')
    await shop.reapply({**shop.tables, "gamma": table(await serve(gamma), "EUR")}, services)
    await opening(shop, "gamma")
    await sights(shop, 1, "gamma")
    gamma.orders.balance -= 4
    await sights(shop, 2, "gamma")
    assert await close(shop, into=Into.LOSS) == ""
    assert await entries(shop) == [
        ("loss", "exchange", "prepaid", Decimal(4)),
        ("loss", "loss", "exchange", Decimal(5)),
    ]


async def test_a_refund_that_is_owed_is_written_off_once(shop: Shop) -> None:
    kept = await shop.active()
    await shop.see(kept, status="Partial", charge="0.9", remains=500)
    assert "D4 is closed by" in await close(shop)
    assert "is booked already" in await close(shop, into=Into.SUSPENSE)
    assert await close(shop, into=Into.LOSS) == ""
    assert (await shop.booked(kept))[-1] == (
        "given_up:1",
        "loss",
        "cost",
        Decimal("0.45"),
    )
    told = "SELECT actor, address, what, subject, before ->> 'seen', after, reason FROM deeds"
    told += " WHERE subject = 'discrepancy:1'"
    after = {"into": "loss", "entry": 6}
    assert await shop.rows(told) == [
        ("ann", "192.0.2.1", "close discrepancy", "discrepancy:1", "0.90", after, "told")
    ]
    # the same answer opens nothing again, another one does
    await shop.poll()
    assert await closed(shop) == [("D4", False, "ann", True)]
    await shop.see(kept, status="Canceled", charge="0.9", remains=1000)
    found = [(kind, still) for kind, still, _, _ in await closed(shop)]
    assert found[0] == ("D4", False)
    assert set(found[1:]) == {("D4", True), ("D8", True)}
    await shop.proven()


async def test_what_has_no_amount_is_closed_by_a_note(shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, status="Asleep", charge="0.9")
    assert await close(shop, into=Into.LOSS) != ""
    assert await close(shop) == ""
    await shop.poll()
    assert await closed(shop) == [("D9", False, "ann", False)]
    assert await close(shop, 1) == "there is no open discrepancy 1"


@pytest.mark.parametrize("into", list(Into))
async def test_our_own_bugs_close_once_they_are_mended(shop: Shop, into: Into) -> None:
    order = await shop.active()
    await shop.execute(f"UPDATE orders SET charged_quantity = 500 WHERE id = {order}")  # noqa: S608  ours
    await shop.execute("UPDATE balances SET available = available + 5 WHERE customer_id = 1")
    await watch(shop.backends)
    numbers = [number for (number,) in await shop.rows("SELECT id FROM discrepancies ORDER BY id")]
    assert len(numbers) == 2
    for number in numbers:
        assert "still finds it" in await close(shop, number)
        assert "is not booked" in await close(shop, number, into)
    await shop.execute(f"UPDATE orders SET charged_quantity = 1000 WHERE id = {order}")  # noqa: S608  ours
    await shop.execute("UPDATE balances SET available = available - 5 WHERE customer_id = 1")
    assert [await close(shop, number) for number in numbers] == ["", ""]
    waiting = await shop.order()
    await shop.send()
    assert await shop.state(waiting) == "active"


async def test_what_closing_would_post_is_shown_and_then_posted_so(shop: Shop) -> None:
    await unexplained(shop, "1.5")
    shown = await show_discrepancy(shop.backends, 1)
    assert shown is not None
    ways = {way.into: way for way in shown.ways}
    assert list(ways) == [None, *Into]
    assert "D5 is closed by" in ways[None].why_not
    assert "not booked as adjustment" in ways[Into.ADJUSTMENT].why_not
    told = [(each.debit, each.credit, each.amount) for each in ways[Into.LOSS].moves]
    assert told == [("loss", "prepaid acme", Decimal("1.5"))]
    # it is another entry once an amount was set aside, so what was shown before is refused
    assert await close(shop, into=Into.SUSPENSE) == ""
    mark = ways[Into.LOSS].mark
    changed = await close_discrepancy(
        shop.backends, 1, actor=ANN, note="told", into=Into.LOSS, mark=mark
    )
    assert changed == "it has changed since it was shown"
    again = await show_discrepancy(shop.backends, 1)
    assert again is not None
    assert again.named == ways[Into.SUSPENSE].moves
    (way,) = [each for each in again.ways if each.into is Into.LOSS]
    assert [each.credit for each in way.moves] == ["suspense acme"]
    assert not await close_discrepancy(
        shop.backends, 1, actor=ANN, note="told", into=Into.LOSS, mark=way.mark
    )
    closed_one = await show_discrepancy(shop.backends, 1)
    assert closed_one is not None
    assert (closed_one.ways, closed_one.named, closed_one.line.closed_by) == ([], way.moves, "ann")
    assert await show_discrepancy(shop.backends, 2) is None
