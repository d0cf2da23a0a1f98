"""Which dialect a panel speaks: sandboxes, pages as printed, an odd panel, thin evidence."""

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects import json_text
from gateway.dialects.book import BOOK
from gateway.dialects.dialect import Dialect
from gateway.dialects.document import read_dialect, write_dialect
from gateway.dialects.evidence import IMPOSSIBLE, ORDERS_MAX
from gateway.dialects.inference import Evidence, Heard, Inference, Question, infer, questions
from gateway.dialects.spelling import Action, Key, Literal, RefusalShape
from gateway.domain.observations import Balance, Observation, Refused, Word
from gateway.domain.refusals import Code, Refusal
from gateway.sandbox.offers import BUILT_IN, many

READ_ONLY = {"balance", "services", "status", "refill_status"}


def heard(bodies: Mapping[Question, str], status: int = 200) -> dict[Question, Heard]:
    return {question: Heard(status, body.encode()) for question, body in bodies.items()}


def sandbox(dialect: Dialect, orders: tuple[str, ...] = ()) -> dict[Question, Heard]:
    """What a pretend panel of a dialect says to all questions."""
    unknown = Refusal(Code.ORDER_NOT_FOUND)
    seen = Observation(Word.CANCELED, Decimal("0.08011655652"), 3, 4, "USD")
    nobody: dict[str, Observation | Refusal] = dict.fromkeys(IMPOSSIBLE, unknown)
    known = dict.fromkeys(orders, seen)
    answers = {
        Question.BALANCE: dialect.answer_balance(Balance(Decimal("100.84"), "USD")),
        Question.SERVICES: dialect.answer_services(BUILT_IN),
        Question.UNKNOWN_ORDER: dialect.answer_status({IMPOSSIBLE[0]: unknown}, many=False),
        Question.UNKNOWN_ORDERS: dialect.answer_status(nobody, many=True),
        Question.UNKNOWN_REFILL: dialect.answer_refill_status(
            {IMPOSSIBLE[0]: Refusal(Code.REFILL_NOT_FOUND)}, many=False
        ),
        Question.UNKNOWN_ACTION: dialect.answer_refusal(Refusal(Code.BAD_ACTION)),
    }
    if known:
        answers[Question.ORDER] = dialect.answer_status({orders[0]: seen}, many=False)
        both: dict[str, Observation | Refusal] = {**known, IMPOSSIBLE[0]: unknown}
        answers[Question.ORDERS] = dialect.answer_status(both, many=True)
    return {question: Heard(200, json_text.write(body)) for question, body in answers.items()}


def points(inference: Inference) -> dict[str, tuple[str, ...]]:
    return {each.feature: each.points_to for each in inference.features}


def seen(inference: Inference) -> dict[str, str]:
    return {each.feature: each.seen for each in inference.features}


def test_the_questions_change_nothing_and_are_few() -> None:
    for orders in ((), ("5",), tuple(map(str, range(1, 50)))):
        asked = questions(orders)
        assert len(asked) <= 8
        assert len({question for question, _ in asked}) == len(asked)
        unknown = dict(asked)[Question.UNKNOWN_ACTION]["action"]
        assert {form["action"] for _, form in asked} == {*READ_ONLY, unknown}
        assert unknown not in {action.value for action in Action}
        assert all("key" not in form for _, form in asked)


def test_known_orders_are_asked_after_together_with_one_that_cannot_exist() -> None:
    asked = dict(questions(tuple(map(str, range(1, 50)))))
    assert asked[Question.ORDER] == {"action": "status", "order": "1"}
    together = asked[Question.ORDERS]["orders"].split(",")
    assert together == [*map(str, range(1, ORDERS_MAX + 1)), IMPOSSIBLE[0]]
    assert Question.ORDER not in dict(questions())
    for order in ("1,2", ""):
        with pytest.raises(ValueError, match="comma"):
            questions((order,))


@pytest.mark.parametrize("orders", [(), ("11", "12")])
@pytest.mark.parametrize("name", BOOK)
def test_each_sandbox_is_known_by_its_answers(name: str, orders: tuple[str, ...]) -> None:
    inference = infer(Evidence(sandbox(BOOK[name], orders), orders))
    assert inference.best == name
    assert inference.draft is None
    assert inference.undecided == ()
    assert inference.scores[name] == inference.score_max
    assert all(
        score < inference.score_max for other, score in inference.scores.items() if other != name
    )
    assert all(name in each.points_to and each.seen for each in inference.features)
    assert len(inference.first_order) == 6


