"""Tell customers how their refills go, from our own rows only."""

from collections.abc import Sequence

from gateway.domain.callers import Caller
from gateway.domain.observations import RefillSeen
from gateway.domain.requests import WORD_OF
from gateway.operations import Backends
from gateway.storage import requests


async def refill_status(
    backends: Backends, caller: Caller, refills: Sequence[int]
) -> dict[int, RefillSeen]:
    """The caller's refills among those asked; another's and unknown ones are equally absent."""
    async with backends.database.reading() as connection:
        found = await requests.states(connection, caller.customer, refills)
    return {refill: RefillSeen(WORD_OF[state]) for refill, state in found.items()}
