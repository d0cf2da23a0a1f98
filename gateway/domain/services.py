"""Types of service: their fields and what their quantity means (protocol.md 5)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class ServiceType(StrEnum):
    """The types that can be sold, under the standard's words; the two `by` ones are keralasmm's."""

    DEFAULT = "Default"
    PACKAGE = "Package"
    CUSTOM_COMMENTS = "Custom Comments"
    CUSTOM_COMMENTS_PACKAGE = "Custom Comments Package"
    CUSTOM_COMMENTS_PACKAGE_BY_LIST = "Custom Comments Package by List"
    MENTIONS = "Mentions"
    MENTIONS_WITH_HASHTAGS = "Mentions with Hashtags"
    MENTIONS_CUSTOM_LIST = "Mentions Custom List"
    MENTIONS_HASHTAG = "Mentions Hashtag"
    MENTIONS_USER_FOLLOWERS = "Mentions User Followers"
    MENTIONS_MEDIA_LIKERS = "Mentions Media Likers"
    COMMENT_LIKES = "Comment Likes"
    COMMENT_LIKES_BY_ID = "Comment Likes by ID"
    COMMENT_REPLIES = "Comment Replies"
    POLL = "Poll"
    SEO = "SEO"
    INVITES_FROM_GROUPS = "Invites from Groups"
    WEB_TRAFFIC = "Web Traffic"
    SUBSCRIPTIONS = "Subscriptions"


@dataclass(frozen=True, slots=True)
class TypeRule:
    """The fields of a type beside `service`, where its quantity comes from, and how it is charged.

    `quantity`: given; the one thing; as many as `counted` has lines; or, for subscriptions, the
    bound: posts x max. The rate is for 1,000 unless `flat`. Fields are named as in the standard.
    """

    quantity: Literal["given", "one", "lines", "bound"]
    fields: tuple[str, ...]
    optional: tuple[str, ...] = ()
    counted: str = ""
    flat: bool = False

    @property
    def drip_feed(self) -> bool:
        """Whether it can be delivered in runs."""
        return "runs" in self.optional


_GIVEN = ("link", "quantity")
_RUNS = ("runs", "interval")

TYPE_RULES: dict[ServiceType, TypeRule] = {
    ServiceType.DEFAULT: TypeRule("given", _GIVEN, _RUNS),
    ServiceType.PACKAGE: TypeRule("one", ("link",), flat=True),
    ServiceType.CUSTOM_COMMENTS: TypeRule("lines", ("link", "comments"), counted="comments"),
    ServiceType.CUSTOM_COMMENTS_PACKAGE: TypeRule("one", ("link", "comments"), flat=True),
    ServiceType.CUSTOM_COMMENTS_PACKAGE_BY_LIST: TypeRule(
        "one", ("link", "comments_package"), flat=True
    ),
    ServiceType.MENTIONS: TypeRule("given", (*_GIVEN, "usernames")),
    ServiceType.MENTIONS_WITH_HASHTAGS: TypeRule("given", (*_GIVEN, "usernames", "hashtags")),
    ServiceType.MENTIONS_CUSTOM_LIST: TypeRule("lines", ("link", "usernames"), counted="usernames"),
    ServiceType.MENTIONS_HASHTAG: TypeRule("given", (*_GIVEN, "hashtag")),
    ServiceType.MENTIONS_USER_FOLLOWERS: TypeRule("given", (*_GIVEN, "username")),
    ServiceType.MENTIONS_MEDIA_LIKERS: TypeRule("given", (*_GIVEN, "media")),
    ServiceType.COMMENT_LIKES: TypeRule("given", (*_GIVEN, "username")),
    ServiceType.COMMENT_LIKES_BY_ID: TypeRule("given", (*_GIVEN, "comment_id")),
    ServiceType.COMMENT_REPLIES: TypeRule(
        "lines", ("link", "username", "comments"), counted="comments"
    ),
    ServiceType.POLL: TypeRule("given", (*_GIVEN, "answer_number")),
    ServiceType.SEO: TypeRule("given", (*_GIVEN, "keywords")),
    ServiceType.INVITES_FROM_GROUPS: TypeRule("given", (*_GIVEN, "groups")),
    ServiceType.WEB_TRAFFIC: TypeRule(
        "given",
        (*_GIVEN, "country", "device", "type_of_traffic"),
        ("google_keyword", "referring_url", *_RUNS),
    ),
    ServiceType.SUBSCRIPTIONS: TypeRule(
        "bound", ("username", "min", "max", "posts", "delay"), ("old_posts", "expiry")
    ),
}


def plain_type(word: str) -> str:
    """A type word in one spelling: any case, `_`, `-` and blanks are alike (protocol.md 5)."""
    return " ".join(word.replace("_", " ").replace("-", " ").casefold().split())


_BY_WORD = {plain_type(kind.value): kind for kind in ServiceType}


def read_type(word: str) -> ServiceType | None:
    """The type behind a word; None when it is not sold here."""
    return _BY_WORD.get(plain_type(word))
