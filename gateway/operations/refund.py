"""An operator gives back part of a charge, or all of it, with a reason (money.md 6, goodwill)."""

from dataclasses import dataclass

from gateway.domain import postings
from gateway.domain.glimpse import Glimpse, moved_on
from gateway.domain.goodwill import Wish, left_of, why_no_goodwill, why_second
from gateway.domain.money import plain
from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import adjusting, deeds, goodwill, ledger
from gateway.storage.database import Connection
from gateway.storage.deeds import Deed
from gateway.storage.goodwill import Charged, Goodwill
from gateway.storage.ledger import Posting

__all__ = ["Refunded", "Wish", "refund"]


@dataclass(frozen=True, slots=True)
class Refunded:
    """`why_not`: why nothing was done; `moved`: how the order stands now, if that is why.

    `waits`: why a second operator must agree to `number`; given: neither.
    """

    number: int = 0
    waits: str = ""
    why_not: str = ""
    moved: Glimpse | None = None


async def refund(
    backends: Backends,
    order: int,
    wish: Wish,
    *,
    actor: Actor,
    seen: Glimpse | None = None,
    alone: bool = False,
) -> Refunded:
    """Give it at once, or let it wait for a second operator; the same token does nothing twice.

    Never more than was captured less what was given back already. `seen`: how the order stood when
    the form was shown. `alone`: there is no second operator, which stays with the entry.
    """
    if why_not := wish.why_not():
        return Refunded(why_not=why_not)
    async with backends.database.transaction() as connection:
        await adjusting.lock(connection, actor.name)
        found = await goodwill.charged(connection, order, lock=True)
        if found is None:
            return Refunded(why_not=f"there is no order {order}")
        if before := await goodwill.by_token(connection, wish.token):
            return _again(before, found, wish)
        if moved := moved_on(order, seen, found.glimpse):
            return Refunded(why_not=moved, moved=found.glimpse)
        if why_not := why_no_goodwill(order, found.state, wish.amount, found.left):
            return Refunded(why_not=why_not)
        today = await adjusting.today(connection, actor.name)
        why = why_second(wish.amount, today, found.given)
        waits = bool(why) and not alone
        state = "waiting" if waits else "given"
        number = await goodwill.write(connection, order, wish, actor.name, why, state)
        if not waits:
            await _give(connection, found, wish, actor, why)
        await deeds.record(connection, actor, _deed(found, wish, waits=waits))
    return Refunded(number, waits=why if waits else "")


def _again(before: Goodwill, order: Charged, wish: Wish) -> Refunded:
    if (before.order, before.amount) != (order.id, wish.amount):
        given = f"{plain(before.amount)} of order {before.order}"
        return Refunded(why_not=f"the same form was sent before, for {given}")
    if before.state == "withdrawn":
        return Refunded(why_not=f"refund {before.id} was withdrawn by {before.ended_by}")
    return Refunded(before.id, waits=before.why if before.state == "waiting" else "")


async def _give(connection: Connection, order: Charged, wish: Wish, actor: Actor, why: str) -> None:
    reason = f"{wish.reason} (decided alone: {why})" if why else wish.reason
    booked = postings.goodwill(order.customer, order.currency, wish.amount, wish.key, reason)
    await ledger.post(connection, [Posting(booked, order.id)], actor=actor.name)


def _deed(order: Charged, wish: Wish, *, waits: bool) -> Deed:
    told = {"amount": plain(wish.amount), "currency": order.currency}
    left = order.left if waits else left_of(order.left, wish.amount)
    return Deed(
        "ask for a refund" if waits else "refund order",
        f"order:{order.id}",
        {"state": order.state, "left": plain(order.left)},
        {**told, "left": plain(left)},
        wish.reason,
    )
