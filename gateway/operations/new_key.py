"""Give a customer another key."""

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.operators import Actor
from gateway.domain.stale import Stale
from gateway.operations import Backends
from gateway.storage import customer_keys, customers, customers_listed, deeds, keys
from gateway.storage.customer_keys import FreshKey
from gateway.storage.deeds import Deed

__all__ = ["KeyWanted", "Stale", "new_key"]


@dataclass(frozen=True, slots=True)
class KeyWanted:
    """How the key shall be. Without a dialect it is spoken to as the customer's latest key is.

    `revoke`: all older ones end. `reason`: why, if anybody asked. `newest`: the id of the latest
    key that was seen, 0 = none; None = nobody looked.
    """

    dialect: str | None = None
    expires_at: datetime | None = None
    revoke: bool = False
    reason: str = ""
    newest: int | None = None


async def new_key(
    backends: Backends, customer: int | str, wanted: KeyWanted | None = None, *, actor: Actor
) -> str | None:
    """A fresh key of the customer with this id or name, shown this once; None: there is none.

    Raises `Stale` where there is a newer key than was seen: a form sent twice makes one.
    """
    key, wanted = keys.new_key(), wanted or KeyWanted()
    async with backends.database.transaction() as connection:
        found = await customers_listed.find(connection, customer, lock=True)
        if found is None:
            return None
        seen = wanted.newest
        if seen is not None and seen != await customer_keys.newest(connection, found.id):
            raise Stale("there is a newer key by now")
        latest = await customers.latest_dialect(connection, found.id)
        spoken = wanted.dialect or latest or "standard"
        ended = await customer_keys.revoke(connection, found.id) if wanted.revoke else ()
        hint = keys.hint(key)
        fresh = FreshKey(keys.digest(key, backends.secret), hint, spoken, wanted.expires_at)
        await customer_keys.add(connection, found.id, fresh)
        made = {
            "key": hint,
            "dialect": spoken,
            "expires_at": wanted.expires_at.isoformat() if wanted.expires_at else None,
        }
        before = {"keys": list(ended)} if ended else {}
        deed = Deed("add key", f"customer:{found.id}", before, made, wanted.reason)
        await deeds.record(connection, actor, deed)
    return key
