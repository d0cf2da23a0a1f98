"""Give a customer another key."""

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import customer_keys, customers, customers_listed, deeds, keys
from gateway.storage.customer_keys import FreshKey
from gateway.storage.deeds import Deed

__all__ = ["KeyWanted", "new_key"]


@dataclass(frozen=True, slots=True)
class KeyWanted:
    """How the key shall be. Without a dialect it is spoken to as the customer's latest key is.

    `revoke`: all older ones end. `reason`: why, if anybody asked.
    """

    dialect: str | None = None
    expires_at: datetime | None = None
    revoke: bool = False
    reason: str = ""


async def new_key(
    backends: Backends, customer: int | str, wanted: KeyWanted | None = None, *, actor: Actor
) -> str | None:
    """A fresh key of the customer with this id or name, shown this once; None: there is none."""
    key, wanted = keys.new_key(), wanted or KeyWanted()
    async with backends.database.transaction() as connection:
        found = await customers_listed.find(connection, customer)
        if found is None:
            return None
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
