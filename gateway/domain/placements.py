"""A placement: what a customer asked for, validated but not yet priced (protocol.md 1.2 and 5)."""

from dataclasses import dataclass, replace

from gateway.domain.services import TYPE_RULES, ServiceType

QUANTITY_MAX = 1_000_000_000
LINK_CHARACTERS_MAX = 2_048
LINES_MAX = 10_000
LINE_CHARACTERS_MAX = 2_200
RUNS_MAX = 10_000
INTERVAL_MINUTES_MAX = 60 * 24 * 366

Details = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """What to order. `quantity` is per run; lines count as quantity; a package's quantity is 1.

    `details` are the other fields of its type in the order of `TYPE_RULES`, by the standard's
    names, as text; a list is joined with LF. A subscription has its `username` as link, and as
    quantity its bound: (posts + old_posts) x max. One that came without posts, on a service that
    allows it, has the detail `posts_max` in the place of `posts`.
    """

    service: int
    kind: ServiceType
    link: str
    quantity: int
    comments: tuple[str, ...] = ()
    runs: int | None = None
    interval_minutes: int | None = None
    details: Details = ()

    @property
    def quantity_total(self) -> int:
        """Over all runs, or all posts of a subscription."""
        return self.quantity * (self.runs or 1)

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the most that is delivered at once: what an offer's min and max limit."""
        if TYPE_RULES[self.kind].quantity == "bound":
            return int(self.detail("min")), int(self.detail("max"))
        return self.quantity, self.quantity

    def detail(self, name: str) -> str:
        """A detail's text; empty when it was not sent."""
        return dict(self.details).get(name, "")

    def one_run(self) -> "Placement":
        """What is sent for each run of a drip-feed that we run ourselves."""
        return replace(self, runs=None, interval_minutes=None)


def split_lines(text: str) -> tuple[str, ...]:
    """Lines of a list field: split at CRLF, LF or CR, trimmed, empty ones dropped (protocol.md 5).

    Two typed characters backslash and n break only where no real break is.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\n" not in text.strip():
        text = text.replace("\\n", "\n")
    return tuple(line for line in (part.strip() for part in text.split("\n")) if line)
