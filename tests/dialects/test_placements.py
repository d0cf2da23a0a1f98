from dataclasses import replace

import pytest

from gateway.dialects.book import BOOK
from gateway.dialects.dialect import Dialect
from gateway.dialects.messages import Fields
from gateway.dialects.standard import STANDARD
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code, Refusal
from gateway.domain.services import TYPE_RULES, ServiceType
from gateway.domain.services import ServiceType as T

LINK = "https://a.example/x"
ORDER: dict[str, str | tuple[str, ...]] = {"link": LINK, "quantity": "100"}


def read(fields: Fields, kind: ServiceType = ServiceType.DEFAULT) -> Placement:
    return STANDARD.read_placement(1, kind, fields)


def refusal_of(fields: Fields, kind: ServiceType = ServiceType.DEFAULT) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(fields, kind)
    return caught.value


def test_default() -> None:
    assert read(ORDER) == Placement(1, ServiceType.DEFAULT, LINK, 100)
    fields = {**ORDER, "runs": "5", "interval": "30"}
    assert read(fields) == Placement(1, ServiceType.DEFAULT, LINK, 100, runs=5, interval_minutes=30)


@pytest.mark.parametrize(
    "absent",
    [
        {"runs": "undefined", "interval": "undefined"},
        {"runs": "0", "interval": "0"},
        {"runs": "null", "interval": ""},
        {"runs": "None"},
        {"old_posts": "null", "expiry": "", "posts": "undefined", "comments": " "},
        {"posts": "0", "delay": "0"},
        {"unknown": "1"},
    ],
)
def test_absent_fields(absent: Fields) -> None:
    assert read({**ORDER, **absent}) == read(ORDER)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"link": ""}, Refusal(Code.MISSING, "link")),
        ({"link": "a\nb"}, Refusal(Code.BAD_LINK)),
        ({"link": "a\u202eb"}, Refusal(Code.BAD_LINK)),
        ({"link": "a" * 2049}, Refusal(Code.BAD_LINK)),
        ({"url": "https://b.example/"}, Refusal(Code.BAD_LINK)),
        ({"quantity": "null"}, Refusal(Code.MISSING, "quantity")),
        *(
            ({"quantity": wrong}, Refusal(Code.BAD_QUANTITY))
            for wrong in (
                "1e3",
                "1000.0",
                "1,000",
                "+5",
                "-5",
                "\N{FULLWIDTH DIGIT ONE}0",
                "0",
                "1e999",
                "9" * 19,
                "NaN",
            )
        ),
        ({"quantity": "1000000001"}, Refusal(Code.BAD_QUANTITY)),
        ({"quantity": ("1", "2")}, Refusal(Code.BAD_QUANTITY)),
        ({"runs": "5"}, Refusal(Code.MISSING, "interval")),
        ({"interval": "5"}, Refusal(Code.MISSING, "runs")),
        ({"runs": "5", "interval": "0"}, Refusal(Code.BAD_PARAMS, "interval")),
        ({"runs": "0", "interval": "5"}, Refusal(Code.BAD_PARAMS, "runs")),
        ({"runs": "1.5", "interval": "5"}, Refusal(Code.BAD_PARAMS, "runs")),
        ({"runs": "10001", "interval": "5"}, Refusal(Code.BAD_PARAMS, "runs")),
        ({"runs": "5", "interval": "999999"}, Refusal(Code.BAD_PARAMS, "interval")),
        ({"comments": "nice"}, Refusal(Code.BAD_PARAMS, "comments")),
        ({"custom_data": "nice"}, Refusal(Code.BAD_PARAMS, "comments")),
        ({"posts": "5"}, Refusal(Code.BAD_PARAMS, "posts")),
    ],
)
def test_refused(changed: Fields, refusal: Refusal) -> None:
    assert refusal_of({**ORDER, **changed}) == refusal


def test_names_of_the_link() -> None:
    assert read({"url": LINK, "quantity": "100"}) == read(ORDER)
    assert read({**ORDER, "url": f" {LINK} "}) == read(ORDER)
    assert read({**ORDER, "link": "null"}).link == "null"


