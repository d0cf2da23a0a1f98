"""Servers of a campaign's own, and what every campaign tells in the end."""

import shutil
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from gateway import embedded
from gateway.embedded import Running
from gateway.wiring import Addresses

SECRET = "a secret for one campaign"  # noqa: S105  of a database that is thrown away
BREAKS_SHOWN_MAX = 20

Figures = Mapping[str, int | str | Decimal]
"""What was measured, by what it is in words; in the order in which it is told."""


class Stuck(Exception):  # noqa: N818  told to whoever runs the campaign
    """A campaign cannot go on; the text says why. It proves nothing either way."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a campaign found out. `breaks`: what must never be, in words; sound when empty."""

    campaign: str
    seed: int
    seconds: int
    figures: Figures
    breaks: Sequence[str]


@dataclass(frozen=True, slots=True)
class Ground:
    """`folder`: for logs, journals and whatever else; gone when the campaign ends."""

    folder: Path
    running: Running
    addresses: Addresses


@contextmanager
def ground() -> Generator[Ground]:
    """Both servers and a folder while the block runs; from the main thread, before any loop."""
    folder = Path(tempfile.mkdtemp(prefix="gateway-campaign-"))
    folder.chmod(0o711)  # servers started by root run as somebody else, who must get through
    try:
        with embedded.start(folder / "data", durable=False) as running:
            servers = running.servers
            addresses = Addresses(servers.database_url, servers.redis_url, SECRET, folder / "spill")
            yield Ground(folder, running, addresses)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
