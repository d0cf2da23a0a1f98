"""smmbros.in: the standard with a field of another name, `/api/v2` (protocol.md 2)."""

from dataclasses import replace

from gateway.dialects.corpus import OUR_TEXTS
from gateway.dialects.dialect import Dialect
from gateway.dialects.spelling import Action, Grants, Ids, Key, Literal
from gateway.dialects.standard import STANDARD_SPELLING as STANDARD
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType

SMMBROS = Dialect(
    replace(
        STANDARD,
        name="smmbros",
        requests=replace(
            STANDARD.requests,
            actions={
                action: word
                for action, word in STANDARD.requests.actions.items()
                if action is not Action.REFILL_STATUS
            },
            types={
                kind: STANDARD.requests.types[kind]
                for kind in (
                    ServiceType.DEFAULT,
                    ServiceType.PACKAGE,
                    ServiceType.CUSTOM_COMMENTS,
                )
            },
            ids={
                Action.STATUS: Ids(),
                Action.REFILL: Ids(many=None),
                Action.CANCEL: Ids(many=None),
            },
            names={"link": "url"},
        ),
        services=replace(
            STANDARD.services,
            keys={
                name: STANDARD.services.keys[name]
                for name in (
                    *("offer", "name", "kind_word", "category"),
                    *("rate", "quantity_min", "quantity_max"),
                )
            },
        ),
        balances=replace(STANDARD.balances, amount=Key("balance", Literal.NUMBER)),
        refills=Grants(
            Key("refill", Literal.NUMBER),
            one={
                "status": "Success",
                "message": "Your order successfully added for refill. Thank you for patience.",
            },
            one_has_id=False,
        ),
        cancels=Grants(
            Key("cancel", Literal.NUMBER),
            one={
                "status": "Success",
                "message": "Your order was successfully marked for cancellation."
                " Thank you for patience.",
            },
            one_has_id=False,
        ),
        texts={**OUR_TEXTS, Code.BAD_SERVICE: "incorrect service type"},
    )
)