def test_package() -> None:
    read_one = read({"link": LINK, "quantity": "abc"}, ServiceType.PACKAGE)
    assert read_one == Placement(1, ServiceType.PACKAGE, LINK, 1)
    fields = {"link": LINK, "runs": "2", "interval": "5"}
    assert refusal_of(fields, ServiceType.PACKAGE) == Refusal(Code.BAD_PARAMS, "runs")


@pytest.mark.parametrize("name", ["comments", "custom_data", "customComments"])
@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one\ntwo\nthree", ("one", "two", "three")),
        ("a, b\nc\r\n\r\n d \r", ("a, b", "c", "d")),
        ("a\\nb", ("a", "b")),
        ("a\\nb\nc", ("a\\nb", "c")),
        ("None", ("None",)),
        ("twice\ntwice", ("twice", "twice")),
        (("a", "b"), ("a", "b")),
    ],
)
def test_comments_are_counted_by_lines(
    name: str, text: str | tuple[str, ...], lines: tuple[str, ...]
) -> None:
    for quantity in ({}, {"quantity": "1"}, {"quantity": "x"}):
        fields = {"link": LINK, name: text, **quantity}
        assert read(fields, ServiceType.CUSTOM_COMMENTS) == Placement(
            1, ServiceType.CUSTOM_COMMENTS, LINK, len(lines), lines
        )


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (" \n ", Refusal(Code.MISSING, "comments")),
        ("\\n", Refusal(Code.MISSING, "comments")),
        ("a\x00b", Refusal(Code.BAD_PARAMS, "comments")),
        ("a" * 2201, Refusal(Code.BAD_PARAMS, "comments")),
        ("a\n" * 10_001, Refusal(Code.BAD_PARAMS, "comments")),
    ],
)
def test_comments_refused(text: str, refusal: Refusal) -> None:
    assert refusal_of({"link": LINK, "comments": text}, ServiceType.CUSTOM_COMMENTS) == refusal


def test_the_bounds_themselves_are_taken() -> None:
    assert read({"link": "a" * 2048, "quantity": "1000000000"}).quantity == 1_000_000_000
    lines = "\n".join(["a"] * 9_999 + ["b" * 2200])
    fields = {"link": LINK, "comments": lines}
    assert read(fields, ServiceType.CUSTOM_COMMENTS).quantity == 10_000


def refused(kind: ServiceType, name: str, *texts: str) -> list[tuple[ServiceType, str, str]]:
    return [(kind, name, text) for text in texts]


