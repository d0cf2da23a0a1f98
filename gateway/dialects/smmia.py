"""smm-ia.com, of the SmartPanel family: `/api/v1` (protocol.md 2)."""

from dataclasses import replace

from gateway.dialects.corpus import OUR_TEXTS
from gateway.dialects.dialect import Dialect
from gateway.dialects.spelling import Action, Key, Literal, RefusalShape
from gateway.dialects.standard import STANDARD_SPELLING as STANDARD
from gateway.domain.observations import Word
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType

MARKER = {"status": "success"}
MINUTES = (0, 5, 10, 15, 30, 60, 90)

SMMIA = Dialect(
    replace(
        STANDARD,
        name="smmia",
        requests=replace(
            STANDARD.requests,
            actions={
                action: STANDARD.requests.actions[action]
                for action in (Action.SERVICES, Action.ADD, Action.STATUS, Action.BALANCE)
            },
            types={
                **{
                    kind: STANDARD.requests.types[kind]
                    for kind in (
                        ServiceType.DEFAULT,
                        ServiceType.PACKAGE,
                        ServiceType.CUSTOM_COMMENTS,
                        ServiceType.CUSTOM_COMMENTS_PACKAGE,
                        ServiceType.MENTIONS_WITH_HASHTAGS,
                        ServiceType.MENTIONS_CUSTOM_LIST,
                        ServiceType.MENTIONS_HASHTAG,
                        ServiceType.MENTIONS_USER_FOLLOWERS,
                        ServiceType.COMMENT_LIKES,
                    )
                },
                ServiceType.SUBSCRIPTIONS: ("username", "min", "max", "delay", "expiry"),
            },
            ids={Action.STATUS: STANDARD.requests.ids[Action.STATUS]},
            intervals=MINUTES,
            delays=MINUTES,
            never_in_comments=",",  # counted and billed as two
            never_anywhere="<",  # tags are stripped
        ),
        adds=replace(STANDARD.adds, marker=MARKER),
        statuses=replace(
            STANDARD.statuses,
            order=Key("order"),
            words={word: word.value.lower() for word in Word},
            currency=None,
            bare_errors=True,
            zero_remains_unknown=True,
            written=("status", "charge", "start_count", "remains"),
        ),
        services=replace(
            STANDARD.services,
            keys={
                "offer": Key("service"),
                "name": Key("name"),
                "category": Key("category"),
                "rate": Key("rate"),
                "quantity_min": Key("min"),
                "quantity_max": Key("max"),
                "kind_word": Key("type"),
                "description": Key("desc", also_read=("description",)),
                "drip_feed": Key("dripfeed", Literal.NUMBER),
            },
            types={kind: kind.lower().replace(" ", "_") for kind in ServiceType},
        ),
        balances=replace(STANDARD.balances, marker=MARKER),
        texts={
            **OUR_TEXTS,
            Code.BAD_SERVICE: "Service ID does not exists",
            Code.BAD_ACTION: "This action is Invalid",
        },
        refusals=(*STANDARD.refusals, RefusalShape("message", {"status": "error"})),
        constant_currency=True,
    )
)
