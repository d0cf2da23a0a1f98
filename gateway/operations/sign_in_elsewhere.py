"""An operator whom an identity provider vouches for gets a session."""

from collections.abc import Sequence
from typing import Protocol

from gateway.domain.operators import Actor, NotVouched
from gateway.operations import Backends
from gateway.storage import deeds, operators, sessions
from gateway.storage.deeds import Deed

__all__ = ["Began", "Issuer", "NotVouched", "sign_in_elsewhere"]


class Began(Protocol):
    """What is remembered until the browser is back: where it went, and what it must bring."""

    @property
    def address(self) -> str:
        """Where it is sent."""
        ...

    @property
    def state(self) -> str:
        """What it brings back."""
        ...

    @property
    def nonce(self) -> str:
        """What the provider's token must say."""
        ...

    @property
    def verifier(self) -> str:
        """What shows that we began it."""
        ...


class Issuer(Protocol):
    """A provider of identities. Both raise `NotVouched`."""

    async def begin(self) -> Began:
        """A sign-in there."""
        ...

    async def identify(self, nonce: str, verifier: str, code: str) -> tuple[str, ...]:
        """Who came back: the subject, and the mail address where that is verified."""
        ...


async def sign_in_elsewhere(
    backends: Backends, identities: Sequence[str], *, address: str
) -> str | None:
    """The session's token; None: none of these identities is an enabled operator's."""
    async with backends.database.transaction() as connection:
        for identity in identities:
            found = await operators.by_subject(connection, identity)
            if found and found.enabled:
                token = await sessions.begin(connection, found.id, found.name, address)
                deed = Deed("sign in elsewhere", f"operator:{found.name}", after={"as": identity})
                await deeds.record(connection, Actor(found.name, address), deed)
                return token
    return None
