"""An operator decides an order whose outcome could not be proven (money.md 2, T11)."""

import re
from datetime import timedelta

from gateway.domain.orders import State
from gateway.domain.outcomes import Outcome
from gateway.operations import Backends
from gateway.storage import claims, incidents, ledger, runs, settling
from gateway.storage.claims import AttemptKey
from gateway.storage.database import Connection
from gateway.storage.runs import RunKey
from gateway.storage.settling import Ended, Locked, Taken

DOUBTFUL = (State.UNCONFIRMED, State.REVIEW)
PROVIDER_ORDER = re.compile(r"[!-~]{1,64}")


async def resolve(
    backends: Backends, order: int, *, accepted: str | None, operator: str, note: str
) -> str:
    """Accepted under the provider's id, or refused (None); empty when done, else why not.

    Of an order in runs it is the one that is not confirmed: taken, or to be tried again.
    """
    if accepted is not None and not PROVIDER_ORDER.fullmatch(accepted):
        return f"{accepted!r} is not an id: 1 to 64 visible characters"
    providers = backends.shelf.stock.catalog.providers
    async with backends.database.transaction() as connection:
        locked = (await settling.lock(connection, [order])).get(order)
        if locked is None:
            return f"there is no order {order}"
        key = await claims.live_attempt(connection, order)
        if locked.state not in DOUBTFUL and (key is None or key.run == 1):
            return f"order {order} is {locked.state}: only unconfirmed and review are decided"
        if key is None:
            return f"order {order} has no attempt to decide"
        if accepted is None:
            await _refused(connection, locked, key, operator, note)
            return ""
        provider = locked.ref.provider
        owners = await incidents.known(connection, [(provider, accepted)])
        if owner := owners.get((provider, accepted)):
            return f"id {accepted} of {provider} belongs to order {owner[0]}"
        ended = Ended(key, Outcome.ACCEPTED, accepted, reason=f"{operator}: {note}")
        costs = await settling.end_attempts(connection, [ended])
        taken = [Taken(locked, key, accepted, costs[key])]
        booked = await settling.confirm(connection, taken, providers, actor=operator)
        await ledger.post(connection, booked, actor=operator)
    return ""


async def _refused(
    connection: Connection, order: Locked, key: AttemptKey, operator: str, note: str
) -> None:
    ended = Ended(key, Outcome.DISPROVED, reason=f"{operator}: {note}")
    await settling.end_attempts(connection, [ended])
    if key.run > 1:
        run = RunKey(order.id, key.run, order.ref.provider)
        await runs.retry(connection, run, timedelta(), tries=0)
        return
    released = await settling.fail(connection, [order], actor=operator, reason=note)
    await ledger.post(connection, released, actor=operator)