@pytest.mark.parametrize("name", BOOK)
def test_balance_and_services_alone_tell_them_apart(name: str) -> None:
    answers = sandbox(BOOK[name])
    few = {each: answers[each] for each in (Question.BALANCE, Question.SERVICES)}
    assert infer(Evidence(few)).best == name


def test_a_long_list_is_judged_by_its_beginning() -> None:
    body = json_text.write(BOOK["smmia"].answer_services(many(3_000)))
    answers = {**sandbox(BOOK["smmia"]), Question.SERVICES: Heard(200, body)}
    assert infer(Evidence(answers)).best == "smmia"


KERALASMM = {
    Question.BALANCE: """{
    "status": "success",
    "balance": "0.03",
    "currency": "USD"
}""",
    Question.SERVICES: """[
    {
        "service": "30",
        "category": "First Cateogry",
        "name": "First Service",
        "description": "First Description",
        "rate": "0.8000",
        "min": "100",
        "max": "2000000",
        "type": "default",
        "dripfeed": "0",
        "refill": "0",
        "cancel": "0",
        "average_time": "0"
    },
    {
        "service": "2",
        "category": "Second Category",
        "name": "Second Service",
        "description": "Second Description",
        "rate": "0.8400",
        "min": "100",
        "max": "100000000",
        "type": "default",
        "dripfeed": "0",
        "refill": "0",
        "cancel": "0",
        "average_time": "0"
    }
]
          """,
    Question.ORDER: """{
  "order": "32",
  "status": "pending",
  "charge": "0.0360",
  "start_count": "0",
  "remains": "0",
  "currency": "USD"
}""",
    Question.ORDERS: """[
  {
    "order": "32",
    "status": "completed",
    "charge": "0.0360",
    "start_count": "0",
    "remains": "0"
  },
  {
    "order": "33",
    "status": "pending",
    "charge": "0.0500",
    "start_count": "500",
    "remains": "200"
  }
]""",
}
SMMSERVER = {
    Question.BALANCE: """{
"balance": "100.84292",
"currency": "USD"
}""",
    Question.SERVICES: """[
{
"service": 101,
"name": "Real & Active Followers",
"rate": "250.00",
"min": "100",
"max": "100000",
"category": "Instagram Followers",
"type": "default",
"description": Service Description,
"dripfeed": true,
"refill": true,
"cancel": true,
},
{
"service": 30067,
"name": "Instagram - Worldwide",
"rate": "103.00",
"min": "100",
"max": "10000",
"category": "Instagram Followers",
"type": "default",
"description": Service Description,
"dripfeed": true,
"refill": true,
"cancel": true,
}
]""",
    Question.ORDER: """{
"charge": "0.03300",
"start_count": "1691",
"status": "Completed",
"remains": "0",
"currency": "USD"
}""",
    Question.ORDERS: """{
"486450": {
"charge": 0.08011655652,
"start_count": "44",
"status": "Completed",
"remains": "0",
"currency": "USD"
},
"486451": {
"error": "Incorrect order ID"
},
"486561": {
"charge": 0.04434830916,
"start_count": "181",
"status": "Cancelled",
"remains": "100",
"currency": "USD"
}
}""",
}
SMMBROS = {
    Question.BALANCE: """{
	"balance": 10000,
	"currency": "USD",
}""",
    Question.SERVICES: """[
    {
        "service": 1,
        "name": "Followers",
        "type": "Default",
        "category": "First Category",
        "rate": "0.90",
        "min": "50",
        "max": "10000"
    },
    {
        "service": 2,
        "name": "Comments",
        "type": "Custom Comments",
        "category": "Second Category",
        "rate": "8",
        "min": "10",
        "max": "1500"
    }
]""",
    Question.ORDER: """{
    "charge": "0.27819",
    "start_count": "3572",
    "status": "Partial",
    "remains": "157",
    "currency": "USD"
}""",
    Question.ORDERS: """{
    "1": {
        "charge": "0.27819",
        "start_count": "3572",
        "status": "Partial",
        "remains": "157",
        "currency": "USD"
    },
    "10": {
        "error": "Incorrect order ID"
    },
    "100": {
        "charge": "1.44219",
        "start_count": "234",
        "status": "In progress",
        "remains": "10",
        "currency": "USD"
    }
}""",
}
SMMIA = {
    Question.BALANCE: """  {
      "status": "success",
      "balance": "0.03",
      "currency": "USD"
  }""",
    Question.SERVICES: r"""[
  {
      "service": "5",
      "name": "Instagram Followers [15K] ",
      "category": "Instagram - Followers [Guaranteed\/Refill] - Less Drops \u2b50",
      "rate": "1.02",
      "min": "500",
      "max": "10000"
      "type": default
      "desc": usernames
      "dripfeed": 1
  },
  {
      "service": "9",
      "name": "Instagram Followers - Max 300k - No refill - 30-40k\/Day",
      "category": "Instagram - Followers [Guaranteed\/Refill] - Less Drops \u2b50",
      "rate": "0.04",
      "min": "500",
      "max": "300000"
      "type": default
      "desc": usernames
      "dripfeed": 1
  }
]""",
    Question.ORDER: """{
  "order": "32",
  "status": "pending",
  "charge": "0.0360",
  "start_count": "0",
  "remains": "0"
}""",
    Question.ORDERS: """  {
      "12": {
          "order": "12",
          "status": "processing",
          "charge": "1.2600",
          "start_count": "0",
          "remains": "0"
      },
      "2": "Incorrect order ID",
      "13": {
          "order": "13",
          "status": "pending",
          "charge": "0.6300",
          "start_count": "0",
          "remains": "0"
      }
  }""",
}
PAGES = {
    "keralasmm": (KERALASMM, ("32", "33")),
    "smmserver": (SMMSERVER, ("486450", "486451", "486561")),
    "smmbros": (SMMBROS, ("1", "10", "100")),
    "smmia": (SMMIA, ("32", "12", "2", "13")),
}


