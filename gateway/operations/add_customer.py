"""Add a customer, with a key and perhaps a first top-up."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.money import ZERO
from gateway.domain.postings import top_up
from gateway.operations import Backends
from gateway.storage import customers, keys, ledger
from gateway.storage.ledger import Posting


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer just made. The key is shown this once; only its digest is stored."""

    customer: int
    key: str


async def add_customer(
    backends: Backends, name: str, *, group: str = "", dialect: str = "standard", paid_in: Decimal
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
            await ledger.post(connection, [Posting(entry)], actor="operator")
    return NewCustomer(number, key)
