from decimal import Decimal

import pytest

from gateway.dialects.book import BOOK
from gateway.domain.observations import Refused
from gateway.domain.refusals import Code
from gateway.sandbox.panel import Panel, Terms
from tests.sandbox.calling import Call, Clock, faulty

ADD = {"action": "add", "service": "101", "link": "https://a.example/1", "quantity": "100"}
BAD: list[tuple[dict[str, str], int]] = [
    ({"action": "balance", "key": "x"}, 401),
    ({"action": "fly"}, 400),
    ({**ADD, "service": "999"}, 404),
    ({**ADD, "quantity": "1"}, 400),
    ({**ADD, "quantity": "10000"}, 402),
    ({"action": "status", "order": "7"}, 404),
    ({"action": "refill", "order": "50001"}, 409),
    ({"action": "refill_status", "refill": "7"}, 404),
    ({"action": "status", "orders": ",".join(map(str, range(1, 102)))}, 400),
]


@pytest.mark.parametrize(("fields", "status"), BAD)
async def test_refusals_have_their_own_status_codes_where_told(
    call: Call, clock: Clock, fields: dict[str, str], status: int
) -> None:
    bodies: list[bytes] = []
    for statuses in (False, True):
        terms = Terms(balance=Decimal(5), statuses=statuses)
        caller = await call(Panel(terms=terms, clock=clock))
        await caller.add("https://a.example/0", 50)
        answer = await caller.post(**fields)
        assert answer.status_code == (status if statuses else 200)
        bodies.append(answer.content)
        # the connection is as good as before
        assert "balance" in await caller.ask(action="balance")
    assert bodies[0] == bodies[1]
    assert b'{"error":"' in bodies[1]


async def test_rows_that_refuse_are_no_refusal(call: Call) -> None:
    caller = await call(Panel(terms=Terms(statuses=True)))
    for fields in (
        {"action": "status", "orders": "7"},
        {"action": "refill", "orders": "7"},
        {"action": "cancel", "orders": "7"},
        {"action": "refill_status", "refills": "7"},
    ):
        answer = await caller.post(**fields)
        assert (answer.status_code, b"error" in answer.content) == (200, True)


@pytest.mark.parametrize(("fault", "status"), [("funds", 402), ("rate_limit", 429)])
async def test_faults_that_refuse_have_them_too(call: Call, fault: str, status: int) -> None:
    caller = await call(Panel(terms=Terms(statuses=True), faults=faulty(**{fault: "1"})))
    assert (await caller.post(**ADD)).status_code == status
    assert (await caller.http.get(caller.server.url)).status_code == 405


@pytest.mark.parametrize("name", BOOK)
async def test_they_are_read_as_refusals_by_every_dialect(call: Call, name: str) -> None:
    dialect = BOOK[name]
    caller = await call(Panel(dialect, Terms(statuses=True)))
    form = {**ADD, dialect.spelling.requests.names.get("link", "link"): "l", "service": "999"}
    answer = await caller.post(**form)
    read = dialect.read_add(answer.status_code, answer.content)
    assert isinstance(read, Refused)
    assert (answer.status_code, read.code) == (404, Code.BAD_SERVICE)
    answer = await caller.post(action="status", order="7")
    seen = dialect.read_status(["7"], answer.status_code, answer.content)
    assert isinstance(seen, dict)
    unknown = seen["7"]
    assert isinstance(unknown, Refused)
    assert (answer.status_code, unknown.code) == (404, Code.ORDER_NOT_FOUND)
