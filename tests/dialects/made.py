"""Values made up for the laws: everything that the domain can hold, and a little beyond."""

from datetime import date

from hypothesis import strategies as st

from gateway.dialects.placement_fields import DELAYS
from gateway.dialects.standard import STANDARD
from gateway.dialects.values import folded, line, prose
from gateway.domain.catalog import Listing
from gateway.domain.observations import Observation, RefillSeen, RefillWord, Taken, Word
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code, Refusal
from gateway.domain.services import TYPE_RULES, ServiceType

IDS = st.integers(1, 10**18 - 1).map(str)
AMOUNTS = st.decimals(0, 10**9, places=12)
CURRENCIES = st.from_regex(r"[A-Z]{3}", fullmatch=True)
WHOLES = st.integers(-(10**12), 10**12)
UNKNOWN_WORDS = (
    st.text(max_size=20)
    .map(lambda text: line(text, 64))
    .filter(lambda text: folded(text) not in STANDARD.spelling.statuses.words_read)
)
CHILDREN = st.none() | st.lists(IDS, max_size=4, unique=True).map(tuple)
COUNTS = st.none() | st.integers(0, 10**9)
OBSERVATIONS = st.builds(
    Observation,
    st.sampled_from(Word),
    st.none() | AMOUNTS,
    st.none() | WHOLES,
    st.none() | WHOLES | st.just(0),
    st.none() | CURRENCIES,
    children=CHILDREN,
    posts=COUNTS,
    runs=COUNTS,
) | st.builds(Observation, st.none(), AMOUNTS, WHOLES, WHOLES, CURRENCIES, UNKNOWN_WORDS)
STATUS_ROWS = st.dictionaries(
    IDS, OBSERVATIONS | st.just(Refusal(Code.ORDER_NOT_FOUND)), min_size=1, max_size=6
)

REFILL_CODES = (Code.ORDER_NOT_FOUND, Code.REFILL_REFUSED, Code.REFILL_IN_PROGRESS)
CANCEL_CODES = (Code.ORDER_NOT_FOUND, Code.CANCEL_REFUSED, Code.CANCEL_IN_PROGRESS)
TAKEN = st.builds(Taken, st.none() | IDS)
REFILL_ROWS = st.dictionaries(
    IDS, TAKEN | st.sampled_from(REFILL_CODES).map(Refusal), min_size=1, max_size=6
)
CANCEL_ROWS = st.dictionaries(
    IDS, st.just(Taken()) | st.sampled_from(CANCEL_CODES).map(Refusal), min_size=1, max_size=6
)
REFILL_SEEN = st.builds(RefillSeen, st.sampled_from(RefillWord)) | st.builds(
    RefillSeen, st.none(), st.sampled_from(["Sleeping", "half done", "5"])
)
REFILL_STATUS_ROWS = st.dictionaries(
    IDS, REFILL_SEEN | st.just(Refusal(Code.REFILL_NOT_FOUND)), min_size=1, max_size=6
)

FLAGS = st.sampled_from([None, True, False])
BOUNDS = st.tuples(st.integers(0, 100), st.integers(2, 10**9)).map(lambda two: (min(two), max(two)))
KINDS = st.sampled_from([*(kind.value for kind in ServiceType), "Likes spread"])


@st.composite
def listings(draw: st.DrawFn) -> Listing:
    lowest, highest = draw(BOUNDS)
    return Listing(
        offer=draw(st.from_regex(r"[1-9][0-9]{0,14}|[A-Z]{2}-[0-9]{3}|0[1-9]{3}", fullmatch=True)),
        name=draw(st.text(max_size=40).map(lambda text: line(text + "x", 512))),
        category=line(draw(st.text(max_size=40)), 512),
        kind_word=draw(KINDS),
        rate=draw(st.decimals("0.000000000001", 10**9, places=12)),
        quantity_min=lowest,
        quantity_max=highest,
        drip_feed=draw(FLAGS),
        refill=draw(FLAGS),
        cancel=draw(FLAGS),
        description=prose(draw(st.text(max_size=60)), 10_000),
    )


MANY_LISTINGS = st.lists(listings(), max_size=5, unique_by=lambda listing: listing.offer)

LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]) | st.sampled_from(
    ",<>%+&\\n"
)
TEXTS = st.text(LETTERS, min_size=1, max_size=30).map(str.strip).filter(bool) | st.sampled_from(
    ["null", "None", "undefined", "0", "https://a.example/x%2By", "a\\nb"]
)
LINES = st.lists(TEXTS, min_size=1, max_size=6)
LISTS = ("usernames", "hashtags", "keywords", "groups")
DIGITS = st.from_regex(r"[0-9]{1,20}", fullmatch=True)
DAYS = st.dates(date(2024, 1, 1), date(2040, 12, 31))
INTERVALS = st.sampled_from([5, 10, 90]) | st.integers(1, 527_040)


@st.composite
def placements(draw: st.DrawFn) -> Placement:
    kind = draw(st.sampled_from(ServiceType))
    rule = TYPE_RULES[kind]
    if rule.quantity == "bound":
        return draw(subscriptions())
    comments = tuple(draw(LINES)) if "comments" in rule.fields else ()
    details: dict[str, str] = {}
    for name in (*rule.fields, *rule.optional):
        if text := _detail(draw, name, details.get("type_of_traffic", "")):
            details[name] = text
    quantity = draw(st.integers(1, 1_000_000_000)) if rule.quantity == "given" else 1
    if rule.counted:
        quantity = len(comments or details[rule.counted].split("\n"))
    runs, interval_minutes = None, None
    if rule.drip_feed and draw(st.booleans()):
        runs, interval_minutes = draw(st.integers(1, 10_000)), draw(INTERVALS)
    listed = tuple(details.items())
    return Placement(1, kind, draw(TEXTS), quantity, comments, runs, interval_minutes, listed)


def _detail(draw: st.DrawFn, name: str, traffic: str) -> str:
    if name in {"link", "quantity", "comments", "runs", "interval"}:
        return ""
    if name in LISTS:
        return "\n".join(draw(LINES))
    if name in {"answer_number", "comment_id", "comments_package"}:
        return draw(DIGITS)
    if name == "device":
        return str(draw(st.integers(1, 5)))
    if name == "type_of_traffic":
        return str(draw(st.integers(1, 3)))
    if name in {"google_keyword", "referring_url"}:
        wanted = {"google_keyword": "1", "referring_url": "2"}[name] == traffic
        return draw(TEXTS) if wanted else ""
    return draw(TEXTS)


@st.composite
def subscriptions(draw: st.DrawFn) -> Placement:
    least, most = sorted(draw(st.tuples(st.integers(1, 10_000), st.integers(1, 10_000))))
    posts, old_posts = draw(st.integers(1, 1_000)), draw(st.integers(0, 100))
    details = {
        "min": str(least),
        "max": str(most),
        draw(st.sampled_from(["posts", "posts_max"])): str(posts),
        "delay": str(draw(st.sampled_from(DELAYS))),
    }
    if old_posts:
        details["old_posts"] = str(old_posts)
    if draw(st.booleans()):
        details["expiry"] = draw(DAYS).strftime("%d/%m/%Y")
    quantity = (posts + old_posts) * most
    listed = tuple(details.items())
    return Placement(1, ServiceType.SUBSCRIPTIONS, draw(TEXTS), quantity, details=listed)
