"""An operator shows again that it is he, before money moves (money.md 9)."""

from datetime import datetime

from gateway.operations import Backends
from gateway.storage import operators, second_factors, sessions


async def prove(backends: Backends, token: str, code: str, *, address: str, at: datetime) -> bool:
    """Whether the code of his second factor is right; wrong ones count as tries to sign in."""
    async with backends.database.transaction() as connection:
        found = await sessions.find(connection, token)
        operator = await operators.by_name(connection, found.name) if found else None
        if operator is None or not await sessions.tries_left(connection, operator.name, address):
            return False
    secret = second_factors.secret_of(operator.seed, backends.secret)
    step = second_factors.step_of(code, secret, at, operator.step)
    async with backends.database.transaction() as connection:
        if step is None or not await operators.take_step(connection, operator.id, step):
            return False
        await sessions.prove(connection, token)
        await sessions.forgive(connection, operator.name, address)
    return True
