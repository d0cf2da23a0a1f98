"""One who calls a sandbox in a dialect, and reads its answers in the same."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import httpx

from gateway.dialects.dialect import Dialect
from gateway.dialects.json_text import Json
from gateway.dialects.messages import Form, ServicesRead
from gateway.dialects.standard import STANDARD
from gateway.domain.observations import (
    Accepted,
    Balance,
    Observation,
    RefillSeen,
    Refused,
    Taken,
    Unclear,
)
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType
from tests.sandbox.calling import KEY, Caller

Row = TypeVar("Row")

LINK = "https://a.example/1"
FIELDS: Mapping[ServiceType, Mapping[str, str]] = {
    ServiceType.DEFAULT: {"link": LINK, "quantity": "1000"},
    ServiceType.PACKAGE: {"link": LINK},
    ServiceType.CUSTOM_COMMENTS: {"link": LINK, "comments": "well done\r\nso + 100% good"},
    ServiceType.CUSTOM_COMMENTS_PACKAGE: {"link": LINK, "comments": "one\ntwo"},
    ServiceType.CUSTOM_COMMENTS_PACKAGE_BY_LIST: {"link": LINK, "comments_package": "12"},
    ServiceType.MENTIONS: {"link": LINK, "quantity": "20", "usernames": "ann\nben"},
    ServiceType.MENTIONS_WITH_HASHTAGS: {
        "link": LINK,
        "quantity": "20",
        "usernames": "ann\nben",
        "hashtags": "#x\n#y",
    },
    ServiceType.MENTIONS_CUSTOM_LIST: {"link": LINK, "usernames": "ann\nben\nann"},
    ServiceType.MENTIONS_HASHTAG: {"link": LINK, "quantity": "50", "hashtag": "#x"},
    ServiceType.MENTIONS_USER_FOLLOWERS: {"link": LINK, "quantity": "50", "username": f"{LINK}/u"},
    ServiceType.MENTIONS_MEDIA_LIKERS: {"link": LINK, "quantity": "50", "media": f"{LINK}/m"},
    ServiceType.COMMENT_LIKES: {"link": LINK, "quantity": "10", "username": "ann"},
    ServiceType.COMMENT_LIKES_BY_ID: {"link": LINK, "quantity": "10", "comment_id": "178"},
    ServiceType.COMMENT_REPLIES: {"link": LINK, "username": "ann", "comments": "yes\nno"},
    ServiceType.POLL: {"link": LINK, "quantity": "50", "answer_number": "2"},
    ServiceType.SEO: {"link": LINK, "quantity": "100", "keywords": "red shoes\nblue shoes"},
    ServiceType.INVITES_FROM_GROUPS: {"link": LINK, "quantity": "25", "groups": "g1\ng2"},
    ServiceType.WEB_TRAFFIC: {
        "link": LINK,
        "quantity": "100",
        "country": "DE",
        "device": "1",
        "type_of_traffic": "1",
        "google_keyword": "shoes",
    },
    ServiceType.SUBSCRIPTIONS: {
        "username": "ann",
        "min": "10",
        "max": "20",
        "posts": "3",
        "delay": "5",
    },
}


@dataclass
class Speaker:
    """All actions of one dialect over real HTTP; `noted` counts what reading had to repair."""

    caller: Caller
    dialect: Dialect
    noted: Counter[str] = field(default_factory=Counter[str])

    async def post(self, form: Form) -> httpx.Response:
        key = {self.dialect.spelling.requests.key: KEY}
        return await self.caller.http.post(self.caller.server.url, data={**key, **form})

    async def add(self, offer: str, placement: Placement) -> str:
        taken = await self.try_add(offer, placement)
        assert isinstance(taken, Accepted), taken
        return taken.order

    async def try_add(self, offer: str, placement: Placement) -> Accepted | Refused | Unclear:
        answer = await self.post(self.dialect.write_add(offer, placement))
        return self.dialect.read_add(answer.status_code, answer.content)

    async def services(self, offset: int = 0) -> ServicesRead:
        answer = await self.post(self.dialect.write_services(offset))
        read = self.dialect.read_services(answer.status_code, answer.content, self.noted)
        assert isinstance(read, ServicesRead), read
        return read

    async def balance(self) -> Balance:
        answer = await self.post(self.dialect.write_balance())
        read = self.dialect.read_balance(answer.status_code, answer.content, self.noted)
        assert isinstance(read, Balance), read
        return read

    async def statuses(self, *orders: str) -> Mapping[str, Observation | Refused]:
        answer = await self.post(self.dialect.write_status(orders))
        read = self.dialect.read_status(orders, answer.status_code, answer.content, self.noted)
        assert isinstance(read, Mapping), read
        return read

    async def status(self, order: str) -> Observation:
        seen = (await self.statuses(order))[order]
        assert isinstance(seen, Observation), seen
        return seen

    async def refills(self, *orders: str) -> Mapping[str, Taken | Refused]:
        answer = await self.post(self.dialect.write_refill(orders))
        read = self.dialect.read_refill(orders, answer.status_code, answer.content, self.noted)
        return {orders[0]: read} if isinstance(read, Refused) else as_rows(read)

    async def refill_statuses(self, *refills: str) -> Mapping[str, RefillSeen | Refused]:
        answer = await self.post(self.dialect.write_refill_status(refills))
        status, body = answer.status_code, answer.content
        read = self.dialect.read_refill_status(refills, status, body, self.noted)
        return {refills[0]: read} if isinstance(read, Refused) else as_rows(read)

    async def cancels(self, *orders: str) -> Mapping[str, Taken | Refused]:
        answer = await self.post(self.dialect.write_cancel(orders))
        read = self.dialect.read_cancel(orders, answer.status_code, answer.content, self.noted)
        return {orders[0]: read} if isinstance(read, Refused) else as_rows(read)

    def placement(self, kind: ServiceType = ServiceType.DEFAULT, **fields: str) -> Placement:
        """A placement of a type; a dialect that counts no posts is asked for five at most."""
        usual = dict(FIELDS[kind])
        if "posts" not in self.dialect.spelling.requests.types.get(kind, ()):
            usual.pop("posts", None)
        return STANDARD.read_placement(1, kind, {**usual, **fields}, 5)

    async def true_order(self, order: str) -> Mapping[str, Json]:
        truth = await self.caller.truth()
        rows = [*as_list(truth["orders"]), *as_list(truth["children"])]
        return next(row for row in rows if row["order"] == int(order))


def as_rows(read: Mapping[str, Row] | Unclear) -> Mapping[str, Row]:
    assert isinstance(read, Mapping), read
    return read


def as_list(value: Json) -> list[dict[str, Json]]:
    assert isinstance(value, list)
    return [row for row in value if isinstance(row, dict)]
