"""A made-up dialect that differs in all that can be declared: the machinery must follow it."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects import json_text
from gateway.dialects.dialect import Dialect
from gateway.dialects.messages import ServicesRead
from gateway.dialects.spelling import Key, Literal, RefusalShape, Rows
from gateway.dialects.standard import STANDARD
from gateway.domain.catalog import Listing
from gateway.domain.observations import Accepted, Balance, Observation, Refused, Word
from gateway.domain.refusals import Code, Refusal
from gateway.domain.services import ServiceType

_OURS = STANDARD.spelling
OTHER = Dialect(
    replace(
        _OURS,
        name="other",
        adds=replace(_OURS.adds, order=Key("order"), marker={"status": "success"}),
        statuses=replace(
            _OURS.statuses,
            order=Key("order"),
            rows=Rows.LIST,
            charge_in_rows=Literal.NUMBER,
            currency_in_rows=False,
            words={**_OURS.statuses.words, Word.CANCELED: "cancelled"},
        ),
        services=replace(
            _OURS.services,
            keys={
                "offer": Key("service"),
                "name": Key("name"),
                "rate": Key("rate", Literal.NUMBER),
                "quantity_min": Key("min", Literal.NUMBER),
                "quantity_max": Key("max", Literal.NUMBER),
                "kind_word": Key("type"),
                "category": Key("category"),
                "drip_feed": Key("dripfeed", Literal.NUMBER),
                "refill": Key("refill"),
                "description": Key("desc"),
            },
            types={kind: kind.value.lower().replace(" ", "_") for kind in ServiceType},
            always={"average_time": "0"},
        ),
        balances=replace(
            _OURS.balances,
            amount=Key("balance", Literal.NUMBER),
            marker={"status": "success"},
        ),
        texts={**_OURS.texts, Code.BAD_SERVICE: "Service ID does not exists"},
        refusals=(RefusalShape(), RefusalShape("message", {"status": "error"})),
    )
)


def written(answer: json_text.Json) -> bytes:
    return json_text.write(answer)


def test_add() -> None:
    body = written(OTHER.answer_add("32"))
    assert body == b'{"status":"success","order":"32"}'
    assert OTHER.read_add(200, body) == Accepted("32")
    refused = OTHER.read_add(200, b'{"status":"error","message":"Invalid Interval in minutes"}')
    assert refused == Refused(Code.BAD_PARAMS, "Invalid Interval in minutes")
    body = written(OTHER.answer_refusal(Refusal(Code.BAD_SERVICE)))
    assert OTHER.read_add(200, body) == Refused(Code.BAD_SERVICE, "Service ID does not exists")


def test_status() -> None:
    seen = Observation(Word.CANCELED, Decimal("0.08011655652"), 3, 4, "USD")
    one = written(OTHER.answer_status({"32": seen}, many=False))
    assert one == (
        b'{"order":"32","charge":"0.08011655652","start_count":"3","status":"cancelled",'
        b'"remains":"4","currency":"USD"}'
    )
    assert OTHER.read_status(["32"], 200, one) == {"32": seen}
    rows = {"33": Refusal(Code.ORDER_NOT_FOUND), "32": seen}
    many = written(OTHER.answer_status(rows, many=True))
    assert many == (
        b'[{"order":"33","error":"Incorrect order ID"},{"order":"32","charge":0.08011655652,'
        b'"start_count":"3","status":"cancelled","remains":"4"}]'
    )
    assert OTHER.read_status(["32", "33"], 200, many) == {
        "33": Refused(Code.ORDER_NOT_FOUND, "Incorrect order ID"),
        "32": replace(seen, currency=None),
    }


def test_bare_errors_in_a_map() -> None:
    statuses = replace(OTHER.spelling.statuses, rows=Rows.MAP, bare_errors=True)
    bare = Dialect(replace(OTHER.spelling, statuses=statuses))
    rows = {"2": Refusal(Code.ORDER_NOT_FOUND)}
    assert bare.answer_status(rows, many=True) == {"2": "Incorrect order ID"}
    assert bare.answer_status(rows, many=False) == {"error": "Incorrect order ID"}


def test_services() -> None:
    listing = Listing(
        *("5", "Likes", "All", "Custom Comments", Decimal("1.5"), 1, 10),
        drip_feed=True,
        refill=False,
        cancel=True,
        description="Fast",
    )
    body = written(OTHER.answer_services([listing]))
    assert body == (
        b'[{"service":"5","name":"Likes","rate":1.5,"min":1,"max":10,"type":"custom_comments",'
        b'"category":"All","dripfeed":1,"refill":"0","desc":"Fast","average_time":"0"}]'
    )
    assert OTHER.read_services(200, body) == ServicesRead((replace(listing, cancel=None),), ())


@given(st.decimals(0, 10**9, places=6))
def test_balance(amount: Decimal) -> None:
    body = written(OTHER.answer_balance(Balance(amount, "USD")))
    assert body.startswith(b'{"status":"success","balance":')
    assert OTHER.read_balance(200, body) == Balance(amount, "USD")
