"""Refunds of an order, in two steps: what would happen, then that it does."""

import secrets
from decimal import Decimal

from starlette.responses import Response

from gateway.admin import answers
from gateway.admin.order import margin_of, refuse, seen_of, told_of
from gateway.admin.order_offers import alone_of, seconds_of, waiting_refunds
from gateway.admin.orders import PATH, path_of
from gateway.admin.rendering import page
from gateway.admin.typed import amount_of, reason_of, sentence
from gateway.admin.visits import Page, Stop, Visit
from gateway.domain.glimpse import Glimpse
from gateway.domain.money import CHARGE_STEP, EXACT, plain
from gateway.domain.operators import Right
from gateway.domain.spelling import in_words
from gateway.operations.agree_refund import agree_refund
from gateway.operations.preview_refund import preview_refund
from gateway.operations.refund import Wish, refund
from gateway.operations.withdraw_refund import withdraw_refund

ORDER = f"{PATH}/{{number:int}}"
REFUND = f"{ORDER}/refunds/{{refund:int}}"
TOKEN_BYTES = 16


async def preview(visit: Visit) -> Response:
    """The figures, the amount in words, and what stays; nothing moves."""
    told = await told_of(visit)
    back = path_of(told.order.standing.id)
    amount, reason, seen = _asked(visit, back)
    foreseen = await preview_refund(
        visit.backends, told.order.standing.id, amount, actor=visit.actor, seen=seen
    )
    if isinstance(foreseen, str):
        raise Stop(
            f"{sentence(foreseen)} Nothing was changed.",
            then="Look at the order as it is now.",
            back=back,
        )
    before = margin_of(told)
    return page(
        visit,
        "order_refund.html",
        told=told,
        order=told.order.standing.id,
        path=back,
        foreseen=foreseen,
        words=in_words(amount, foreseen.currency),
        reason=reason,
        seen=seen.spelled(),
        token=secrets.token_hex(TOKEN_BYTES),
        seconds=await seconds_of(visit, Right.MONEY) if foreseen.waits else [],
        margins=(before[0], EXACT.subtract(before[0], amount)) if before else None,
    )


async def give(visit: Visit) -> Response:
    """Given once, whatever is sent twice; or it waits for a second operator."""
    number = visit.number("number")
    back = path_of(number)
    amount, reason, seen = _asked(visit, back)
    wish = Wish(amount, reason, visit.form.one("token"))
    alone = await alone_of(visit, Right.MONEY, back)
    given = await refund(visit.backends, number, wish, actor=visit.actor, seen=seen, alone=alone)
    refuse(given.why_not, given.moved, back)
    house = visit.backends.shelf.stock.catalog.markup.currency
    words = f"{plain(amount)} {house} of order {number} is given back."
    if given.waits:
        words = f"Nothing moved yet: {given.waits}. Refund {given.number} waits for another one."
    return answers.done(visit, back, words)


async def agree(visit: Visit) -> Response:
    """As the second operator: it is given."""
    number, back = await _waiting(visit)
    refuse(await agree_refund(visit.backends, number, actor=visit.actor), None, back)
    return answers.done(visit, back, f"Refund {number} is given.")


async def withdraw(visit: Visit) -> Response:
    """By who asked for it, or declined by another one."""
    number, back = await _waiting(visit)
    reason = reason_of(visit, back)
    why_not = await withdraw_refund(visit.backends, number, actor=visit.actor, reason=reason)
    refuse(why_not, None, back)
    return answers.done(visit, back, f"Refund {number} waits no longer; nothing was booked.")


async def _waiting(visit: Visit) -> tuple[int, str]:
    """The refund that the path names, which must be of the order that it names."""
    told = await told_of(visit)
    number, back = visit.number("refund"), path_of(told.order.standing.id)
    if all(each.id != number for each in waiting_refunds(told)):
        raise Stop(
            f"No refund {number} of order {told.order.standing.id} waits. Nothing was changed.",
            then="Somebody may have agreed to it, or withdrawn it: the order's page tells.",
            back=back,
        )
    return number, back


def _asked(visit: Visit, back: str) -> tuple[Decimal, str, Glimpse]:
    """How much, why, and how the order stood when it was asked for."""
    amount = amount_of(visit.form.one("amount"), back, least=CHARGE_STEP)
    return amount, reason_of(visit, back), seen_of(visit, back)


PAGES = (
    Page("POST", f"{ORDER}/refund/preview", Right.MONEY, preview),
    Page("POST", f"{ORDER}/refund", Right.MONEY, give, proven=True),
    Page("POST", f"{REFUND}/agree", Right.MONEY, agree, proven=True),
    Page("POST", f"{REFUND}/withdraw", Right.MONEY, withdraw, proven=True),
)
