"""Put a customer into another group, let him in or keep him out."""

from dataclasses import dataclass

from gateway.domain.operators import Actor
from gateway.domain.reasons import NoReason, reason_of
from gateway.domain.stale import Stale
from gateway.operations import Backends
from gateway.storage import customers_listed, deeds
from gateway.storage.customers_listed import Listed
from gateway.storage.deeds import Deed

__all__ = ["GROUP_CHARACTERS_MAX", "Change", "Listed", "NoReason", "Stale", "change_customer"]

GROUP_CHARACTERS_MAX = 100


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of him; None leaves it as it is. An empty group is none.

    `seen`: the group that he was in, and whether he was let in, when somebody looked.
    """

    group: str | None = None
    enabled: bool | None = None
    seen: tuple[str, bool] | None = None


async def change_customer(
    backends: Backends, customer: int, change: Change, *, actor: Actor, reason: str
) -> Listed | None:
    """The customer afterwards; None: there is no such customer.

    Raises `NoReason`, `Stale` where he is not as he was seen, and ValueError for a group that is
    none. Whom nobody lets in keeps his balance, and his orders run on.
    """
    why = reason_of(reason)
    group = change.group.strip() if change.group is not None else None
    if group and (len(group) > GROUP_CHARACTERS_MAX or not group.isprintable()):
        raise ValueError(f"a group has at most {GROUP_CHARACTERS_MAX} printable characters")
    async with backends.database.transaction() as connection:
        found = await customers_listed.find(connection, customer, lock=True)
        if found is None:
            return None
        if change.seen not in (None, (found.group, found.enabled)):
            raise Stale(f"{found.name} was changed since")
        now_in = found.group if group is None else group
        enabled = found.enabled if change.enabled is None else change.enabled
        if (now_in, enabled) != (found.group, found.enabled):
            await customers_listed.change(connection, customer, group=now_in, enabled=enabled)
            before = {"group": found.group, "enabled": found.enabled}
            after = {"group": now_in, "enabled": enabled}
            deed = Deed("change customer", f"customer:{customer}", before, after, why)
            await deeds.record(connection, actor, deed)
        return await customers_listed.find(connection, customer)
