"""Make documents the active revision of the catalog."""

from dataclasses import dataclass

from gateway.domain.applying import UNTOLD, LosesMoney, Overtaken, Terms
from gateway.domain.operators import Actor
from gateway.domain.plans import Plan
from gateway.operations import Backends
from gateway.storage import deeds, polling, revisions
from gateway.storage.deeds import Deed
from gateway.storage.documents import Documents
from gateway.storage.polling import StillNeeded
from gateway.storage.shelf import BELL

__all__ = ["Applied", "LosesMoney", "Overtaken", "StillNeeded", "Terms", "apply"]


@dataclass(frozen=True, slots=True)
class Applied:
    """The active revision afterwards; not `changed` when these documents were active already."""

    revision: int
    changed: bool


async def apply(
    backends: Backends, documents: Documents, plan: Plan, *, actor: Actor, terms: Terms = UNTOLD
) -> Applied:
    """Store and activate documents that `plan` was made of, and tell every process at once.

    Raises `Overtaken` when another revision is active than `terms.base`, `LosesMoney` when the
    plan has new losses that nobody agreed to, and `StillNeeded` when a provider would leave whose
    orders have not ended.
    """
    summary = plan.summary
    async with backends.database.transaction() as connection:
        await revisions.lock(connection)
        active = await revisions.active(connection)
        number = active.number if active else 0
        if active and active.documents.sha256 == documents.sha256:
            return Applied(number, changed=False)
        if terms.base not in (None, number):
            raise Overtaken(number)
        if plan.new_losses and not terms.losses_agreed:
            raise LosesMoney(tuple(change.id for change in plan.new_losses))
        await polling.let_go(connection, plan.providers.gone)
        made = await revisions.add(
            connection, documents, author=actor.name, note=terms.note, summary=summary
        )
        await revisions.activate(connection, made, actor=actor.name, reason=terms.note)
        after = {"revision": made, **summary, "losses_agreed": terms.losses_agreed}
        deed = Deed("apply catalog", f"catalog:{made}", {"revision": number}, after, terms.note)
        await deeds.record(connection, actor, deed)
    await backends.cache.ring(BELL)
    await backends.shelf.refresh()
    return Applied(made, changed=True)
