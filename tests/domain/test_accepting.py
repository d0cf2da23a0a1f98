from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.accepting import Ask, Repeat, Verdict, decide, fingerprint, numbered
from gateway.domain.refusals import Code, Refusal

FUNDS = Verdict(refusal=Refusal(Code.FUNDS))
REUSED = Verdict(refusal=Refusal(Code.REUSED_REQUEST_ID))
FRESH = Verdict()


def ask(charge: str, customer: int = 1, request_id: str | None = None, said: bytes = b"x") -> Ask:
    return Ask(customer, "USD", Decimal(charge), request_id, said)


def purses(**amounts: str) -> dict[tuple[int, str], Decimal]:
    return {(int(name[1:]), "USD"): Decimal(amount) for name, amount in amounts.items()}


def test_a_balance_is_spent_to_the_last_digit_and_no_further() -> None:
    asks = [ask("6"), ask("4.000001"), ask("4"), ask("0.000001")]
    assert decide(asks, purses(c1="10"), {}) == [FRESH, FUNDS, FRESH, FUNDS]


def test_each_customer_and_currency_has_a_purse_of_its_own() -> None:
    euro = Ask(1, "EUR", Decimal(1))
    asks = [ask("5"), ask("5", 2), ask("1", 3), euro]
    assert decide(asks, purses(c1="5", c2="4.99"), {}) == [FRESH, FUNDS, FUNDS, FUNDS]


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 10**7)), max_size=20),
    st.integers(0, 3 * 10**7),
)
def test_what_is_accepted_never_exceeds_the_balance(
    wanted: list[tuple[int, int]], balance: int
) -> None:
    held = {(customer, "USD"): Decimal(balance).scaleb(-6) for customer in (1, 2, 3)}
    asks = [Ask(customer, "USD", Decimal(charge).scaleb(-6)) for customer, charge in wanted]
    spent: dict[int, int] = dict.fromkeys((1, 2, 3), 0)
    for (customer, charge), verdict in zip(wanted, decide(asks, held, {}), strict=True):
        assert verdict.fresh is (spent[customer] + charge <= balance)
        spent[customer] += charge if verdict.fresh else 0


def test_a_repeated_request_has_the_first_answer_and_costs_nothing() -> None:
    known = {(1, "k"): Repeat(b"x", 23501)}
    asks = [ask("1", request_id="k"), ask("1", request_id="k", said=b"other"), ask("5")]
    assert decide(asks, purses(c1="5"), known) == [Verdict(order=23501), REUSED, FRESH]


def test_a_request_id_is_the_customers_own() -> None:
    known = {(1, "k"): Repeat(b"x", 23501)}
    asks = [ask("1", 2, "k"), ask("1", 2, ""), ask("1", 2, "")]
    assert decide(asks, purses(c2="5"), known) == [FRESH, FRESH, FRESH]


def test_twins_within_a_set_become_one_order() -> None:
    asks = [
        ask("9", request_id="k"),
        ask("1", request_id="k"),
        ask("1", request_id="k"),
        ask("1", request_id="k", said=b"other"),
    ]
    assert decide(asks, purses(c1="1"), {}) == [FUNDS, FRESH, Verdict(same_as=1), REUSED]


@pytest.mark.parametrize("verdict", [FUNDS, Verdict(order=1), Verdict(same_as=0)])
def test_only_a_fresh_one_is_written(verdict: Verdict) -> None:
    assert FRESH.fresh
    assert not verdict.fresh


def test_answers_stand_in_the_order_of_the_questions() -> None:
    verdicts = [Verdict(order=7), FUNDS, FRESH, Verdict(same_as=2), FRESH]
    answers = numbered(verdicts, {2: 100, 4: 101})
    assert answers == [7, Refusal(Code.FUNDS), 100, 100, 101]


def test_a_fingerprint_is_of_fields_and_values_in_any_order() -> None:
    assert fingerprint({"a": "1", "b": ("2", "3")}) == fingerprint({"b": ("2", "3"), "a": "1"})
    others = [{"a": "1"}, {"a": "2"}, {"b": "1"}, {"a": ("1",)}, {"a": "1", "b": ""}]
    assert len({fingerprint(fields) for fields in others}) == 5
    assert len(fingerprint({})) == 32