@pytest.mark.parametrize("name", PAGES)
def test_each_page_as_printed_is_known_by_its_samples(name: str) -> None:
    page, orders = PAGES[name]
    inference = infer(Evidence(heard(page), orders))
    assert inference.best == name
    assert inference.scores[name] == inference.score_max
    assert inference.undecided == tuple(
        f"{question}: no answer" for question, _ in questions() if question not in page
    )


def test_the_table_of_the_probe() -> None:
    """protocol.md 7: what is seen, and which dialects it points to."""
    keralasmm = infer(Evidence(heard(KERALASMM), PAGES["keralasmm"][1]))
    assert points(keralasmm)["beside the balance"] == ("keralasmm", "smmia")
    assert points(keralasmm)["services: ids"] == ("keralasmm", "smmia")
    assert points(keralasmm)["services: flags"] == ("keralasmm",)
    assert points(keralasmm)["services: further keys"] == ("keralasmm",)
    assert points(keralasmm)["status of known orders together"] == ("keralasmm",)
    smmia = infer(Evidence(heard(SMMIA), PAGES["smmia"][1]))
    assert points(smmia)["services: description"] == ("smmia",)
    assert points(smmia)["services: flags"] == ("smmia",)
    assert points(smmia)["status of known orders together"] == ("smmia",)
    smmbros = infer(Evidence(heard(SMMBROS), PAGES["smmbros"][1]))
    assert points(smmbros)["balance"] == ("smmbros",)
    assert points(smmbros)["services: flags"] == ("smmbros",)
    smmserver = infer(Evidence(heard(SMMSERVER), PAGES["smmserver"][1]))
    assert points(smmserver)["services: flags"] == ("standard", "smmserver")
    assert points(smmserver)["status: charge among many"] == ("smmserver",)
    assert points(smmserver)["status: words"] == ("smmserver",)
    family = infer(Evidence(sandbox(BOOK["smmia"])))
    assert points(family)["an unknown action"] == ("keralasmm", "smmia")
    assert points(family)["status of two unknown orders"] == ("smmia",)


def test_each_feature_says_what_was_seen() -> None:
    inference = infer(Evidence(heard(SMMBROS), PAGES["smmbros"][1]))
    assert seen(inference)["balance"] == "number 10000"
    assert seen(inference)["services: flags"] == "none"
    assert seen(inference)["services: words of types"] == "Default, Custom Comments"
    assert seen(inference)["status of known orders together"] == "map of objects at the top"
    inference = infer(Evidence(heard(KERALASMM), PAGES["keralasmm"][1]))
    assert seen(inference)["beside the balance"] == "status = success"
    assert seen(inference)["services: flags"] == "text dripfeed, text refill, text cancel"


def test_a_standard_panel_with_a_number_as_balance_is_still_the_standard() -> None:
    answers = {**sandbox(BOOK["standard"]), **heard({Question.BALANCE: '{"balance":12.5}'})}
    inference = infer(Evidence(answers))
    assert inference.best == "standard"
    assert points(inference)["balance"] == ("smmbros",)
    assert inference.scores["standard"] < inference.score_max


def test_keys_in_another_case_are_the_same_keys() -> None:
    answers = {**sandbox(BOOK["standard"]), **heard({Question.BALANCE: '{"Balance":"12.5"}'})}
    assert infer(Evidence(answers)).best == "standard"


