"""smmserver.life and deepaksmm.store, a relative of the standard (protocol.md 2)."""

from dataclasses import replace

from gateway.dialects.corpus import OUR_TEXTS
from gateway.dialects.dialect import Dialect
from gateway.dialects.spelling import Action, Grants, Ids, Key, Literal
from gateway.dialects.standard import STANDARD_SPELLING as STANDARD
from gateway.domain.observations import RefillWord, Word
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType

SMMSERVER = Dialect(
    replace(
        STANDARD,
        name="smmserver",
        requests=replace(
            STANDARD.requests,
            types={
                kind: STANDARD.requests.types[kind]
                for kind in (
                    ServiceType.DEFAULT,
                    ServiceType.PACKAGE,
                    ServiceType.CUSTOM_COMMENTS,
                )
            },
            ids={**STANDARD.requests.ids, Action.CANCEL: Ids(many=None)},
        ),
        adds=replace(STANDARD.adds, order=Key("order")),
        statuses=replace(
            STANDARD.statuses,
            words={**STANDARD.statuses.words, Word.CANCELED: "Cancelled"},
            charge_in_rows=Literal.NUMBER,
        ),
        services=replace(
            STANDARD.services,
            keys={
                "offer": Key("service", Literal.NUMBER),
                "name": Key("name"),
                "rate": Key("rate"),
                "quantity_min": Key("min"),
                "quantity_max": Key("max"),
                "category": Key("category"),
                "kind_word": Key("type"),
                "description": Key("description", also_read=("desc",)),
                "drip_feed": Key("dripfeed", Literal.BOOLEAN),
                "refill": Key("refill", Literal.BOOLEAN),
                "cancel": Key("cancel", Literal.BOOLEAN),
            },
            types={kind: kind.lower().replace(" ", "_") for kind in ServiceType},
        ),
        refills=Grants(
            Key("refill", Literal.NUMBER),
            one={"success": "Your order will be refill asap. Thank you for patience"},
        ),
        refill_statuses=replace(
            STANDARD.refill_statuses,
            words={**STANDARD.refill_statuses.words, RefillWord.REJECTED: "Cancelled"},
        ),
        cancels=Grants(
            Key("cancel", Literal.NUMBER),
            one={
                "success": "We will attempt to cancel this order. Cancellation is not guaranteed."
                " Please check again in 5 minutes."
            },
            one_has_id=False,
        ),
        texts={
            **OUR_TEXTS,
            Code.REFILL_REFUSED: "Order not eligible for refill.",
            Code.REFILL_NOT_FOUND: "Refill Request Not found",
            Code.CANCEL_REFUSED: "Order not eligible for cancellation.",
        },
        row_texts={Code.REFILL_REFUSED: "Invalid Request"},
    )
)
