"""The front door as callers meet it: real bytes in, real bytes out (protocol.md 1, 3.1 and 8).

The fixtures give the services 1 (Default, 50 to 10000), 2 (Package) and 3 (Custom Comments),
others for `test_actions`, and two customers' keys with money behind them.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from typing import TypeAlias

import httpx
import pytest
from starlette.types import Message, Scope
from structlog.testing import capture_logs

from gateway.operations import Backends
from gateway.panel.limits import Limits, Pace
from gateway.panel.routes import PANEL_PATHS, door
from gateway.storage.database import Database
from tests.panel.calling import LINK, Api, alter, connect, whole

NO_ORDER = {"error": "Incorrect order ID"}
NOT_POST = {"error": "Incorrect request: use POST"}
TOO_MANY = {"error": "Too many requests"}
NO_KEY = {"error": "Invalid API key"}

Row: TypeAlias = dict[str, str]


@pytest.fixture
async def api(backends: Backends, key: str) -> AsyncGenerator[Api]:
    async with connect(backends) as http:
        yield Api(http, key)


@pytest.mark.parametrize("path", sorted(PANEL_PATHS))
async def test_every_path_and_slash_is_answered_directly(api: Api, path: str) -> None:
    answer = await api.http.post(path, data={"key": api.key, "action": "balance"})

    assert answer.status_code == 200
    assert answer.json().keys() == {"balance", "currency"}
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_only_post_asks(api: Api, method: str) -> None:
    answer = await api.http.request(method, "/api/v2", params={"key": api.key})

    assert (answer.status_code, answer.json()) == (200, NOT_POST)


@pytest.mark.parametrize("name", ["key", "api_token"])
async def test_a_key_in_the_address_is_refused(api: Api, name: str) -> None:
    answer = await api.http.post("/api/v2", params={name: api.key}, data={"action": "balance"})

    assert (answer.status_code, answer.json()) == (200, NOT_POST)


@pytest.mark.parametrize("path", ["/", "/api", "/api/v2//", "/api/v4", "/API/v2", "/admin"])
async def test_there_is_nothing_else(api: Api, path: str) -> None:
    for method in ("GET", "POST"):
        answer = await api.http.request(method, path)

        assert (answer.status_code, answer.json()) == (404, {"error": "Not found"})


async def test_health_is_told_without_a_key(api: Api) -> None:
    answer = await api.http.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("key", ["", "nobody", "undefined", "k" * 300, "\u00e9"])
async def test_keys_that_open_nothing_get_one_answer(api: Api, key: str) -> None:
    answer = await api.http.post("/api/v2", data={"key": key, "action": "balance"})

    assert (answer.status_code, answer.json()) == (200, NO_KEY)


@pytest.mark.parametrize("scheme", ["field", "token", "header", "bearer", "all"])
async def test_the_key_may_stand_where_callers_put_it(api: Api, scheme: str) -> None:
    headers: dict[str, str] = {}
    data = {"action": "balance"}
    if scheme in ("field", "all"):
        data["key"] = api.key
    if scheme in ("token", "all"):
        data["api_token"] = api.key
    if scheme in ("header", "all"):
        headers["X-API-Key"] = api.key
    if scheme in ("bearer", "all"):
        headers["Authorization"] = f"Bearer {api.key}"

    answer = await api.http.post("/api/v2", data=data, headers=headers)

    assert answer.json().keys() == {"balance", "currency"}


async def test_a_second_key_must_be_the_same(api: Api) -> None:
    answer = await api.http.post(
        "/api/v2", data={"key": api.key, "action": "balance"}, headers={"X-API-Key": "other"}
    )

    assert answer.json() == NO_KEY


async def test_form_multipart_and_json_place_the_same_order(api: Api) -> None:
    fields = {"key": api.key, "action": "add", "service": "1", "link": LINK, "quantity": "100"}
    parts = {name: (None, value) for name, value in fields.items()}
    answers = [
        await api.http.post("/api/v2/", data=fields),
        await api.http.post("/api/v2", files=parts),
        await api.http.post("/api/v2", json={**fields, "service": 1, "quantity": 100}),
        await api.http.post("/api/v2", content=httpx.Request("POST", "/", json=fields).content),
    ]

    orders = [whole(answer.json()["order"]) for answer in answers]
    rows = [(await api.post(action="status", order=str(order))).json() for order in orders]
    assert len(set(orders)) == len(orders)
    assert rows == [rows[0]] * len(rows)
    assert rows[0]["status"] == "Pending"
    assert rows[0]["remains"] == "100"


@pytest.mark.parametrize(
    ("fields", "remains"),
    [
        # R2
        ({"runs": "undefined", "interval": "undefined", "old_posts": "null", "expiry": ""}, "100"),
        ({"runs": "0", "interval": "0"}, "100"),
        # R6, R7
        ({"action": " ADD "}, "100"),
        ({"link": "", "url": LINK}, "100"),
        ({"url": LINK}, "100"),
        # R8, R9
        ({"service": "3", "comments": "a, b\nc\r\n\r\n d \r", "quantity": ""}, "3"),
        ({"service": "3", "comments": "a\nb\nc", "quantity": "1"}, "3"),
        ({"service": "3", "comments": "a\\nb", "quantity": ""}, "2"),
        # R10
        ({"service": "", "package": "1"}, "100"),
        ({"service": "2"}, "1"),
        ({"unheard_of": "x"}, "100"),
    ],
)
async def test_what_is_sold(api: Api, fields: dict[str, str], remains: str) -> None:
    asked = {"action": "add", "service": "1", "link": LINK, "quantity": "100", **fields}

    order = whole((await api.post(**asked)).json()["order"])

    row: Row = (await api.post(action="status", order=str(order))).json()
    assert row["remains"] == remains


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"service": "99"}, "Incorrect service ID"),
        ({"service": "0"}, "Incorrect service ID"),
        ({"service": "01"}, "Incorrect service ID"),
        ({"service": "abc"}, "Incorrect service ID"),
        ({"service": "9" * 17}, "Incorrect service ID"),
        ({"service": "9" * 400}, "Incorrect service ID"),
        ({"service": ""}, "Missing parameter: service"),
        ({"quantity": "49"}, "Quantity less than minimal 50"),
        ({"quantity": "10001"}, "Quantity more than maximum 10000"),
        ({"quantity": ""}, "Missing parameter: quantity"),
        *(({"quantity": wrong}, "Incorrect quantity") for wrong in ("1e3", "1e999", "-5", "+5")),
        *(({"quantity": wrong}, "Incorrect quantity") for wrong in ("1.5", "1,000", "0", "9" * 99)),
        ({"quantity": "\uff11\uff10\uff10"}, "Incorrect quantity"),
        ({"link": ""}, "Missing parameter: link"),
        ({"link": "https://a.example/" + "x" * 2_048}, "Incorrect link"),
        ({"url": "https://b.example/"}, "Incorrect link"),
        ({"runs": "5"}, "Missing parameter: interval"),
        ({"action": "buy"}, "Incorrect request"),
        ({"action": ""}, "Incorrect request"),
        ({"request_id": "x" * 65}, "Incorrect request_id"),
        ({"comments": "a\0b"}, "Incorrect encoding: NUL is not text"),
    ],
)
async def test_what_is_refused_takes_nothing(api: Api, fields: dict[str, str], words: str) -> None:
    before = (await api.post(action="balance")).json()
    asked = {"action": "add", "service": "1", "link": LINK, "quantity": "100", **fields}

    answer = await api.post(**asked)

    assert (answer.status_code, answer.json()) == (200, {"error": words})
    assert (await api.post(action="balance")).json() == before


async def test_more_money_than_there_is_is_refused(api: Api, poor_key: str) -> None:
    poor = Api(api.http, poor_key)

    answer = await poor.post(action="add", service="1", link=LINK, quantity="10000")

    assert answer.json() == {"error": "Not enough funds on balance"}


async def test_a_link_is_decoded_once(api: Api) -> None:
    body = f"key={api.key}&action=add&service=1&quantity=100&request_id=once&link=".encode()
    escaped = b"https%3A%2F%2Fa.example%2Fx%252By"
    form = {"content-type": "application/x-www-form-urlencoded"}
    first = await api.http.post("/api/v2", content=body + escaped, headers=form)

    # the same name and the same link, spelled the other way, is the same order
    again = await api.http.post(
        "/api/v2",
        json={
            "key": api.key,
            "action": "add",
            "service": 1,
            "quantity": 100,
            "request_id": "once",
            "link": "https://a.example/x%2By",
        },
    )

    assert first.json() == again.json()
    assert whole(first.json()["order"])


async def test_an_add_with_a_name_happens_once(api: Api) -> None:
    named = {"service": "1", "link": LINK, "quantity": "100", "key": api.key, "action": "add"}
    header = {"Idempotency-Key": "n1"}
    first = await api.http.post("/api/v2", data=named, headers=header)

    again = await api.http.post("/api/v2", data={**named, "request_id": "n1"}, headers=header)
    other = await api.http.post("/api/v2", data={**named, "quantity": "200"}, headers=header)
    torn = await api.http.post("/api/v2", data={**named, "request_id": "n2"}, headers=header)

    assert whole(first.json()["order"])
    assert again.content == first.content
    assert other.json() == {"error": "request_id was used for another order"}
    assert torn.json() == {"error": "Incorrect request_id"}


@pytest.mark.parametrize(
    "spelling",
    [
        {"action": "status", "order": "{a},{b}"},
        {"action": "status", "orders": "{a}, {b},,"},
        {"action": "status", "orders": "{a},{b},{a}"},
        {"action": "status", "order": "7", "orders": "{a},{b}"},
        {"action": "orders", "orders": "{a},{b}"},
        {"action": "Statuses", "orders": "{a},{b}"},
        {"action": "status", "orders[]": ["{a}", "{b}"]},
        {"action": "status", "orders[0]": "{a}", "orders[1]": "{b}"},
    ],
)
async def test_many_orders_are_asked_in_many_ways(
    api: Api, spelling: dict[str, str | list[str]]
) -> None:
    a, b = sorted([await api.add(), await api.add(quantity="60")], reverse=True)
    asked: dict[str, str | list[str]] = {
        name: (
            value.format(a=a, b=b)
            if isinstance(value, str)
            else [each.format(a=a, b=b) for each in value]
        )
        for name, value in spelling.items()
    }

    rows: Mapping[str, Row] = (await api.post(**asked)).json()

    assert list(rows) == [str(a), str(b)]
    assert {row["remains"] for row in rows.values()} == {"100", "60"}


async def test_a_batch_of_one_is_a_batch(api: Api) -> None:
    order = await api.add()

    single = (await api.post(action="STATUS", order=str(order))).json()
    batch = (await api.post(action="status", orders=str(order))).json()
    asked = {"key": api.key, "action": "status", "orders": [order]}
    listed = (await api.http.post("/api/v2", json=asked)).json()

    assert single["status"] == "Pending"
    assert batch == listed == {str(order): single}


@pytest.mark.parametrize("order", ["999999999", "007", "abc", "9" * 18, "9" * 19, "-1", "1.0"])
async def test_no_such_order(api: Api, order: str) -> None:
    single = await api.post(action="status", order=order)
    batch = await api.post(action="status", orders=order)

    assert (single.status_code, single.json()) == (200, NO_ORDER)
    assert (batch.status_code, batch.json()) == (200, {order: NO_ORDER})


async def test_a_foreign_order_reads_like_a_missing_one(api: Api, other_key: str) -> None:
    own = await api.add()
    stranger = Api(api.http, other_key)

    foreign = await stranger.post(action="status", order=str(own))
    missing = await stranger.post(action="status", order="999999999")
    batch = await stranger.post(action="status", orders=f"{own},999999999,x")

    assert foreign.content == missing.content
    assert foreign.headers == missing.headers
    assert batch.json() == {str(own): NO_ORDER, "999999999": NO_ORDER, "x": NO_ORDER}


async def test_a_hundred_ids_are_the_most(api: Api) -> None:
    ids = [str(number) for number in range(10_000_000, 10_000_101)]

    most = await api.post(action="status", orders=",".join(ids[:100]))
    over = await api.post(action="status", orders=",".join(ids))

    assert len(most.json()) == 100
    assert over.json() == {"error": "Too many IDs: at most 100 per request"}


async def test_a_file_is_refused(api: Api) -> None:
    answer = await api.http.post(
        "/api/v2", data={"key": api.key, "action": "balance"}, files={"comments": b"a"}
    )

    assert answer.json() == {"error": "Incorrect encoding: files are not accepted"}


async def test_services_are_a_list(api: Api) -> None:
    rows: list[dict[str, object]] = (await api.post(action="packages")).json()

    assert [row["service"] for row in rows[:3]] == [1, 2, 3]
    assert [row["type"] for row in rows[:3]] == ["Default", "Package", "Custom Comments"]


@pytest.mark.parametrize("extra", [0, 1])
async def test_a_body_has_a_mebibyte_at_most(api: Api, extra: int) -> None:
    head = f"key={api.key}&action=balance&x=".encode()
    body = head + b"x" * (Limits().body_bytes_max - len(head) + extra)
    form = {"content-type": "application/x-www-form-urlencoded"}

    answer = await api.http.post("/api/v2", content=body, headers=form)

    assert answer.status_code == 200
    assert ("balance" in answer.json()) is not bool(extra)
    if extra:
        assert answer.json() == {"error": "Request too large"}


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"key=caf%E9", "", "Incorrect encoding: UTF-8 expected"),
        (b'{"key":', "application/json", "Incorrect JSON: one flat object expected"),
        (b"x", "multipart/form-data", "Incorrect encoding: the multipart form is malformed"),
        (b"&".join([b"a=1"] * 257), "", "Request too large"),
    ],
)
async def test_what_cannot_be_read_is_refused_before_the_key(
    api: Api, body: bytes, content_type: str, words: str
) -> None:
    answer = await api.http.post("/api/v2", content=body, headers={"content-type": content_type})

    assert (answer.status_code, answer.json()) == (200, {"error": words})


async def test_reads_and_adds_have_a_pace_of_their_own(backends: Backends, key: str) -> None:
    limits = Limits(reads=Pace(1, 2), adds=Pace(1, 1))
    async with connect(backends, limits) as http:
        api = Api(http, key)
        reads = [await api.post(action="balance") for _ in range(2)]
        wrong = await api.post(action="nonsense")
        order = await api.add()
        add = await api.post(action="add", service="1", link=LINK, quantity="100")

    assert all("balance" in each.json() for each in reads)
    assert order > 0
    for refused in (wrong, add):
        assert (refused.status_code, refused.json()) == (200, TOO_MANY)
        assert refused.headers["retry-after"] == "1"


async def test_no_more_at_once_than_there_is_room_for(backends: Backends, key: str) -> None:
    async with connect(backends, Limits(in_flight_max=0)) as http:
        answer = await Api(http, key).post(action="balance")

    assert (answer.status_code, answer.json()) == (200, TOO_MANY)
    assert answer.headers["retry-after"] == "1"


async def test_a_fault_is_one_plain_answer_and_a_traceback_in_the_log(backends: Backends) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        raise RuntimeError("canary")

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "POST", "path": "/api/v2"}
    scope |= {"query_string": b"", "headers": []}
    with capture_logs() as logs:
        await door(backends)(scope, receive, send)

    assert sent[0]["status"] == 500
    assert sent[1]["body"] == b'{"error":"Internal server error"}'
    assert [(each["event"], each["exc_info"]) for each in logs] == [("request broke off", True)]


async def test_without_postgres_an_add_is_refused_and_a_read_fails_openly(
    backends: Backends, key: str
) -> None:
    nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:9/nothing")
    async with connect(replace(backends, database=nowhere)) as http:
        api = Api(http, key)
        add = await api.post(action="add", service="1", link=LINK, quantity="100")
        reads = [await api.post(action=action) for action in ("balance", "services")]
        reads.append(await api.post(action="status", order="1"))
        wrong = await api.post(action="nonsense")
        again = await api.post(
            action="add", service="1", link=LINK, quantity="100", request_id="again-1"
        )
    await nowhere.close()

    assert (add.status_code, add.json()) == (200, {"error": "Ordering is disabled"})
    assert (wrong.status_code, wrong.json()) == (200, {"error": "Incorrect request"})
    # an earlier try under its id may have been taken
    assert (again.status_code, again.content) == (503, b"")
    for read in reads:
        assert read.status_code == 503
        assert read.json() == {"error": "Service temporarily unavailable"}
        assert read.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    "fault",
    [
        "PERFORM pg_terminate_backend(pg_backend_pid());",  # the connection dies within COMMIT
        "RAISE EXCEPTION 'canary';",
    ],
)
async def test_an_add_in_doubt_is_answered_without_a_word(
    api: Api, backends: Backends, fault: str
) -> None:
    await alter(
        backends,
        f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {fault}"
        " RETURN NULL; END $$",
    )
    await alter(
        backends,
        "CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION fail()",
    )
    try:
        with capture_logs():
            answer = await api.post(action="add", service="1", link=LINK, quantity="100")
    finally:
        await alter(backends, "DROP FUNCTION fail CASCADE")

    assert (answer.status_code, answer.content) == (503, b"")
    assert (await api.post(action="balance")).json()["balance"] == "100.00"


async def test_a_read_that_breaks_is_a_plain_500(api: Api, backends: Backends) -> None:
    await alter(backends, "ALTER TABLE orders RENAME TO orders_away")
    try:
        with capture_logs() as logs:
            answer = await api.post(action="status", order="1")
    finally:
        await alter(backends, "ALTER TABLE orders_away RENAME TO orders")

    assert answer.status_code == 500
    assert answer.content == b'{"error":"Internal server error"}'
    assert [each["event"] for each in logs] == ["request broke off"]