ODD = {
    Question.BALANCE: '{"data":{"funds":10.5,"currency":"EUR"}}',
    Question.SERVICES: """{"data":[
        {"id":7,"name":"F","type":"Default","category":"C","rate":0.9,"min":10,"max":1000,
         "dripfeed":true,"refill":1,"desc":"x"},
        {"id":8,"name":"G","type":"custom_comments","category":"C","rate":3,"min":10,"max":100},
        {"id":9,"name":"H","type":"Power Likes","category":"C","rate":3,"min":10,"max":100}]}""",
    Question.UNKNOWN_ORDERS: """{
        "999999999999999999":{"error":{"message":"No such order"}},
        "999999999999999998":{"error":{"message":"No such order"}}}""",
    Question.ORDER: """{"order_id":4218,"status":"in_progress","charge":0.5,"start_count":10,
        "remains":5}""",
    Question.ORDERS: """{
        "4218":{"order_id":4218,"status":"in_progress","charge":0.5,"start_count":10,"remains":5},
        "4219":{"order_id":4219,"status":"melting","charge":0.5,"start_count":10,"remains":5},
        "999999999999999999":{"error":{"message":"No such order"}}}""",
}
ODD_REFUSALS = {
    Question.UNKNOWN_ORDER: '{"error":{"code":404,"message":"No such order"}}',
    Question.UNKNOWN_REFILL: '{"error":{"message":"Unknown action"}}',
    Question.UNKNOWN_ACTION: '{"error":{"message":"Unknown action"}}',
}
ODD_EVIDENCE = Evidence({**heard(ODD), **heard(ODD_REFUSALS, 404)}, ("4218", "4219"))


def test_an_odd_panel_gets_a_draft_of_what_can_be_seen() -> None:
    inference = infer(ODD_EVIDENCE)
    assert inference.best is None
    assert inference.draft
    odd = inference.draft.spelling
    assert odd.refusals == (RefusalShape("error.message"), RefusalShape())
    assert Action.REFILL_STATUS not in odd.requests.actions
    assert odd.balances.within == odd.services.within == ("data",)
    assert odd.balances.amount == Key("funds", Literal.NUMBER)
    assert odd.services.keys["offer"] == Key("id", Literal.NUMBER)
    assert odd.services.keys["rate"].literal is Literal.NUMBER
    assert odd.services.keys["refill"] == Key("refill", Literal.NUMBER)
    assert "cancel" not in odd.services.keys
    assert odd.services.keys["description"].name == "desc"
    assert odd.statuses.order == Key("order_id", Literal.NUMBER)
    assert odd.statuses.currency is None
    assert odd.statuses.charge_in_rows is Literal.NUMBER
    assert odd.statuses.words[Word.IN_PROGRESS] == "in_progress"
    assert odd.meanings == {
        "No such order": Code.ORDER_NOT_FOUND,
        "Unknown action": Code.BAD_ACTION,
    }
    told = "\n".join(inference.undecided)
    assert "Power Likes" in told
    assert "melting" in told
    assert "as standard has it" in told


def test_a_draft_is_a_document_and_fits_its_panel() -> None:
    draft = infer(ODD_EVIDENCE).draft
    assert draft
    acme = read_dialect("acme", write_dialect(draft))
    inference = infer(ODD_EVIDENCE, {"acme": acme})
    assert inference.best == "acme"
    answer = ODD_EVIDENCE.heard[Question.UNKNOWN_ORDER]
    assert acme.read_status(["5"], answer.status, answer.body) == {
        "5": Refused(Code.ORDER_NOT_FOUND, "No such order")
    }


def test_a_draft_starts_from_the_family_that_is_much_nearer() -> None:
    answers = sandbox(BOOK["keralasmm"])
    body = answers[Question.SERVICES].body
    answers[Question.SERVICES] = Heard(200, b'{"list":' + body + b"}")
    inference = infer(Evidence(answers))
    assert inference.best is None
    assert inference.draft
    assert inference.draft.spelling.services.within == ("list",)
    assert inference.draft.spelling.adds.marker == BOOK["keralasmm"].spelling.adds.marker
    assert "as keralasmm has it" in inference.undecided[-1]


def test_a_document_that_says_nothing_of_its_own_cannot_be_told_from_its_base() -> None:
    same = read_dialect("twin", "")
    inference = infer(Evidence(sandbox(BOOK["standard"])), {"twin": same})
    assert inference.best is None
    assert inference.draft is None
    assert "standard and twin" in inference.undecided[0]


