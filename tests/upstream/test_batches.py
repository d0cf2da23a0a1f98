"""Asking about many ids: batches, halves, and when to stop."""

from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.observations import Refused, Taken, Unclear
from gateway.domain.refusals import Code
from gateway.upstream.batches import ask_each

TAKEN = Taken()
UNKNOWN = Refused(Code.ORDER_NOT_FOUND, "Incorrect order ID")
Answer = Mapping[str, Taken | Refused] | Refused | Unclear


class Panel:
    """Remembers its calls, and answers as it was told."""

    def __init__(self, answer: Callable[[Sequence[str]], Answer]) -> None:
        self.answer = answer
        self.calls: list[tuple[str, ...]] = []

    async def ask(self, ids: Sequence[str]) -> Answer:
        self.calls.append(tuple(ids))
        return self.answer(ids)


async def test_batches_hold_what_the_dialect_allows() -> None:
    panel = Panel(lambda ids: dict.fromkeys(ids, TAKEN))
    found = await ask_each(panel.ask, ["1", "2", "1", "3"], 2, lambda: True)
    assert panel.calls == [("1", "2"), ("3",)]
    assert found == {"1": TAKEN, "2": TAKEN, "3": TAKEN}


async def test_where_no_field_takes_many_each_is_asked_alone() -> None:
    for batch_max in (0, 1):
        panel = Panel(lambda ids: dict.fromkeys(ids, TAKEN))
        await ask_each(panel.ask, ["1", "2"], batch_max, lambda: True)
        assert panel.calls == [("1",), ("2",)]


async def test_one_bad_id_refuses_the_batch_but_not_its_neighbours() -> None:
    panel = Panel(lambda ids: UNKNOWN if "5" in ids else dict.fromkeys(ids, TAKEN))
    ids = [str(each) for each in range(8)]
    found = await ask_each(panel.ask, ids, 8, lambda: True)
    assert found == {each: UNKNOWN if each == "5" else TAKEN for each in ids}
    assert len(panel.calls) == 7


@pytest.mark.parametrize("code", [Code.TOO_MANY_IDS, Code.TOO_LARGE])
async def test_fewer_are_asked_at_once_where_so_many_are_too_many(code: Code) -> None:
    too_many = Refused(code, "No more than 3")
    panel = Panel(lambda ids: too_many if len(ids) > 3 else dict.fromkeys(ids, TAKEN))
    ids = [str(each) for each in range(10)]
    assert await ask_each(panel.ask, ids, 10, lambda: True) == dict.fromkeys(ids, TAKEN)
    assert sorted(map(len, panel.calls)) == [2, 2, 3, 3, 5, 5, 10]


@pytest.mark.parametrize(
    "answer", [Unclear("HTTP 502"), Refused(Code.RATE_LIMIT, ""), Refused(Code.BAD_KEY, "")]
)
async def test_what_is_said_of_the_call_ends_the_round(answer: Refused | Unclear) -> None:
    panel = Panel(lambda _: answer)
    found = await ask_each(panel.ask, ["1", "2", "3"], 2, lambda: True)
    assert panel.calls == [("1", "2")]
    assert found == {"1": answer, "2": answer}


async def test_it_stops_when_it_may_not_go_on() -> None:
    panel = Panel(lambda ids: dict.fromkeys(ids, TAKEN))
    found = await ask_each(panel.ask, ["1", "2", "3"], 1, lambda: len(panel.calls) < 2)
    assert found.keys() == {"1", "2"}


async def test_a_batch_that_could_not_be_halved_in_time_says_nothing_of_its_ids() -> None:
    panel = Panel(lambda ids: UNKNOWN if "5" in ids else dict.fromkeys(ids, TAKEN))
    found = await ask_each(panel.ask, ["1", "5", "7"], 3, lambda: not panel.calls)
    assert panel.calls == [("1", "5", "7")]
    assert found == {}


@given(
    st.lists(st.integers(0, 150).map(str), max_size=120),
    st.sets(st.integers(0, 150).map(str)),
    st.integers(0, 100),
)
async def test_every_id_gets_its_own_answer_in_bounded_calls(
    ids: list[str], bad: set[str], batch_max: int
) -> None:
    panel = Panel(lambda batch: UNKNOWN if bad & set(batch) else dict.fromkeys(batch, TAKEN))
    found = await ask_each(panel.ask, ids, batch_max, lambda: True)
    assert found == {each: UNKNOWN if each in bad else TAKEN for each in ids}
    assert len(panel.calls) <= 2 * len(set(ids))
    assert all(len(call) <= max(batch_max, 1) for call in panel.calls)
