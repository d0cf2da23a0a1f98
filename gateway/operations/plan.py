"""Show what documents would change before they are applied."""

import asyncio

from gateway.domain.catalog import Buyer
from gateway.domain.plans import Plan
from gateway.domain.plans import plan as compare
from gateway.operations import Backends
from gateway.storage import customers, offers
from gateway.storage.documents import Documents, parse


async def plan(backends: Backends, documents: Documents) -> Plan:
    """Against the active revision and today's offers. Raises DocumentErrors."""
    # ten thousand services take their time; a process that also answers customers goes on meanwhile
    after = await asyncio.to_thread(parse, documents)
    async with backends.database.reading() as connection:
        names = {*after.providers, *backends.shelf.stock.catalog.providers}
        known = {offer.ref: offer for offer in await offers.load(connection, sorted(names))}
        buyers = [Buyer(each.name, each.group) for each in await customers.buyers(connection)]
    before = backends.shelf.stock.catalog
    return await asyncio.to_thread(compare, before if before.number else None, after, known, buyers)
