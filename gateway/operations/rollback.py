"""Go back to an earlier revision of the catalog."""

import asyncio

from gateway.domain.applying import LosesMoney, Overtaken, Terms
from gateway.domain.operators import Actor
from gateway.domain.plans import Plan
from gateway.operations import Backends
from gateway.storage import deeds, polling, revisions
from gateway.storage.deeds import Deed
from gateway.storage.documents import DocumentErrors, parse
from gateway.storage.polling import StillNeeded
from gateway.storage.shelf import BELL

__all__ = ["DocumentErrors", "LosesMoney", "Overtaken", "StillNeeded", "Terms", "rollback"]


async def rollback(
    backends: Backends, revision: int, plan: Plan | None, *, actor: Actor, terms: Terms
) -> bool:
    """Sell from a stored revision again; False: there is none of that number.

    `plan`: what it would change, if somebody looked; its new losses must then be agreed to. Raises
    `Overtaken`, `LosesMoney`, `StillNeeded`, and DocumentErrors where a revision of an older
    version can no longer be read.
    """
    async with backends.database.reading() as connection:
        found = await revisions.one(connection, revision)
    if found is None:
        return False
    catalog = await asyncio.to_thread(parse, found.documents, found.number)
    losses = tuple(change.id for change in plan.new_losses) if plan else ()
    async with backends.database.transaction() as connection:
        await revisions.lock(connection)
        active = await revisions.active(connection)
        number = active.number if active else 0
        if terms.base not in (None, number):
            raise Overtaken(number)
        if losses and not terms.losses_agreed:
            raise LosesMoney(losses)
        leaving = backends.shelf.stock.catalog.providers.keys() - catalog.providers.keys()
        await polling.let_go(connection, leaving)
        await revisions.activate(connection, revision, actor=actor.name, reason=terms.note)
        after = {"revision": revision, **(plan.summary if plan else {})}
        deed = Deed(
            "roll back catalog", f"catalog:{revision}", {"revision": number}, after, terms.note
        )
        await deeds.record(connection, actor, deed)
    await backends.cache.ring(BELL)
    await backends.shelf.refresh()
    return True
