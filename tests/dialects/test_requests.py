import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects import json_text
from gateway.dialects.messages import (
    AskAdd,
    AskBalance,
    AskCancel,
    AskRefill,
    AskRefillStatus,
    AskServices,
    AskStatus,
    Fields,
)
from gateway.dialects.standard import STANDARD
from gateway.domain.refusals import Code, Refusal


def refusal_of(fields: Fields) -> Refusal:
    with pytest.raises(Refusal) as caught:
        STANDARD.read_request(fields)
    return caught.value


def test_plain_actions() -> None:
    assert STANDARD.read_request({"action": "services", "offset": "5"}) == AskServices()
    assert STANDARD.read_request({"action": "packages"}) == AskServices()
    assert STANDARD.read_request({"action": " BALANCE "}) == AskBalance()


@pytest.mark.parametrize(
    "action", ["", "null", "plac", "refills", "cancels", "multi_refill", ("add", "add")]
)
def test_no_such_action(action: str | tuple[str, ...]) -> None:
    assert refusal_of({"action": action}) == Refusal(Code.BAD_ACTION)


def test_no_action_at_all() -> None:
    assert refusal_of({}) == Refusal(Code.BAD_ACTION)


@pytest.mark.parametrize("name", ["service", "package"])
def test_add_names_its_service(name: str) -> None:
    fields = {"action": "add", name: " 17 ", "link": "x"}
    assert STANDARD.read_request(fields) == AskAdd("17", fields)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({}, Refusal(Code.MISSING, "service")),
        ({"service": "undefined"}, Refusal(Code.MISSING, "service")),
        ({"service": "1", "package": "2"}, Refusal(Code.BAD_SERVICE)),
        *(
            ({"service": wrong}, Refusal(Code.BAD_SERVICE))
            for wrong in (
                "0",
                "007",
                "abc",
                "1.0",
                "1e3",
                "-1",
                "+1",
                "\N{FULLWIDTH DIGIT ONE}",
                "1" * 19,
            )
        ),
    ],
)
def test_add_without_a_usable_service(fields: Fields, refusal: Refusal) -> None:
    assert refusal_of({"action": "add", **fields}) == refusal


@pytest.mark.parametrize(
    ("fields", "ask"),
    [
        ({"order": "1"}, AskStatus(("1",), many=False)),
        ({"order_id": "1", "order": "undefined"}, AskStatus(("1",), many=False)),
        ({"order": "1,2"}, AskStatus(("1", "2"), many=True)),
        ({"order": "5,"}, AskStatus(("5",), many=True)),
        ({"order": ("1", "2")}, AskStatus(("1", "2"), many=True)),
        ({"orders": "5"}, AskStatus(("5",), many=True)),
        ({"orders": ("1", "2")}, AskStatus(("1", "2"), many=True)),
        ({"orders": "1, 2,,"}, AskStatus(("1", "2"), many=True)),
        ({"orders": "2,1,2"}, AskStatus(("2", "1"), many=True)),
        ({"orders": "2", "order": "1"}, AskStatus(("2",), many=True)),
        ({"orders": "", "order": "1"}, AskStatus(("1",), many=False)),
        ({"orders": "007,abc,1"}, AskStatus(("007", "abc", "1"), many=True)),
    ],
)
def test_status(fields: Fields, ask: AskStatus) -> None:
    assert STANDARD.read_request({"action": "STATUS", **fields}) == ask


@pytest.mark.parametrize("action", ["orders", "statuses", "multi_status", "multi-status"])
def test_other_words_for_a_batch(action: str) -> None:
    ask = STANDARD.read_request({"action": action, "orders": "1,2"})
    assert ask == AskStatus(("1", "2"), many=True)
    assert STANDARD.read_request({"action": action, "order": "1"}) == AskStatus(("1",), many=True)


def test_status_of_nothing() -> None:
    assert refusal_of({"action": "status"}) == Refusal(Code.MISSING, "order")
    assert refusal_of({"action": "status", "order": ",,"}) == Refusal(Code.MISSING, "order")
    assert refusal_of({"action": "statuses", "orders": " "}) == Refusal(Code.MISSING, "orders")


