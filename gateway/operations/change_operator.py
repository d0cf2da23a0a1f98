"""An owner changes what an operator may do, or takes his account away."""

from dataclasses import dataclass

from gateway.domain.operators import Actor, Role
from gateway.operations import Backends
from gateway.storage import deeds, operators, sessions
from gateway.storage.deeds import Deed
from gateway.storage.operators import OperatorTaken

__all__ = ["OperatorTaken", "Standing", "change_operator"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What an owner decides. `subject`: the identity that signs in elsewhere as him, if any."""

    role: Role
    enabled: bool = True
    subject: str = ""


async def change_operator(
    backends: Backends, name: str, wanted: Standing, *, actor: Actor, reason: str
) -> str:
    """Empty when done, else why not. His sessions end: what he may do is read anew.

    The last owner who can sign in stays one. Raises `OperatorTaken` for an identity of another's.
    """
    async with backends.database.transaction() as connection:
        await operators.lock(connection)
        everybody = {each.name: each for each in await operators.listed(connection)}
        found = everybody.get(name)
        if found is None:
            return f"there is no operator {name}"
        others = (each for each in everybody.values() if each.name != name and each.enabled)
        stays = wanted.enabled and wanted.role is Role.OWNER
        if not stays and not any(each.role is Role.OWNER for each in others):
            return f"{name} is the last owner: name another one first"
        subject = wanted.subject or None
        await operators.change(
            connection, found.id, wanted.role, enabled=wanted.enabled, subject=subject
        )
        await sessions.end_all(connection, found.id)
        before = {"role": found.role, "enabled": found.enabled, "subject": found.subject}
        after = {"role": wanted.role, "enabled": wanted.enabled, "subject": subject}
        deed = Deed("change operator", f"operator:{name}", before, after, reason)
        await deeds.record(connection, actor, deed)
    return ""