GOOD: dict[ServiceType, dict[str, str]] = {
    T.MENTIONS: {"quantity": "5", "usernames": "a\r\nb, c\r\n\r\n d "},
    T.MENTIONS_WITH_HASHTAGS: {"quantity": "5", "usernames": "a\rb", "hashtags": "#x"},
    T.MENTIONS_CUSTOM_LIST: {"quantity": "7", "usernames": "a\nb\nc\\nd"},
    T.MENTIONS_HASHTAG: {"quantity": "5", "hashtag": " #x "},
    T.MENTIONS_USER_FOLLOWERS: {"quantity": "5", "username": "https://a.example/u"},
    T.MENTIONS_MEDIA_LIKERS: {"quantity": "5", "media": "https://a.example/m"},
    T.COMMENT_LIKES: {"quantity": "5", "username": "owner"},
    T.COMMENT_LIKES_BY_ID: {"quantity": "5", "comment_id": "17858893269000001"},
    T.COMMENT_REPLIES: {"username": "owner", "comments": "a\\nb"},
    T.CUSTOM_COMMENTS_PACKAGE: {"comments": "a\nb", "quantity": "x"},
    T.CUSTOM_COMMENTS_PACKAGE_BY_LIST: {"comments_package": "12"},
    T.POLL: {"quantity": "5", "answers_number": "2"},
    T.SEO: {"quantity": "5", "keywords": "a\nb"},
    T.INVITES_FROM_GROUPS: {"quantity": "5", "groups": "a\nb"},
    T.WEB_TRAFFIC: {
        "quantity": "5",
        "country": "WW",
        "device": "1",
        "type_of_traffic": "1",
        "google_keyword": "cats",
        "runs": "2",
        "interval": "60",
    },
}
PLACED: dict[ServiceType, Placement] = {
    T.MENTIONS: Placement(1, T.MENTIONS, LINK, 5, details=(("usernames", "a\nb, c\nd"),)),
    T.MENTIONS_WITH_HASHTAGS: Placement(
        *(1, T.MENTIONS_WITH_HASHTAGS, LINK, 5),
        details=(("usernames", "a\nb"), ("hashtags", "#x")),
    ),
    T.MENTIONS_CUSTOM_LIST: Placement(
        *(1, T.MENTIONS_CUSTOM_LIST, LINK, 3), details=(("usernames", "a\nb\nc\\nd"),)
    ),
    T.MENTIONS_HASHTAG: Placement(1, T.MENTIONS_HASHTAG, LINK, 5, details=(("hashtag", "#x"),)),
    T.MENTIONS_USER_FOLLOWERS: Placement(
        *(1, T.MENTIONS_USER_FOLLOWERS, LINK, 5), details=(("username", "https://a.example/u"),)
    ),
    T.MENTIONS_MEDIA_LIKERS: Placement(
        *(1, T.MENTIONS_MEDIA_LIKERS, LINK, 5), details=(("media", "https://a.example/m"),)
    ),
    T.COMMENT_LIKES: Placement(1, T.COMMENT_LIKES, LINK, 5, details=(("username", "owner"),)),
    T.COMMENT_LIKES_BY_ID: Placement(
        *(1, T.COMMENT_LIKES_BY_ID, LINK, 5), details=(("comment_id", "17858893269000001"),)
    ),
    T.COMMENT_REPLIES: Placement(
        *(1, T.COMMENT_REPLIES, LINK, 2, ("a", "b")), details=(("username", "owner"),)
    ),
    T.CUSTOM_COMMENTS_PACKAGE: Placement(1, T.CUSTOM_COMMENTS_PACKAGE, LINK, 1, ("a", "b")),
    T.CUSTOM_COMMENTS_PACKAGE_BY_LIST: Placement(
        *(1, T.CUSTOM_COMMENTS_PACKAGE_BY_LIST, LINK, 1), details=(("comments_package", "12"),)
    ),
    T.POLL: Placement(1, T.POLL, LINK, 5, details=(("answer_number", "2"),)),
    T.SEO: Placement(1, T.SEO, LINK, 5, details=(("keywords", "a\nb"),)),
    T.INVITES_FROM_GROUPS: Placement(
        *(1, T.INVITES_FROM_GROUPS, LINK, 5), details=(("groups", "a\nb"),)
    ),
    T.WEB_TRAFFIC: Placement(
        *(1, T.WEB_TRAFFIC, LINK, 5, (), 2, 60),
        details=(
            *(("country", "WW"), ("device", "1"), ("type_of_traffic", "1")),
            ("google_keyword", "cats"),
        ),
    ),
}


@pytest.mark.parametrize("kind", PLACED)
def test_each_type_by_its_fields(kind: ServiceType) -> None:
    assert read({"link": LINK, **GOOD[kind]}, kind) == PLACED[kind]


