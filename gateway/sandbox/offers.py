"""What the sandbox has on offer when nobody says otherwise, and lists of any length."""

from dataclasses import replace
from decimal import Decimal

from gateway.domain.catalog import Listing
from gateway.domain.services import ServiceType

OFFERS_MAX = 100_000
FIRST_GENERATED = 1_001

_DEFAULT = ServiceType.DEFAULT.value
_PACKAGE = ServiceType.PACKAGE.value
_COMMENTS = ServiceType.CUSTOM_COMMENTS.value

# id, name, category, type, rate, min, max, flags: d = drip-feed, r = refill, c = cancel
_ROWS = (
    ("101", "Followers, worldwide", "Followers", _DEFAULT, "0.90", 50, 10_000, "drc"),
    ("102", "Followers, slow and steady", "Followers", _DEFAULT, "2.35", 100, 50_000, "dr"),
    ("103", "Followers, one country", "Followers", _DEFAULT, "4.8125", 20, 5_000, "rc"),
    ("104", "Likes, worldwide", "Likes", _DEFAULT, "0.41", 10, 20_000, "dc"),
    ("105", "Likes, mixed sources", "Likes", _DEFAULT, "0.1837", 50, 100_000, "d"),
    ("106", "Views, video", "Views", _DEFAULT, "0.02375", 100, 1_000_000, "dc"),
    ("107", "Views, story", "Views", _DEFAULT, "0.09", 100, 30_000, ""),
    ("108", "Shares, worldwide", "Shares", _DEFAULT, "1.15", 20, 8_000, "c"),
    ("201", "Comments, own words", "Comments", _COMMENTS, "12.50", 1, 500, "c"),
    ("202", "Comments, own words, slow", "Comments", _COMMENTS, "8.40", 5, 200, ""),
    ("301", "Starter set, 100 followers and 50 likes", "Sets", _PACKAGE, "1.99", 1, 1, "r"),
    ("302", "Launch set, 1,000 followers and 500 likes", "Sets", _PACKAGE, "14.90", 1, 1, "r"),
)


def _listing(row: tuple[str, str, str, str, str, int, int, str]) -> Listing:
    offer, name, category, kind, rate, quantity_min, quantity_max, flags = row
    return Listing(
        offer=offer,
        name=name,
        category=category,
        kind_word=kind,
        rate=Decimal(rate),
        quantity_min=quantity_min,
        quantity_max=quantity_max,
        drip_feed="d" in flags,
        refill="r" in flags,
        cancel="c" in flags,
    )


BUILT_IN = tuple(_listing(row) for row in _ROWS)


def many(offers: int) -> tuple[Listing, ...]:
    """So many offers like the built-in ones with rising rates, ids from 1001. Raises ValueError."""
    if not 1 <= offers <= OFFERS_MAX:
        raise ValueError(f"{offers} offers is not within 1 and {OFFERS_MAX}")
    return tuple(_generated(number) for number in range(offers))


def _generated(number: int) -> Listing:
    pattern = BUILT_IN[number % len(BUILT_IN)]
    return replace(
        pattern,
        offer=str(FIRST_GENERATED + number),
        name=f"{pattern.name}, no. {number + 1}",
        rate=pattern.rate + Decimal(number).scaleb(-5),
    )
