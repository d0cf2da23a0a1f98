"""Make documents the active revision of the catalog."""

from dataclasses import dataclass

from gateway.domain.plans import Plan
from gateway.operations import Backends
from gateway.storage import polling, revisions
from gateway.storage.documents import Documents
from gateway.storage.shelf import BELL


@dataclass(frozen=True, slots=True)
class Applied:
    """The active revision afterwards; not `changed` when these documents were active already."""

    revision: int
    changed: bool


async def apply(
    backends: Backends, documents: Documents, plan: Plan, *, author: str, note: str
) -> Applied:
    """Store and activate documents that `plan` was made of, and tell every process at once.

    Raises `StillNeeded` when a provider would leave whose orders have not ended.
    """
    summary = {
        "added": len(plan.added),
        "gone": len(plan.gone),
        "changed": len(plan.changed),
        "losses": len(plan.losses),
    }
    async with backends.database.transaction() as connection:
        await revisions.lock(connection)
        active = await revisions.active(connection)
        if active and active.documents.sha256 == documents.sha256:
            return Applied(active.number, changed=False)
        await polling.let_go(connection, plan.providers.gone)
        number = await revisions.add(
            connection, documents, author=author, note=note, summary=summary
        )
        await revisions.activate(connection, number, actor=author, reason=note)
    await backends.cache.ring(BELL)
    await backends.shelf.refresh()
    return Applied(number, changed=True)
