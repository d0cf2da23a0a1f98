"""What the sandbox has on offer when nobody says otherwise, and lists of any length."""

from dataclasses import replace
from decimal import Decimal

from gateway.domain.catalog import Listing
from gateway.domain.services import ServiceType

OFFERS_MAX = 100_000
FIRST_GENERATED = 1_001

_DEFAULT = ServiceType.DEFAULT
_PACKAGE = ServiceType.PACKAGE
_COMMENTS = ServiceType.CUSTOM_COMMENTS

# id, name, category, type, rate, min, max, flags: d = drip-feed, r = refill, c = cancel
_Row = tuple[str, str, str, ServiceType, str, int, int, str]
_FIRST: tuple[_Row, ...] = (
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
_T = ServiceType
_FURTHER: tuple[_Row, ...] = (
    ("109", "Followers, refilled for 30 days", "Followers", _DEFAULT, "1.62", 100, 20_000, "r"),
    ("401", "Ten comments, own words", "Sets", _T.CUSTOM_COMMENTS_PACKAGE, "0.95", 1, 1, "c"),
    ("501", "Mentions of these names", "Mentions", _T.MENTIONS, "3.20", 10, 5_000, "c"),
    ("502", "With hashtags", "Mentions", _T.MENTIONS_WITH_HASHTAGS, "3.45", 10, 5_000, ""),
    ("503", "Mentions of a list", "Mentions", _T.MENTIONS_CUSTOM_LIST, "4.10", 2, 1_000, "c"),
    ("504", "Mentions by a hashtag", "Mentions", _T.MENTIONS_HASHTAG, "2.75", 50, 10_000, ""),
    ("505", "Of followers", "Mentions", _T.MENTIONS_USER_FOLLOWERS, "2.95", 50, 10_000, "c"),
    ("506", "Of those who liked", "Mentions", _T.MENTIONS_MEDIA_LIKERS, "2.60", 50, 10_000, ""),
    ("601", "Likes of a comment", "Comments", _T.COMMENT_LIKES, "1.05", 10, 2_000, "rc"),
    ("603", "Replies to a comment", "Comments", _T.COMMENT_REPLIES, "15.75", 1, 100, "c"),
    ("701", "Votes in a poll", "Votes", _T.POLL, "0.725", 50, 50_000, ""),
    ("702", "Visits from searches", "Traffic", _T.SEO, "0.66", 100, 100_000, "c"),
    ("703", "Invitations from groups", "Followers", _T.INVITES_FROM_GROUPS, "5.30", 25, 3_000, "c"),
    ("704", "Visits from one country", "Traffic", _T.WEB_TRAFFIC, "0.3125", 100, 500_000, "dc"),
    ("705", "Visits, all at once", "Traffic", _T.WEB_TRAFFIC, "0.29", 1_000, 1_000_000, ""),
    ("801", "Likes of every new post", "Likes", _T.SUBSCRIPTIONS, "0.55", 10, 10_000, "c"),
    ("802", "Views of every new post", "Views", _T.SUBSCRIPTIONS, "0.0375", 100, 100_000, ""),
)
# one panel family's own inventions, which the standard has no words for
_BY_ID: tuple[_Row, ...] = (
    ("402", "Comments by list", "Sets", _T.CUSTOM_COMMENTS_PACKAGE_BY_LIST, "0.85", 1, 1, ""),
    ("602", "Likes by id", "Comments", _T.COMMENT_LIKES_BY_ID, "1.01", 10, 500, ""),
)


def _listing(row: _Row) -> Listing:
    offer, name, category, kind, rate, quantity_min, quantity_max, flags = row
    return Listing(
        offer=offer,
        name=name,
        category=category,
        kind_word=kind.value,
        rate=Decimal(rate),
        quantity_min=quantity_min,
        quantity_max=quantity_max,
        drip_feed="d" in flags,
        refill="r" in flags,
        cancel="c" in flags,
    )


BUILT_IN = tuple(_listing(row) for row in sorted((*_FIRST, *_FURTHER), key=lambda row: row[0]))
BY_ID = tuple(_listing(row) for row in _BY_ID)
_PATTERNS = tuple(_listing(row) for row in _FIRST)


def many(offers: int) -> tuple[Listing, ...]:
    """So many like the first built-in ones, rates rising, ids from 1001. Raises ValueError."""
    if not 1 <= offers <= OFFERS_MAX:
        raise ValueError(f"{offers} offers is not within 1 and {OFFERS_MAX}")
    return tuple(_generated(number) for number in range(offers))


def _generated(number: int) -> Listing:
    pattern = _PATTERNS[number % len(_PATTERNS)]
    return replace(
        pattern,
        offer=str(FIRST_GENERATED + number),
        name=f"{pattern.name}, no. {number + 1}",
        rate=pattern.rate + Decimal(number).scaleb(-5),
    )
