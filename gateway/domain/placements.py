"""A placement: what a customer asked for, validated but not yet priced (protocol.md 1.2 and 5)."""

from dataclasses import dataclass

from gateway.domain.services import ServiceType

QUANTITY_MAX = 1_000_000_000
LINK_CHARACTERS_MAX = 2_048
LINES_MAX = 10_000
LINE_CHARACTERS_MAX = 2_200
RUNS_MAX = 10_000
INTERVAL_MINUTES_MAX = 60 * 24 * 366


@dataclass(frozen=True, slots=True)
class Placement:
    """What to order. `quantity` is per run; comments count as lines; a package's quantity is 1."""

    service: int
    kind: ServiceType
    link: str
    quantity: int
    comments: tuple[str, ...] = ()
    runs: int | None = None
    interval_minutes: int | None = None

    @property
    def quantity_total(self) -> int:
        """Over all runs of a drip-feed."""
        return self.quantity * (self.runs or 1)


def split_lines(text: str) -> tuple[str, ...]:
    """Lines of a list field: split at CRLF, LF or CR, trimmed, empty ones dropped (protocol.md 5).

    Two typed characters backslash and n break only where no real break is.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\n" not in text.strip():
        text = text.replace("\\n", "\n")
    return tuple(line for line in (part.strip() for part in text.split("\n")) if line)
