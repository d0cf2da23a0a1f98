"""Give a customer limits of his own."""

from gateway.domain.money import plain
from gateway.domain.operators import Actor
from gateway.domain.reasons import NoReason, reason_of
from gateway.domain.stale import Stale
from gateway.operations import Backends
from gateway.storage import customers_listed, deeds
from gateway.storage.customers_listed import OwnLimits
from gateway.storage.deeds import Deed

__all__ = ["PER_SECOND_MAX", "NoReason", "OwnLimits", "Stale", "limit_customer"]

PER_SECOND_MAX = 100_000


async def limit_customer(
    backends: Backends,
    customer: int,
    own: OwnLimits,
    *,
    actor: Actor,
    reason: str,
    seen: OwnLimits | None = None,
) -> OwnLimits | None:
    """His limits afterwards, in place of all that he had; None: there is no such customer.

    They hold from his next call on. Raises `NoReason`, `Stale` where they are not those that were
    `seen`, and ValueError for a limit that is none.
    """
    why = reason_of(reason)
    for pace in (own.calls_per_second, own.adds_per_second):
        if pace is not None and not 1 <= pace <= PER_SECOND_MAX:
            raise ValueError(f"a pace is 1 to {PER_SECOND_MAX} a second")
    most = own.spend_max_daily
    if most is not None and not (most.is_finite() and 0 <= most < 10**26):
        raise ValueError("what may be spent in a day is 0 or more")
    async with backends.database.transaction() as connection:
        found = await customers_listed.find(connection, customer, lock=True)
        if found is None:
            return None
        before = await customers_listed.limits(connection, customer)
        if seen not in (None, before):
            raise Stale(f"the limits of {found.name} were changed since")
        await customers_listed.set_limits(connection, found, own)
        after = await customers_listed.limits(connection, customer)
        if after != before:
            told = (_told(before), _told(after))
            deed = Deed("limit customer", f"customer:{customer}", *told, why)
            await deeds.record(connection, actor, deed)
    return after


def _told(limits: OwnLimits) -> dict[str, int | str | None]:
    most = limits.spend_max_daily
    return {
        "calls_per_second": limits.calls_per_second,
        "adds_per_second": limits.adds_per_second,
        "spend_max_daily": None if most is None else plain(most),
    }
