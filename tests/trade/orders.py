"""One order of each type of service, as a customer would place it."""

from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType

QUANTITY = 1_000
COMMENTS = ("Well made", "How did you do it?", "None", "Well made", "50 % more")
NAMES = "anna\nbert\ncleo\ndora\nemil"

DETAILS: dict[ServiceType, tuple[tuple[str, str], ...]] = {
    ServiceType.CUSTOM_COMMENTS_PACKAGE_BY_LIST: (("comments_package", "77"),),
    ServiceType.MENTIONS: (("usernames", NAMES),),
    ServiceType.MENTIONS_WITH_HASHTAGS: (("usernames", NAMES), ("hashtags", "spring\nsummer")),
    ServiceType.MENTIONS_CUSTOM_LIST: (("usernames", NAMES),),
    ServiceType.MENTIONS_HASHTAG: (("hashtag", "spring"),),
    ServiceType.MENTIONS_USER_FOLLOWERS: (("username", "https://a.example/anna"),),
    ServiceType.MENTIONS_MEDIA_LIKERS: (("media", "https://a.example/p/1"),),
    ServiceType.COMMENT_LIKES: (("username", "anna"),),
    ServiceType.COMMENT_LIKES_BY_ID: (("comment_id", "90210"),),
    ServiceType.COMMENT_REPLIES: (("username", "anna"),),
    ServiceType.POLL: (("answer_number", "2"),),
    ServiceType.SEO: (("keywords", "red shoes\nblue shoes"),),
    ServiceType.INVITES_FROM_GROUPS: (("groups", "https://a.example/g/1"),),
    ServiceType.WEB_TRAFFIC: (
        ("country", "US"),
        ("device", "1"),
        ("type_of_traffic", "1"),
        ("google_keyword", "shoes"),
    ),
}
COMMENTED = frozenset(
    {
        ServiceType.CUSTOM_COMMENTS,
        ServiceType.CUSTOM_COMMENTS_PACKAGE,
        ServiceType.COMMENT_REPLIES,
    }
)
SINGLE = frozenset(
    {
        ServiceType.PACKAGE,
        ServiceType.CUSTOM_COMMENTS_PACKAGE,
        ServiceType.CUSTOM_COMMENTS_PACKAGE_BY_LIST,
    }
)


def order_of(kind: ServiceType, service: int, link: str, *, bounded: bool = True) -> Placement:
    """An order of a type; a subscription without posts unless `bounded`."""
    if kind is ServiceType.SUBSCRIPTIONS:
        posts = (("posts", "3"),) if bounded else (("posts_max", "3"),)
        details = (("min", "100"), ("max", "200"), *posts, ("delay", "0"))
        return Placement(service, kind, link, 600, details=details)
    comments = COMMENTS if kind in COMMENTED else ()
    quantity = QUANTITY
    if kind in SINGLE:
        quantity = 1
    elif kind in COMMENTED or kind is ServiceType.MENTIONS_CUSTOM_LIST:
        quantity = 5
    return Placement(service, kind, link, quantity, comments, details=DETAILS.get(kind, ()))


def form_of(order: Placement) -> dict[str, str]:
    """The fields of `add` as the standard's page names them."""
    fields = {"action": "add", "service": str(order.service), "quantity": str(order.quantity)}
    fields["username" if order.kind is ServiceType.SUBSCRIPTIONS else "link"] = order.link
    if order.comments:
        fields["comments"] = "\r\n".join(order.comments)
    return fields | {name: text for name, text in order.details if name != "posts_max"}
