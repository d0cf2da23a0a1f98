"""A second operator agrees to a refund that waits for one (money.md 6)."""

from gateway.domain import postings
from gateway.domain.goodwill import Wish, left_of, why_no_goodwill
from gateway.domain.money import plain
from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import adjusting, deeds, goodwill, ledger
from gateway.storage.deeds import Deed
from gateway.storage.goodwill import Goodwill
from gateway.storage.ledger import Posting

__all__ = ["agree_refund"]


async def agree_refund(backends: Backends, number: int, *, actor: Actor) -> str:
    """Give back what waited; empty when done, else why not.

    It is booked as what the first operator did; the second stands in its reason.
    """
    async with backends.database.transaction() as connection:
        known = await goodwill.find(connection, number)
        if known is None:
            return f"there is no refund {number}"
        await adjusting.lock(connection, known.operator)
        order = await goodwill.charged(connection, known.order, lock=True)
        asked = await goodwill.find(connection, number, lock=True)
        if order is None or asked is None:
            return f"there is no refund {number}"
        if why_not := _not_by(asked, actor) or why_no_goodwill(
            order.id, order.state, asked.amount, order.left
        ):
            return why_not
        wish = Wish(asked.amount, f"{asked.reason} (agreed by {actor.name})", asked.token)
        booked = postings.goodwill(
            order.customer, order.currency, wish.amount, wish.key, wish.reason
        )
        await ledger.post(connection, [Posting(booked, order.id)], actor=asked.operator)
        await goodwill.end(connection, number, "given", actor.name)
        before = {"state": order.state, "left": plain(order.left)}
        after = {
            "refund": number,
            "amount": plain(asked.amount),
            "currency": order.currency,
            "asked by": asked.operator,
            "left": plain(left_of(order.left, asked.amount)),
        }
        deed = Deed("agree to a refund", f"order:{order.id}", before, after, asked.reason)
        await deeds.record(connection, actor, deed)
    return ""


def _not_by(asked: Goodwill, actor: Actor) -> str:
    if asked.state != "waiting":
        by = f" by {asked.ended_by}" if asked.ended_by else ""
        return f"refund {asked.id} is {asked.state}{by}"
    if asked.operator == actor.name:
        return f"refund {asked.id} was asked for by {actor.name}: another operator must agree"
    return "" if asked.valid else f"refund {asked.id} waits for over a week: ask for it anew"
