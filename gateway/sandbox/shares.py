"""Shares of chance: names that each strike in a part of all cases."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from random import Random

_FINENESS = 10**9


def read_share(name: str, text: str) -> Decimal:
    """A share from 0 to 1 out of its text. Raises ValueError with the name in it."""
    try:
        share = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{name}: {text!r} is not a number from 0 to 1") from None
    if not (share.is_finite() and 0 <= share <= 1):
        raise ValueError(f"{name}: {text} is not within 0 and 1")
    return share


def read_shares(texts: Iterable[str]) -> dict[str, Decimal]:
    """Shares by name out of texts like `hang_after=0.05`. Raises ValueError."""
    shares: dict[str, Decimal] = {}
    for text in texts:
        name, equals, share = text.partition("=")
        if not equals:
            raise ValueError(f"{text!r} is not NAME=SHARE")
        shares[name] = read_share(name, share)
    return shares


def check_shares(what: str, known: Iterable[str], shares: Mapping[str, Decimal]) -> None:
    """Raises ValueError for an unknown name, listing the known, and for a share beyond 0..1."""
    names = tuple(str(name) for name in known)
    for name, share in shares.items():
        if name not in names:
            raise ValueError(f"unknown {what} {name!r}: there are {', '.join(names)}")
        read_share(name, str(share))


class Shares:
    """At most one of several names per draw, each in its share of the draws."""

    def __init__(self, shares: Mapping[str, Decimal]) -> None:
        """Raises ValueError where the shares exceed 1 together."""
        self._steps: list[tuple[int, str]] = []
        total = Decimal(0)
        for name, share in shares.items():
            total += share
            self._steps.append((int(total * _FINENESS), str(name)))
        if total > 1:
            raise ValueError(f"the shares of {', '.join(shares)} are {total} together, above 1")

    def draw(self, chance: Random) -> str | None:
        """A name, or None where chance strikes none."""
        if not self._steps:
            return None
        drawn = chance.randrange(_FINENESS)
        return next((name for below, name in self._steps if drawn < below), None)
