"""What operators do about an order without moving money by hand: decide, cancel, refill."""

from starlette.responses import Response

from gateway.admin import answers
from gateway.admin.order import refuse, seen_of
from gateway.admin.order_offers import alone_of
from gateway.admin.orders import PATH, path_of
from gateway.admin.typed import reason_of
from gateway.admin.visits import Page, Stop, Visit
from gateway.domain.deciding import Decision
from gateway.domain.operators import Right
from gateway.operations.ask_refill import ask_refill
from gateway.operations.resolve import resolve
from gateway.operations.take_back import take_back
from gateway.operations.withdraw_decision import withdraw_decision

ORDER = f"{PATH}/{{number:int}}"


async def decide(visit: Visit) -> Response:
    """Accepted under an id of the provider's, or refused; above a charge two say the same."""
    number, back = visit.number("number"), path_of(visit.number("number"))
    verdict = visit.form.one("verdict")
    if verdict not in ("accepted", "refused"):
        raise Stop("Say whether it was accepted or refused. Nothing was changed.", back=back)
    accepted = visit.form.one("accepted").strip() if verdict == "accepted" else None
    decision = Decision(visit.actor, accepted, reason_of(visit, back))
    seen = seen_of(visit, back)
    alone = await alone_of(visit, Right.ORDERS, back)
    found = await resolve(visit.backends, number, decision, seen=seen, alone=alone)
    refuse(found.why_not, found.moved, back)
    if found.waits:
        words = f"Noted, not decided: {found.waits}. Another operator must say the same."
    else:
        words = f"Order {number} is decided: {decision.meant}."
    return answers.done(visit, back, words)


async def withdraw(visit: Visit) -> Response:
    """What he proposed himself is proposed no longer."""
    number = visit.number("number")
    back = path_of(number)
    refuse(await withdraw_decision(visit.backends, number, actor=visit.actor), None, back)
    return answers.done(visit, back, f"Nothing is proposed for order {number} any more.")


async def cancel(visit: Visit) -> Response:
    """Ended at once where nothing was sent, else its provider is asked."""
    number = visit.number("number")
    back = path_of(number)
    reason, seen = reason_of(visit, back), seen_of(visit, back)
    taken = await take_back(visit.backends, number, actor=visit.actor, reason=reason, seen=seen)
    refuse(taken.why_not, taken.moved, back)
    if taken.ended:
        words = f"Order {number} is ended, its hold released."
    else:
        words = "Its provider will be asked to cancel it; money moves when its status turns."
    return answers.done(visit, back, words)


async def refill(visit: Visit) -> Response:
    """Its provider is asked to deliver again what was lost since its end."""
    number = visit.number("number")
    back = path_of(number)
    reason, seen = reason_of(visit, back), seen_of(visit, back)
    asked = await ask_refill(visit.backends, number, actor=visit.actor, reason=reason, seen=seen)
    refuse(asked.why_not, asked.moved, back)
    words = f"Refill {asked.number} is recorded; its provider will be asked."
    return answers.done(visit, back, words)


PAGES = (
    Page("POST", f"{ORDER}/decide", Right.ORDERS, decide),
    Page("POST", f"{ORDER}/decide/withdraw", Right.ORDERS, withdraw),
    Page("POST", f"{ORDER}/cancel", Right.ORDERS, cancel),
    Page("POST", f"{ORDER}/refill", Right.ORDERS, refill),
)
