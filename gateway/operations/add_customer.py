"""Add a customer, with a key and perhaps a first top-up."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.money import ZERO, plain
from gateway.domain.operators import Actor
from gateway.domain.postings import top_up
from gateway.operations import Backends
from gateway.storage import customers, deeds, keys, ledger
from gateway.storage.customers import NameTaken
from gateway.storage.deeds import Deed
from gateway.storage.ledger import Posting

__all__ = ["NameTaken", "NewCustomer", "add_customer"]


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer just made. The key is shown this once; only its digest is stored."""

    customer: int
    key: str


async def add_customer(
    backends: Backends,
    name: str,
    *,
    group: str = "",
    dialect: str = "standard",
    paid_in: Decimal,
    actor: Actor,
) -> NewCustomer:
    """All at once or not at all. Raises `NameTaken`; the amount is in house currency, 0 or more."""
    key = keys.new_key()
    currency = backends.shelf.stock.catalog.markup.currency
    async with backends.database.transaction() as connection:
        number = await customers.add(connection, name, group, currency)
        digest = keys.digest(key, backends.secret)
        await customers.add_key(connection, number, digest, keys.hint(key), dialect)
        if paid_in > ZERO:
            entry = top_up(number, currency, paid_in, f"top_up:opening:{number}")
            await ledger.post(connection, [Posting(entry)], actor=actor.name)
        made = {"name": name, "group": group, "key": keys.hint(key), "paid_in": plain(paid_in)}
        await deeds.record(connection, actor, Deed("add customer", f"customer:{number}", {}, made))
    return NewCustomer(number, key)
