"""keralasmm.in, of the SmartPanel family: `/api/v3` (protocol.md 2)."""

from dataclasses import replace

from gateway.dialects.corpus import OUR_TEXTS
from gateway.dialects.dialect import Dialect
from gateway.dialects.spelling import Action, Grants, Ids, Key, Literal, RefusalShape, Rows
from gateway.dialects.standard import STANDARD_SPELLING as STANDARD
from gateway.domain.observations import Word
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType, plain_type

MARKER = {"status": "success"}
OWN_TYPES = {
    ServiceType.COMMENT_LIKES_BY_ID: "comment_likes",
    ServiceType.COMMENT_LIKES: "comment_likes_by_username",
    ServiceType.CUSTOM_COMMENTS_PACKAGE_BY_LIST: "custom_comments_package",
    ServiceType.CUSTOM_COMMENTS_PACKAGE: "custom_comments_package_text",
}

KERALASMM = Dialect(
    replace(
        STANDARD,
        name="keralasmm",
        requests=replace(
            STANDARD.requests,
            types={
                **{
                    kind: STANDARD.requests.types[kind]
                    for kind in (
                        ServiceType.DEFAULT,
                        ServiceType.PACKAGE,
                        ServiceType.CUSTOM_COMMENTS,
                        ServiceType.MENTIONS_WITH_HASHTAGS,
                        ServiceType.MENTIONS_CUSTOM_LIST,
                        ServiceType.MENTIONS_HASHTAG,
                        ServiceType.MENTIONS_USER_FOLLOWERS,
                    )
                },
                ServiceType.CUSTOM_COMMENTS_PACKAGE_BY_LIST: ("link", "comments_package"),
                ServiceType.COMMENT_LIKES_BY_ID: ("link", "quantity", "comment_id"),
            },
            ids={
                Action.STATUS: Ids(),
                Action.REFILL: Ids(many=None),
                Action.REFILL_STATUS: Ids("refill", many=None),
                Action.CANCEL: Ids(many=None),
            },
            intervals=(0, 5, 10, 15, 30, 60, 90),
            never_in_comments=",",  # counted and billed as two
            never_anywhere="<",  # tags are stripped
        ),
        adds=replace(STANDARD.adds, marker=MARKER),
        statuses=replace(
            STANDARD.statuses,
            order=Key("order"),
            rows=Rows.LIST,
            words={word: word.value.lower() for word in Word},
            currency_in_rows=False,
            zero_remains_unknown=True,
            written=("status", "charge", "start_count", "remains", "currency"),
        ),
        services=replace(
            STANDARD.services,
            keys={
                "offer": Key("service"),
                "category": Key("category"),
                "name": Key("name"),
                "description": Key("description", also_read=("desc",)),
                "rate": Key("rate"),
                "quantity_min": Key("min"),
                "quantity_max": Key("max"),
                "kind_word": Key("type"),
                "drip_feed": Key("dripfeed"),
                "refill": Key("refill"),
                "cancel": Key("cancel"),
            },
            types={
                **{kind: kind.lower().replace(" ", "_") for kind in ServiceType},
                **OWN_TYPES,
            },
            types_read={plain_type(word): kind for kind, word in OWN_TYPES.items()},
            always={"average_time": "0"},
        ),
        balances=replace(STANDARD.balances, marker=MARKER),
        refills=Grants(
            Key("refill", Literal.NUMBER),
            one={"success": "Your order will be refill asap. Thank you for patience."},
            one_has_id=False,
        ),
        cancels=Grants(
            Key("cancel", Literal.NUMBER),
            one={"success": "Your order will be cancel asap. Thank you for patience."},
            one_has_id=False,
        ),
        texts={
            **OUR_TEXTS,
            Code.BAD_SERVICE: "Service ID does not exists",
            Code.BAD_ACTION: "This action is Invalid",
            Code.CANCEL_IN_PROGRESS: "Cancel request already in progress please wait",
        },
        order_texts={Code.ORDER_NOT_FOUND: "Order ID not Found"},
        refusals=(*STANDARD.refusals, RefusalShape("message", {"status": "error"})),
        constant_currency=True,
    )
)
