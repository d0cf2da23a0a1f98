"""What each dialect loses on its way through an answer, as protocol.md 2.2 declares it.

`keep_*` blank exactly that and nothing else: read(write(x)) == keep(x).
"""

from dataclasses import replace

from gateway.domain.catalog import Listing
from gateway.domain.observations import Balance, Observation, Taken, Word

SMARTPANEL = {"keralasmm", "smmia"}
WITHOUT_REFILL_IDS = {"keralasmm", "smmbros"}
END = {Word.COMPLETED, Word.PARTIAL, Word.CANCELED, Word.EXPIRED}


def keep_observation(name: str, seen: Observation) -> Observation:
    seen = replace(seen, start_count=seen.start_count or 0)
    if name in SMARTPANEL:
        seen = replace(seen, currency=None)
        if seen.remains == 0 and seen.word not in END:
            seen = replace(seen, remains=None)
    return seen


def keep_balance(name: str, balance: Balance) -> Balance:
    return replace(balance, currency=None) if name in SMARTPANEL else balance


def keep_listing(name: str, listing: Listing) -> Listing:
    if name == "smmbros":
        listing = replace(listing, drip_feed=None, description="")
    if name in {"smmbros", "smmia"}:
        listing = replace(listing, refill=None, cancel=None)
    return listing


def keep_refill(name: str, order: str, taken: Taken, *, many: bool) -> Taken:
    lost = name in WITHOUT_REFILL_IDS and not many
    return Taken() if lost or taken.request == order else taken