def test_two_names_that_differ() -> None:
    fields = {"action": "status", "order": "1", "order_id": "2"}
    assert refusal_of(fields) == Refusal(Code.ORDER_NOT_FOUND)


def test_at_most_a_hundred_orders() -> None:
    hundred = ",".join(map(str, range(1, 101)))
    ask = STANDARD.read_request({"action": "status", "orders": f"{hundred},1"})
    assert isinstance(ask, AskStatus)
    assert len(ask.orders) == 100
    assert refusal_of({"action": "status", "orders": f"{hundred},101"}) == Refusal(
        Code.TOO_MANY_IDS
    )


@pytest.mark.parametrize(
    ("action", "ask"), [("status", AskStatus), ("refill", AskRefill), ("cancel", AskCancel)]
)
def test_orders_are_read_alike(action: str, ask: type[AskStatus | AskRefill | AskCancel]) -> None:
    for fields, orders, many in (
        ({"order": "1"}, ("1",), False),
        ({"order_id": "1"}, ("1",), False),
        ({"order": "1,2"}, ("1", "2"), True),
        ({"orders": "5"}, ("5",), True),
        ({"orders": ("1", "2")}, ("1", "2"), True),
        ({"orders": "1, 2,,", "order": "7"}, ("1", "2"), True),
        ({"orders": "007,abc"}, ("007", "abc"), True),
    ):
        assert STANDARD.read_request({"action": action, **fields}) == ask(orders, many=many)
    assert refusal_of({"action": action}) == Refusal(Code.MISSING, "order")
    hundred_and_one = ",".join(map(str, range(1, 102)))
    for name in ("order", "orders"):
        fields = {"action": action, name: hundred_and_one}
        assert refusal_of(fields) == Refusal(Code.TOO_MANY_IDS)


def test_refill_status() -> None:
    for fields, refills, many in (
        ({"refill": "1"}, ("1",), False),
        ({"refill": "1,2"}, ("1", "2"), True),
        ({"refills": "5"}, ("5",), True),
        ({"refills": ("1", "2"), "refill": "7"}, ("1", "2"), True),
    ):
        ask = STANDARD.read_request({"action": "Refill_Status", **fields})
        assert ask == AskRefillStatus(refills, many=many)
    for fields in ({}, {"order": "5"}):
        fields = {"action": "refill_status", **fields}
        assert refusal_of(fields) == Refusal(Code.MISSING, "refill")
    fields = {"action": "refill_status", "refills": "1\x002"}
    assert refusal_of(fields) == Refusal(Code.REFILL_NOT_FOUND)


ANYTHING = st.text(st.characters(), max_size=20) | st.sampled_from(
    [
        "status",
        "add",
        "refill",
        "refill_status",
        "cancel",
        "orders",
        "1",
        "1,2",
        "\ud800",
        "\x00",
        "null",
    ]
)
FIELDS = st.dictionaries(
    st.sampled_from(
        ["action", "service", "package", "order", "order_id", "orders", "refill", "refills"]
    ),
    ANYTHING | st.lists(ANYTHING, max_size=3).map(tuple),
)


@given(FIELDS)
def test_any_fields_are_asked_or_refused_and_can_be_answered(fields: Fields) -> None:
    try:
        ask = STANDARD.read_request(fields)
    except Refusal as refusal:
        json_text.write(STANDARD.answer_refusal(refusal))
        return
    if isinstance(ask, AskStatus):
        assert 1 <= len(ask.orders) <= 100
        rows = dict.fromkeys(ask.orders, Refusal(Code.ORDER_NOT_FOUND))
        json_text.write(STANDARD.answer_status(rows, many=ask.many))


def test_an_order_that_could_not_be_told_back() -> None:
    for order in ("\ud800", "1\x002"):
        assert refusal_of({"action": "status", "order": order}) == Refusal(Code.ORDER_NOT_FOUND)
