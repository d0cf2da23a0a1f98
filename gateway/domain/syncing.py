"""What a provider's new list changes, with the brakes of money.md 7."""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from gateway.domain.brakes import BRAKES, Brakes
from gateway.domain.catalog import Listing, OfferState
from gateway.domain.money import EXACT, LEDGER_STEP, plain, round_up
from gateway.domain.pricing import RATE_BELOW

SHRUNK_SHARE = Decimal("0.3")
SHRUNK_OFFERS_MIN = 10
_HUNDRED = Decimal(100)
SHRUNK = "the list lost "
"""What `held` begins with where an operator may agree to what is gone."""


@dataclass(frozen=True, slots=True)
class Known:
    """An offer as it is recorded. `rate_waiting`: what its rate became, if nobody agreed so far."""

    listing: Listing
    state: OfferState
    rate_waiting: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """An offer to be written, its new standing, and why it is not simply listed.

    `rate_waiting`: what its rate would be, which waits for an operator; the listing has the last
    good one.
    """

    listing: Listing
    state: OfferState
    note: str = ""
    rate_waiting: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Synced:
    """What a list changes; `held` says why vanished offers were left as they are."""

    changes: tuple[Change, ...]
    held: str = ""


def compare(
    known: Mapping[str, Known],
    listings: Sequence[Listing],
    *,
    agreed: bool = False,
    brakes: Brakes = BRAKES,
) -> Synced:
    """The changes that a list makes to what is recorded of one provider.

    An empty list, and one that lost 30 % or more unless an operator `agreed`, delist nothing. An
    id that stands for another thing than before is quarantined until an operator agrees.

    A rate that jumps waits for an operator, too, and the last good one stays. After a fall the
    offer goes on at it, which loses nothing; after a rise it is not sold, as that would be at a
    loss. A rate that comes back by itself needs nobody. A rate at which nothing could be sold is
    as good as no row.
    """
    listings = [_recorded(listing) for listing in listings if listing.rate < RATE_BELOW]
    changes = [change for listing in listings if (change := _changed(known, listing, brakes))]
    present = {listing.offer for listing in listings}
    # a quarantined one keeps its mark: vanished, it would come back as listed
    sold = [offer for offer, each in known.items() if each.state is OfferState.LISTED]
    gone = [offer for offer in sold if offer not in present]
    if held := _brake(len(gone), len(sold), len(listings), agreed=agreed):
        return Synced(tuple(changes), held)
    vanished = (
        Change(known[offer].listing, OfferState.VANISHED, "no longer in the list") for offer in gone
    )
    return Synced((*changes, *vanished))


def _recorded(listing: Listing) -> Listing:
    # a finer rate would differ from its own record for ever; upwards, so that no cost is missed
    return replace(listing, rate=round_up(listing.rate, LEDGER_STEP))


def _brake(gone: int, sold: int, listed: int, *, agreed: bool) -> str:
    if not listed:
        return "the list is empty: nothing was delisted" if sold else "the list is empty"
    if not agreed and sold >= SHRUNK_OFFERS_MIN and gone >= SHRUNK_SHARE * sold:
        return f"{SHRUNK}{gone} of {sold} offers at once: nothing was delisted"
    return ""


def _changed(known: Mapping[str, Known], listing: Listing, brakes: Brakes) -> Change | None:
    before = known.get(listing.offer)
    if before is None:
        return Change(listing, OfferState.LISTED)
    if difference := _identity(before.listing, listing):
        return Change(listing, OfferState.QUARANTINED, difference)
    # one that was quarantined for another reason is not sold at any rate
    rated = before.state is not OfferState.QUARANTINED or before.rate_waiting is not None
    state = OfferState.LISTED if rated else before.state
    then = Change(listing, state)
    if rated and (jump := _jump(before.listing.rate, listing.rate, brakes)):
        last_good = replace(listing, rate=before.listing.rate)
        rises = listing.rate > before.listing.rate
        state = OfferState.QUARANTINED if rises else OfferState.LISTED
        then = Change(last_good, state, jump, listing.rate)
    same = (then.listing, then.state, then.rate_waiting)
    return None if same == (before.listing, before.state, before.rate_waiting) else then


def _jump(before: Decimal, now: Decimal, brakes: Brakes) -> str:
    """How a rate jumped; empty when it did not."""
    percent = EXACT.multiply(EXACT.subtract(now, before), _HUNDRED)
    up = EXACT.multiply(before, brakes.rate_up_percent)
    down = EXACT.multiply(before, brakes.rate_down_percent)
    if percent < up and percent.copy_negate() < down:
        return ""
    return f"rate was {plain(before)}, is {plain(now)}"


def _identity(before: Listing, now: Listing) -> str:
    parts = (
        ("name", before.name, now.name),
        ("type", before.kind_word, now.kind_word),
        ("category", before.category, now.category),
    )
    return "; ".join(
        f"{what} was {old!r}, is {new!r}" for what, old, new in parts if _bare(old) != _bare(new)
    )


@dataclass(frozen=True, slots=True)
class Turned:
    """One thing about an offer that became another."""

    what: str
    was: str
    now: str


_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_TEXT = re.compile(rf"(name|type|category) was ({_QUOTED}), is ({_QUOTED})(?:; |$)")
_RATE = re.compile(r"(rate) was (-?[0-9.]+), is (-?[0-9.]+)", re.ASCII)


def turned(note: str) -> tuple[Turned, ...]:
    """What a note of `compare` tells, part by part; nothing of a note that says something else."""
    if rate := _RATE.fullmatch(note):
        return (Turned(*rate.groups()),)
    found: list[Turned] = []
    at = 0
    while at < len(note):
        part = _TEXT.match(note, at)
        if part is None:
            return ()
        found.append(Turned(part[1], ast.literal_eval(part[2]), ast.literal_eval(part[3])))
        at = part.end()
    return tuple(found)


def _bare(text: str) -> str:
    return " ".join(text.replace("_", " ").casefold().split())


@dataclass(frozen=True, slots=True)
class Tidings:
    """One reading of a list in numbers. `well`: it was read; `odd`: why not, or what was held."""

    well: bool
    odd: str = ""
    listed: int = 0
    appeared: int = 0
    changed: int = 0
    vanished: int = 0
    quarantined: int = 0

    @property
    def moved(self) -> bool:
        """Whether any offer is recorded as another than before."""
        return bool(self.appeared or self.changed or self.vanished or self.quarantined)

    @property
    def usual(self) -> bool:
        """Whether there is nothing to tell."""
        return self.well and not self.odd and not self.moved


def tidings(known: Mapping[str, Known], listed: int, synced: Synced) -> Tidings:
    """What a list changed; an offer that was quarantined counts as that alone."""
    states = [change.state for change in synced.changes]
    fresh = sum(change.listing.offer not in known for change in synced.changes)
    vanished = states.count(OfferState.VANISHED)
    quarantined = states.count(OfferState.QUARANTINED)
    return Tidings(
        well=True,
        odd=synced.held,
        listed=listed,
        appeared=fresh,
        changed=len(states) - fresh - vanished - quarantined,
        vanished=vanished,
        quarantined=quarantined,
    )
