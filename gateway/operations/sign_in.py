"""An operator shows who he is: password and second factor, so many tries and no more."""

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import deeds, operators, passwords, second_factors, sessions
from gateway.storage.deeds import Deed

NAME_CHARACTERS_MAX = 64
LOCKED = (
    f"Too many tries: wait {sessions.TRIES_MINUTES} minutes, or ask an owner for new credentials."
)
WRONG = "Name, password or code is wrong; a code works once only."


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was typed."""

    name: str
    password: str
    code: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The session's token, or why there is none."""

    token: str = ""
    why_not: str = ""


async def sign_in(
    backends: Backends, credentials: Credentials, *, address: str, at: datetime
) -> SignedIn:
    """A session; the same words whatever was wrong. A try counts before it is looked at."""
    name = credentials.name[:NAME_CHARACTERS_MAX]
    async with backends.database.transaction() as connection:
        if not await sessions.tries_left(connection, name, address):
            return SignedIn(why_not=LOCKED)
        operator = await operators.by_name(connection, name)
    stored = operator.password if operator and operator.enabled else None
    fits = await passwords.fits(stored, credentials.password)
    if operator is None or not fits:
        return SignedIn(why_not=WRONG)
    secret = second_factors.secret_of(operator.seed, backends.secret)
    step = second_factors.step_of(credentials.code, secret, at, operator.step)
    async with backends.database.transaction() as connection:
        if step is None or not await operators.take_step(connection, operator.id, step):
            return SignedIn(why_not=WRONG)
        token = await sessions.begin(connection, operator.id, name, address)
        await deeds.record(connection, Actor(name, address), Deed("sign in", f"operator:{name}"))
    return SignedIn(token)