@pytest.mark.parametrize("kind", PLACED)
def test_each_field_is_needed(kind: ServiceType) -> None:
    for name in set(GOOD[kind]) - {"quantity", "answers_number", "runs", "interval"}:
        fields = {"link": LINK, **GOOD[kind], name: " "}
        assert refusal_of(fields, kind) == Refusal(Code.MISSING, name)
    if TYPE_RULES[kind].quantity == "given":
        fields = {"link": LINK, **GOOD[kind], "quantity": "0"}
        assert refusal_of(fields, kind) == Refusal(Code.BAD_QUANTITY)
    fields = {**GOOD[kind], "link": "a\nb"}
    assert refusal_of(fields, kind) == Refusal(Code.BAD_LINK)
    if kind is not T.WEB_TRAFFIC:
        fields = {"link": LINK, **GOOD[kind], "runs": "2", "interval": "60"}
        assert refusal_of(fields, kind) == Refusal(Code.BAD_PARAMS, "runs")


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        *refused(T.WEB_TRAFFIC, "device", "0", "6", "1.0", "x", "-1", "99999999999999999999"),
        *refused(T.WEB_TRAFFIC, "type_of_traffic", "0", "4", "two"),
        *refused(T.WEB_TRAFFIC, "referring_url", "https://a.example/"),
        *refused(T.WEB_TRAFFIC, "country", "a\nb", "a\u202eb", "x" * 2049),
        *refused(T.WEB_TRAFFIC, "google_keyword", "a\nb", "x" * 2049),
        *refused(T.COMMENT_LIKES_BY_ID, "comment_id", "1.5", "x", "-1", "1" * 31, "\u0661"),
        *refused(T.CUSTOM_COMMENTS_PACKAGE_BY_LIST, "comments_package", "a", "1,2"),
        *refused(T.POLL, "answer_number", "second", "+1"),
        *refused(T.MENTIONS_HASHTAG, "hashtag", "a\nb", "x" * 2049),
        *refused(T.MENTIONS, "usernames", "a\x00b", "x" * 2201, "x\n" * 10_001),
        *refused(T.SEO, "keywords", "a\x0bb"),
        *refused(T.COMMENT_REPLIES, "username", "a\nb"),
        *refused(T.COMMENT_LIKES, "comments", "foreign"),
        *refused(T.MENTIONS, "hashtags", "foreign"),
    ],
)
def test_each_field_has_bounds(kind: ServiceType, name: str, text: str) -> None:
    fields = {"link": LINK, **GOOD[kind], name: text}
    fields.pop("answers_number", None)
    assert refusal_of(fields, kind) == Refusal(Code.BAD_PARAMS, name)


def test_web_traffic_wants_what_its_source_needs() -> None:
    fields: dict[str, str] = {"link": LINK, **GOOD[T.WEB_TRAFFIC], "type_of_traffic": "2"}
    assert refusal_of(fields, T.WEB_TRAFFIC) == Refusal(Code.BAD_PARAMS, "google_keyword")
    fields["google_keyword"] = ""
    assert refusal_of(fields, T.WEB_TRAFFIC) == Refusal(Code.MISSING, "referring_url")
    fields["referring_url"] = "https://b.example/"
    assert read(fields, T.WEB_TRAFFIC).detail("referring_url") == "https://b.example/"
    fields["type_of_traffic"] = "3"
    assert refusal_of(fields, T.WEB_TRAFFIC) == Refusal(Code.BAD_PARAMS, "referring_url")
    del fields["referring_url"]
    assert read(fields, T.WEB_TRAFFIC).details[-1] == ("type_of_traffic", "3")


SUBSCRIPTION = {"username": "a.b", "min": "010", "max": "20", "posts": "3", "delay": "30"}


def test_subscription() -> None:
    details = (("min", "10"), ("max", "20"), ("posts", "3"), ("delay", "30"))
    placed = Placement(1, T.SUBSCRIPTIONS, "a.b", 60, details=details)
    assert placed.bounds == (10, 20)
    for more in (
        {"old_posts": "0"},
        {"old_posts": "null", "expiry": "", "runs": "0", "interval": "0"},
        {"quantity": "5", "link": "https://other.example/"},
    ):
        assert read({**SUBSCRIPTION, **more}, T.SUBSCRIPTIONS) == placed
    fields = {**SUBSCRIPTION, "old_posts": "2", "expiry": "1/2/2031"}
    assert read(fields, T.SUBSCRIPTIONS) == replace(
        placed, quantity=100, details=(*details, ("old_posts", "2"), ("expiry", "01/02/2031"))
    )


