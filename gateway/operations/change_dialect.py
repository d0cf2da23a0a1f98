"""Speak to the holder of a key in another dialect."""

from gateway.dialects.book import BOOK
from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import customer_keys, deeds
from gateway.storage.customer_keys import KeyFacts
from gateway.storage.deeds import Deed

__all__ = ["KeyFacts", "change_dialect"]


async def change_dialect(
    backends: Backends, key: tuple[int, int], dialect: str, *, actor: Actor, reason: str = ""
) -> KeyFacts | None:
    """The key, given as its customer's id and its own, afterwards; None: he has no such key.

    ValueError for a dialect that is not built in: documents of dialects are for providers.
    """
    if dialect not in BOOK:
        raise ValueError(f"unknown dialect {dialect!r}: a key speaks one of {', '.join(BOOK)}")
    customer, number = key
    async with backends.database.transaction() as connection:
        found = await customer_keys.find(connection, customer, number)
        if found is None or found.dialect == dialect:
            return found
        await customer_keys.speak(connection, customer, number, dialect)
        before = {"key": found.hint, "dialect": found.dialect}
        after = {"key": found.hint, "dialect": dialect}
        deed = Deed("change dialect", f"customer:{customer}", before, after, reason)
        await deeds.record(connection, actor, deed)
        return await customer_keys.find(connection, customer, number)
