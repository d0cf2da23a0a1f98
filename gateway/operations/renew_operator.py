"""An operator gets another password and second factor: one was lost, or seen by somebody."""

from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import deeds, operators, passwords, second_factors, sessions
from gateway.storage.deeds import Deed
from gateway.storage.operators import Issued

__all__ = ["Issued", "renew_operator"]


async def renew_operator(backends: Backends, name: str, *, actor: Actor, reason: str) -> Issued:
    """Both new; what he had is worthless at once, his sessions included."""
    made = passwords.new_password()
    stored, seed = await passwords.hashed(made), second_factors.new_seed()
    async with backends.database.transaction() as connection:
        await operators.lock(connection)
        found = await operators.by_name(connection, name)
        if found is None:
            return Issued(name, why_not=f"there is no operator {name}")
        await operators.replace_secrets(connection, found.id, stored, seed, 0)
        await sessions.end_all(connection, found.id)
        deed = Deed("renew operator", f"operator:{name}", reason=reason)
        await deeds.record(connection, actor, deed)
    secret = second_factors.secret_of(seed, backends.secret)
    return Issued(name, made, secret, second_factors.address_of(name, secret))