def test_a_subscription_by_its_link() -> None:
    fields = {**SUBSCRIPTION, "username": "", "link": " https://a.example/u "}
    assert read(fields, T.SUBSCRIPTIONS).link == "https://a.example/u"
    for name, text, refusal in (
        ("link", "", Refusal(Code.MISSING, "username")),
        ("link", "a\nb", Refusal(Code.BAD_LINK)),
        ("username", "a\nb", Refusal(Code.BAD_PARAMS, "username")),
    ):
        assert refusal_of({**fields, name: text}, T.SUBSCRIPTIONS) == refusal


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"posts": "0"}, Refusal(Code.BAD_PARAMS, "posts")),
        ({"posts": ""}, Refusal(Code.MISSING, "posts")),
        ({"posts": "-1"}, Refusal(Code.BAD_PARAMS, "posts")),
        ({"posts": "1.5"}, Refusal(Code.BAD_PARAMS, "posts")),
        ({"posts": "50000001"}, Refusal(Code.BAD_PARAMS, "posts")),
        ({"posts": "49999999", "old_posts": "2"}, Refusal(Code.BAD_PARAMS, "posts")),
        ({"old_posts": "-1"}, Refusal(Code.BAD_PARAMS, "old_posts")),
        ({"min": "21"}, Refusal(Code.BAD_PARAMS, "min")),
        ({"min": "0"}, Refusal(Code.BAD_PARAMS, "min")),
        ({"min": ""}, Refusal(Code.MISSING, "min")),
        ({"max": ""}, Refusal(Code.MISSING, "max")),
        ({"max": "1000000001"}, Refusal(Code.BAD_PARAMS, "max")),
        ({"delay": ""}, Refusal(Code.MISSING, "delay")),
        *(({"delay": wrong}, Refusal(Code.BAD_PARAMS, "delay")) for wrong in ("1", "45", "601")),
        *(
            ({"expiry": wrong}, Refusal(Code.BAD_PARAMS, "expiry"))
            for wrong in (
                *("31/02/2031", "2031/01/01", "1/1/31", "29/02/2031", "1-1-2031", "0/1/2031"),
                *("01/01/0000", "tomorrow"),
            )
        ),
        ({"comments": "x"}, Refusal(Code.BAD_PARAMS, "comments")),
        ({"runs": "2", "interval": "5"}, Refusal(Code.BAD_PARAMS, "runs")),
    ],
)
def test_subscriptions_refused(changed: dict[str, str], refusal: Refusal) -> None:
    assert refusal_of({**SUBSCRIPTION, **changed}, T.SUBSCRIPTIONS) == refusal


@pytest.mark.parametrize("delay", ["0", "5", "10", "15", "30", "60", "90", "120", "600"])
def test_delays_that_panels_publish(delay: str) -> None:
    assert read({**SUBSCRIPTION, "delay": delay}, T.SUBSCRIPTIONS).detail("delay") == delay


def test_a_service_may_bound_what_names_no_posts() -> None:
    unbounded = {**SUBSCRIPTION, "posts": "undefined", "old_posts": "1"}
    placed = STANDARD.read_placement(1, T.SUBSCRIPTIONS, unbounded, posts_max=4)
    assert placed.quantity == 100
    assert placed.details == (
        *(("min", "10"), ("max", "20"), ("posts_max", "4"), ("delay", "30")),
        ("old_posts", "1"),
    )
    named = STANDARD.read_placement(1, T.SUBSCRIPTIONS, SUBSCRIPTION, posts_max=4)
    assert named == read(SUBSCRIPTION, T.SUBSCRIPTIONS)
    for wrong, posts_max in (({"posts": "0"}, 4), ({"max": "1000000000"}, 2)):
        with pytest.raises(Refusal):
            STANDARD.read_placement(1, T.SUBSCRIPTIONS, {**unbounded, **wrong}, posts_max)


@pytest.mark.parametrize("name", BOOK)
def test_the_door_reads_the_same_for_every_dialect(name: str) -> None:
    for link in ("link", "url"):
        fields = {link: LINK, "quantity": "100"}
        assert BOOK[name].read_placement(1, T.DEFAULT, fields) == read(ORDER)


def test_an_order_in_the_words_of_its_dialect() -> None:
    requests = replace(STANDARD.spelling.requests, names={"link": "target", "quantity": "amount"})
    other = Dialect(replace(STANDARD.spelling, requests=requests))
    placed = other.read_placement(1, T.DEFAULT, {"target": LINK, "amount": "100"})
    assert placed == read(ORDER)
    assert other.write_add("5", placed)["target"] == LINK
