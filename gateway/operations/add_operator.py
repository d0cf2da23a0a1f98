"""Give somebody an account at the operators' pages."""

import re

from gateway.domain.operators import Actor, Role
from gateway.operations import Backends
from gateway.storage import deeds, operators, passwords, second_factors
from gateway.storage.deeds import Deed
from gateway.storage.operators import Issued, NewAccount, OperatorTaken

__all__ = ["Issued", "OperatorTaken", "add_operator"]

NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


async def add_operator(
    backends: Backends, name: str, role: Role, *, actor: Actor, password: str = ""
) -> Issued:
    """An account with a second factor, and a password made for it unless one is given.

    Raises `OperatorTaken`.
    """
    if not NAME.fullmatch(name):
        wrong = "a name has 1 to 64 small letters, digits and . _ @ + -"
        return Issued(name, why_not=wrong)
    if password and (wrong := passwords.why_not(password)):
        return Issued(name, why_not=wrong)
    made = "" if password else passwords.new_password()
    stored = await passwords.hashed(password or made)
    seed = second_factors.new_seed()
    async with backends.database.transaction() as connection:
        await operators.add(connection, NewAccount(name, role, stored, seed), by=actor.name)
        deed = Deed("add operator", f"operator:{name}", after={"role": role})
        await deeds.record(connection, actor, deed)
    secret = second_factors.secret_of(seed, backends.secret)
    return Issued(name, made, secret, second_factors.address_of(name, secret))
