"""A worker that some orders kill: `python -m gateway.campaign.deadly claim|send`.

An order whose link holds the mark ends the process by SIGKILL, when it is read for its claim or
when it is about to be sent. Everything else is the worker as it is.
"""

import asyncio
import os
import signal
import sys
from typing import Any
from unittest.mock import patch

import uvloop

from gateway import wiring
from gateway.domain.placements import Placement
from gateway.settings import Settings
from gateway.storage import claims
from gateway.upstream.client import ProviderClient
from gateway.upstream.outcomes import Attempted
from gateway.upstream.trace import TraceLog
from gateway.wiring import Addresses
from gateway.worker import Worker

MARK = "deadly"
CLAIM = "claim"
SEND = "send"
LIFE_SECONDS = 3_600


def main(arguments: list[str]) -> None:
    """Work until killed."""
    settings = Settings()
    if settings.database_url is None or settings.redis_url is None or settings.secret_key is None:
        sys.exit("a deadly worker is started by a campaign, with addresses in its environment")
    secret = settings.secret_key.get_secret_value()
    addresses = Addresses(settings.database_url, settings.redis_url, secret, settings.spill_dir)
    uvloop.run(_work(addresses, arguments[0]))


async def _work(addresses: Addresses, moment: str) -> None:
    read, add = claims.read_placement, ProviderClient.add

    def reading(row: Any) -> Placement:
        placement = read(row)
        if moment == CLAIM:
            _die_of(placement)
        return placement

    async def adding(
        panel: ProviderClient, offer: str, placement: Placement, *, log: TraceLog | None = None
    ) -> Attempted:
        if moment == SEND:
            _die_of(placement)
        return await add(panel, offer, placement, log=log)

    with (
        patch.object(claims, "read_placement", reading),
        patch.object(ProviderClient, "add", adding),
    ):
        async with (
            wiring.backends(addresses, name="campaign's worker") as backends,
            Worker(backends, await wiring.spill(addresses, backends)).running(),
        ):
            os.write(1, b"working\n")
            await asyncio.sleep(LIFE_SECONDS)


def _die_of(placement: Placement) -> None:
    if MARK in placement.link:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
