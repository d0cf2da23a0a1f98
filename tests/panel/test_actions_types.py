"""Every type of service is ordered through the door (protocol.md 5).

Service 101 and those after it have one type each; service 8 is a subscription without `posts`.
"""

from collections.abc import AsyncGenerator, Mapping

import pytest

from gateway.domain.services import ServiceType
from gateway.operations import Backends
from tests.panel.calling import LINK, Api, connect


@pytest.fixture
async def api(backends: Backends, key: str) -> AsyncGenerator[Api]:
    async with connect(backends) as http:
        yield Api(http, key)


LINES = "first\nsecond"
SUBSCRIPTION = {"link": "", "username": "someone", "min": "10", "max": "20", "delay": "5"}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "Default": {},
    "Package": {"quantity": ""},
    "Custom Comments": {"quantity": "", "comments": LINES},
    "Custom Comments Package": {"quantity": "", "comments": LINES},
    "Custom Comments Package by List": {"quantity": "", "comments_package": "7"},
    "Mentions": {"usernames": LINES},
    "Mentions with Hashtags": {"usernames": LINES, "hashtags": LINES},
    "Mentions Custom List": {"quantity": "", "usernames": LINES},
    "Mentions Hashtag": {"hashtag": "tag"},
    "Mentions User Followers": {"username": "https://a.example/u"},
    "Mentions Media Likers": {"media": "https://a.example/m"},
    "Comment Likes": {"username": "someone"},
    "Comment Likes by ID": {"comment_id": "7"},
    "Comment Replies": {"quantity": "", "username": "someone", "comments": LINES},
    "Poll": {"answer_number": "2"},
    "SEO": {"keywords": LINES},
    "Invites from Groups": {"groups": LINES},
    "Web Traffic": {
        "country": "DE",
        "device": "1",
        "type_of_traffic": "1",
        "google_keyword": "panels",
        "runs": "2",
        "interval": "5",
    },
    "Subscriptions": {**SUBSCRIPTION, "quantity": "", "posts": "3", "old_posts": "2"},
}
REMAINS = {
    **dict.fromkeys(("Custom Comments", "Mentions Custom List", "Comment Replies"), "2"),
    **dict.fromkeys(("Package", "Custom Comments Package", "Custom Comments Package by List"), "1"),
    "Web Traffic": "200",
}


OPTIONAL = {"old_posts", "runs", "interval"}


@pytest.mark.parametrize(("at", "kind"), list(enumerate(ServiceType)))
async def test_every_type_is_ordered(api: Api, at: int, kind: ServiceType) -> None:
    order = await api.add(service=str(101 + at), **FIELDS[kind])

    row = (await api.post(action="status", order=str(order))).json()
    assert row["status"] == "Pending"
    if kind is not ServiceType.SUBSCRIPTIONS:
        assert row["remains"] == REMAINS.get(kind, "100")
    missing = {name for name, value in FIELDS[kind].items() if value and name not in OPTIONAL}
    for name in missing:
        lacking = {**FIELDS[kind], name: ""}
        asked = {"link": LINK, "quantity": "100", **lacking}
        answer = (await api.post(action="add", service=str(101 + at), **asked)).json()
        assert answer == {"error": f"Missing parameter: {name}"}


@pytest.mark.parametrize(
    ("service", "fields", "words"),
    [
        ("119", {"posts": "0"}, "Incorrect posts"),  # R14
        ("119", {}, "Missing parameter: posts"),
        ("119", {"posts": "3", "min": "21"}, "Incorrect min"),
        ("8", {"posts": "3", "min": "9"}, "Incorrect min"),
        ("8", {"posts": "3", "max": "501"}, "Incorrect max"),
        ("8", {"posts": "3", "runs": "2", "interval": "5"}, "Incorrect runs"),
    ],
)
async def test_a_subscription_is_bounded(
    api: Api, service: str, fields: dict[str, str], words: str
) -> None:
    asked = {**SUBSCRIPTION, **fields}
    before = (await api.post(action="balance")).json()

    answer = await api.post(action="add", service=service, **asked)

    assert answer.json() == {"error": words}
    assert (await api.post(action="balance")).json() == before


async def test_a_subscription_may_come_without_posts_where_its_service_says_how_many(
    api: Api,
) -> None:
    order = await api.add(service="8", quantity="", **SUBSCRIPTION)

    # 7 posts of 20 at 4.50 for 1,000
    assert (await api.post(action="balance")).json()["balance"] == "99.37"
    assert order
