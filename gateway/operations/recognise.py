"""Tell which replies that were kept on disk belong to attempts of this database."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import attempts
from gateway.storage.attempts import Sent
from gateway.storage.claims import AttemptKey


async def recognise(backends: Backends, sent: Sequence[Sent]) -> set[AttemptKey]:
    """The attempts that are on record as they were sent; the others are unknown or somebody else's.

    Raises `Unreachable`.
    """
    async with backends.database.reading() as connection:
        return await attempts.known(connection, sent)