THIN: dict[str, dict[Question, Heard]] = {
    "nothing": {},
    "balance alone": heard({Question.BALANCE: '{"balance":10000,"currency":"USD"}'}),
    "services alone": {Question.SERVICES: sandbox(BOOK["smmbros"])[Question.SERVICES]},
    "an empty list": {**sandbox(BOOK["standard"]), **heard({Question.SERVICES: "[]"})},
    "a list of words": {**sandbox(BOOK["standard"]), **heard({Question.SERVICES: '["a","b"]'})},
    "no data": {
        **sandbox(BOOK["keralasmm"]),
        **heard({Question.SERVICES: '{"status":"success","data":"Empty Data"}'}),
    },
    "all refused": heard(dict.fromkeys(Question, '{"error":"Invalid API key"}')),
    "all limited": heard(dict.fromkeys(Question, '{"error":"Too many requests"}'), 429),
    "pages": heard(dict.fromkeys(Question, "<!DOCTYPE html><title>Login</title>")),
    "faults": heard(dict.fromkeys(Question, '{"error":"x"}'), 500),
    "nothing in it": heard(dict.fromkeys(Question, "")),
    "nulls": heard(dict.fromkeys(Question, "null")),
}


@pytest.mark.parametrize("name", THIN)
def test_thin_evidence_names_nobody(name: str) -> None:
    inference = infer(Evidence(THIN[name], ("5",)))
    assert inference.best is None
    assert inference.draft is None
    assert inference.undecided[0] == "the dialect: too few answers could be read"
    assert len(inference.undecided) > 1


def test_what_was_not_understood_is_told() -> None:
    told = "\n".join(infer(Evidence(THIN["all refused"])).undecided)
    assert 'is its field called "key"?' in told
    assert "balance: refused" in told
    told = "\n".join(infer(Evidence(THIN["pages"])).undecided)
    assert "services: no JSON: <!DOCTYPE html>" in told
    told = "\n".join(infer(Evidence(THIN["faults"])).undecided)
    assert "balance: no JSON: HTTP 500" in told
    told = "\n".join(infer(Evidence(THIN["an empty list"])).undecided)
    assert "services: no list with offers: []" in told
    body = '{"error":"order_id is required"}'
    odd = {**sandbox(BOOK["standard"]), **heard({Question.UNKNOWN_ORDER: body}, 400)}
    inference = infer(Evidence(odd))
    assert inference.best is None
    assert "about the id, or its field? HTTP 400" in "\n".join(inference.undecided)
    assert inference.draft
    assert inference.draft.spelling.meanings == {}


def test_a_list_between_two_dialects_is_left_open() -> None:
    body = """[{"service":1,"name":"F","type":"Default","category":"C","rate":"1","min":"1",
        "max":"9"}]"""
    few = heard({Question.BALANCE: '{"balance":"12"}', Question.SERVICES: body})
    inference = infer(Evidence(few))
    assert inference.best is None
    assert inference.draft is None
    assert "standard and smmbros are too much alike" in inference.undecided[0]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**6)
    | st.sampled_from(["success", "error", "1", "0.5", "Default", "Pending", "x y", "", "\x00"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("service", "id", "name", "type", "category", "rate", "min", "max", "refill"),
                    *("dripfeed", "balance", "currency", "status", "charge", "remains", "order"),
                    *("error", "message", "errors", "data", "a.b", "\x00", "", " x ", *IMPOSSIBLE),
                ]
            ),
            inner,
            max_size=9,
        )
    ),
    max_leaves=12,
)
ROW = st.fixed_dictionaries(
    {"id": VALUES, "rate": st.sampled_from(["1", 2]), "min": st.just(1), "max": VALUES},
    optional=dict.fromkeys(("service", "name", "type", "category", "refill", "a b "), VALUES),
)


def body_of(value: object) -> bytes:
    return json_text.write(cast("json_text.Json", value))


HEARD = st.builds(
    Heard,
    st.sampled_from([200, 200, 400, 404, 500]),
    st.binary(max_size=30) | VALUES.map(body_of) | st.lists(ROW, max_size=3).map(body_of),
)


@settings(max_examples=settings().max_examples // 2)
@given(st.dictionaries(st.sampled_from(Question), HEARD), st.booleans())
def test_any_answers_give_an_inference(answers: dict[Question, Heard], known: bool) -> None:  # noqa: FBT001  drawn, not called
    """Nothing is raised, and a draft is always a document."""
    if known:
        answers = {**sandbox(BOOK["standard"]), **answers}
    inference = infer(Evidence(answers, ("5",)))
    assert inference.best is None or inference.draft is None
    if inference.draft:
        again = read_dialect("draft", write_dialect(inference.draft))
        assert again.spelling == inference.draft.spelling
