"""An operator decides an order whose outcome could not be proven (money.md 2, T11)."""

import re

from gateway.domain.orders import State
from gateway.domain.outcomes import PAUSE_SECONDS, Outcome
from gateway.operations import Backends
from gateway.storage import claims, ledger, settling
from gateway.storage.settling import Ended

DOUBTFUL = (State.UNCONFIRMED, State.REVIEW)
PROVIDER_ORDER = re.compile(r"[!-~]{1,64}")


async def resolve(
    backends: Backends, order: int, *, accepted: str | None, operator: str, note: str
) -> str:
    """Accepted under the provider's id, or refused (None); empty when done, else why not."""
    if accepted is not None and not PROVIDER_ORDER.fullmatch(accepted):
        return f"{accepted!r} is not an id: 1 to 64 visible characters"
    async with backends.database.transaction() as connection:
        locked = (await settling.lock(connection, [order])).get(order)
        if locked is None:
            return f"there is no order {order}"
        if locked.state not in DOUBTFUL:
            return f"order {order} is {locked.state}: only unconfirmed and review are decided"
        key = await claims.live_attempt(connection, order)
        if key is None:
            return f"order {order} has no attempt to decide"
        provider = locked.ref.provider
        if accepted is None:
            ended = Ended(key, Outcome.DISPROVED, reason=f"{operator}: {note}")
            await settling.end_attempts(connection, [ended])
            released = await settling.fail(connection, [locked], actor=operator, reason=note)
            await ledger.post(connection, released, actor=operator)
            return ""
        owners = await settling.known_orders(connection, [(provider, accepted)])
        if (provider, accepted) in owners:
            return f"id {accepted} of {provider} belongs to order {owners[provider, accepted]}"
        ended = Ended(key, Outcome.ACCEPTED, accepted, reason=f"{operator}: {note}")
        await settling.end_attempts(connection, [ended])
        document = backends.shelf.stock.catalog.providers.get(provider)
        pace = document.poll_seconds if document else PAUSE_SECONDS
        booked = await settling.confirm(
            connection, [(locked, accepted)], actor=operator, poll_seconds=pace
        )
        await ledger.post(connection, booked, actor=operator)
    return ""
