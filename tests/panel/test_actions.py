"""What each action does for a customer, and what it never tells another one (protocol.md 1, 6.2).

Service 4 is refilled within 30 days but not within the first, 5 after a partial end too, 6 comes
from a panel that names no refill, 7 from one that has neither action.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from gateway.operations import Backends
from gateway.panel.limits import Limits, Pace
from gateway.panel.routes import PANEL_PATHS
from gateway.storage.database import Database
from tests.panel.calling import (
    LINK,
    Api,
    Customer,
    accept,
    alter,
    complete,
    connect,
    whole,
)

NO_ORDER = {"error": "Incorrect order ID"}
NO_REFILL = {"error": "Refill not found"}
REFUSED = {"error": "Order not eligible for refill"}
ENDED = {"error": "Order not eligible for cancellation"}
TOO_MANY = {"error": "Too many IDs: at most 100 per request"}
NOBODYS = "999999999"


@pytest.fixture
async def api(backends: Backends, key: str) -> AsyncGenerator[Api]:
    async with connect(backends) as http:
        yield Api(http, key)


async def refillable(api: Api, backends: Backends, count: int = 1, **fields: str) -> list[str]:
    """Orders that ended two days ago."""
    asked = {"service": "4", **fields}
    orders = [await api.add(**asked) for _ in range(count)]
    await complete(backends, *orders, hours_ago=48)
    return [str(order) for order in orders]


async def running(api: Api, backends: Backends, service: str = "4") -> str:
    order = await api.add(service=service)
    await accept(backends, order)
    return str(order)


async def requests(backends: Backends, kind: str, order: str) -> list[str]:
    """The states of an order's requests of one kind."""
    query = "SELECT state FROM order_requests WHERE (order_id, kind) = (:id, :kind) ORDER BY id"
    async with backends.database.reading() as connection:
        found = await connection.execute(text(query), {"id": int(order), "kind": kind})
        return list(found.scalars())


@pytest.mark.parametrize("path", sorted(PANEL_PATHS))
async def test_every_path_answers_every_action(api: Api, backends: Backends, path: str) -> None:
    (done,) = await refillable(api, backends)
    at_work = await running(api, backends)

    async def ask(**fields: str) -> object:
        answer = await api.http.post(path, data={"key": api.key, **fields})
        assert answer.status_code == 200
        return answer.json()

    added = await ask(action="add", service="1", link=LINK, quantity="100")
    refilled = await ask(action="refill", order=done)
    refill = str(refilled).split("'")[3]
    assert refilled == {"refill": refill}
    assert str(added).startswith("{'order': ")
    assert await ask(action="refill_status", refill=refill) == {"status": "Pending"}
    assert await ask(action="cancel", order=at_work) == [{"order": int(at_work), "cancel": 1}]
    assert "charge" in str(await ask(action="status", order=at_work))
    assert "balance" in str(await ask(action="balance"))
    assert "rate" in str(await ask(action="services"))


async def test_a_refill_is_recorded_and_told(api: Api, backends: Backends) -> None:
    first, second = await refillable(api, backends, 2)

    one = (await api.post(action="refill", order=first)).json()
    many = (await api.post(action="refill", orders=f"{second},{NOBODYS},{first},x")).json()

    assert one["refill"].isdigit()
    assert many[0]["order"] == int(second)
    assert many[1:] == [
        {"order": int(NOBODYS), "refill": NO_ORDER},
        {"order": int(first), "refill": {"error": "Refill already in progress"}},
        {"order": "x", "refill": NO_ORDER},
    ]
    assert whole(many[0]["refill"]) != int(one["refill"])
    assert await requests(backends, "refill", first) == ["asked"]
    # no money moves
    assert (await api.post(action="status", order=first)).json()["charge"] == "0.09"


@pytest.mark.parametrize(
    ("service", "state", "hours_ago", "granted"),
    [
        ("4", "completed", 48, True),
        ("4", "completed", 23, False),
        ("4", "completed", 31 * 24, False),
        ("4", "partial", 48, False),
        ("4", "canceled", 48, False),
        ("5", "completed", 0, True),
        ("5", "completed", 300 * 24, True),
        ("5", "partial", 1, True),
        ("6", "completed", 1, True),
        ("1", "completed", 48, False),  # whose offer does not say that it is refilled
        ("7", "completed", 48, False),  # whose provider cannot be asked
    ],
)
async def test_what_is_refilled(
    api: Api, backends: Backends, service: str, state: str, hours_ago: int, *, granted: bool
) -> None:
    order = await api.add(service=service)
    await complete(backends, order, hours_ago=hours_ago)
    change = "UPDATE orders SET state = :state WHERE id = :id"
    await alter(backends, change, state=state, id=order)

    answer = (await api.post(action="refill", order=str(order))).json()

    assert (answer != REFUSED) is granted
    assert answer.keys() == ({"refill"} if granted else {"error"})
    assert await requests(backends, "refill", str(order)) == (["asked"] if granted else [])


async def test_a_refill_needs_an_end(api: Api, backends: Backends) -> None:
    for order in (str(await api.add(service="4")), await running(api, backends)):
        assert (await api.post(action="refill", order=order)).json() == REFUSED


async def test_three_refills_are_the_most(api: Api, backends: Backends) -> None:
    (order,) = await refillable(api, backends)
    ended = "UPDATE order_requests SET state = 'completed', ended_at = now() WHERE order_id = :id"
    ids: set[str] = set()
    for _ in range(3):
        ids.add((await api.post(action="refill", order=order)).json()["refill"])
        await alter(backends, ended, id=int(order))

    assert len(ids) == 3
    assert (await api.post(action="refill", order=order)).json() == REFUSED


@pytest.mark.parametrize(
    ("closed_by", "granted"), [("standard", True), ("kera", False)], ids=["by id", "by order"]
)
async def test_a_guarantee_outlives_the_order_where_its_provider_tells(
    api: Api, backends: Backends, closed_by: str, *, granted: bool
) -> None:
    service = "5" if closed_by == "standard" else "6"
    (order,) = await refillable(api, backends, service=service)
    closed = "UPDATE orders SET state = 'closed', closed_from = state WHERE id = :id"
    await alter(backends, closed, id=int(order))

    answer = (await api.post(action="refill", order=order)).json()

    assert answer.keys() == ({"refill"} if granted else {"error"})


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("asked", "Pending"),
        ("sent", "Pending"),
        ("in_progress", "In progress"),
        ("completed", "Completed"),
        ("rejected", "Rejected"),
    ],
)
async def test_refills_have_a_word(api: Api, backends: Backends, state: str, word: str) -> None:
    (order,) = await refillable(api, backends)
    refill = (await api.post(action="refill", order=order)).json()["refill"]
    await alter(
        backends,
        "UPDATE order_requests SET state = :state, note = 'acme says: canary',"
        " ended_at = CASE WHEN :state IN ('completed', 'rejected') THEN now() END"
        " WHERE id = :id",
        state=state,
        id=int(refill),
    )

    one = await api.post(action="refill_status", refill=refill)
    many = await api.post(action="refill_status", refills=f"{refill},{NOBODYS},0")

    assert one.json() == {"status": word}
    assert many.json() == [
        {"refill": int(refill), "status": word},
        {"refill": int(NOBODYS), "status": NO_REFILL},
        {"refill": "0", "status": NO_REFILL},
    ]
    assert b"canary" not in one.content + many.content


async def test_an_order_that_was_not_sent_ends_at_once(api: Api, backends: Backends) -> None:
    orders = [str(await api.add()) for _ in range(3)]
    before = (await api.post(action="balance")).json()["balance"]

    single = await api.post(action="cancel", order=orders[0])
    batch = await api.post(action="cancel", orders=",".join(orders[::-1]))

    assert single.json() == [{"order": int(orders[0]), "cancel": 1}]
    assert batch.json() == [
        {"order": int(orders[2]), "cancel": 1},
        {"order": int(orders[1]), "cancel": 1},
        {"order": int(orders[0]), "cancel": ENDED},
    ]
    assert (before, (await api.post(action="balance")).json()["balance"]) == ("99.73", "100.00")
    for order in orders:
        row = (await api.post(action="status", order=order)).json()
        assert (row["status"], row["charge"], row["remains"]) == ("Canceled", "0.00", "100")
        assert await requests(backends, "cancel", order) == []


@pytest.mark.parametrize("state", ["sending", "unconfirmed", "review"])
async def test_a_cancel_is_remembered_while_an_order_is_on_its_way(
    api: Api, backends: Backends, state: str
) -> None:
    order = str(await api.add())
    for step in ("sending", "unconfirmed", "review"):
        move = "UPDATE orders SET state = :state WHERE id = :id"
        await alter(backends, move, state=step, id=int(order))
        if step == state:
            break

    first = (await api.post(action="cancel", order=order)).json()
    again = (await api.post(action="cancel", order=order)).json()

    assert first == [{"order": int(order), "cancel": 1}]
    assert again[0]["cancel"] == {"error": "Cancel request already in progress"}
    assert await requests(backends, "cancel", order) == ["asked"]
    row = (await api.post(action="status", order=order)).json()
    assert (row["status"], row["charge"]) == ("Pending", "0.09")
    wanted = "SELECT cancel_wanted FROM orders WHERE id = :id"
    async with backends.database.reading() as connection:
        found = await connection.execute(text(wanted), {"id": int(order)})
        assert found.scalar_one() is True


@pytest.mark.parametrize(("service", "granted"), [("4", True), ("1", False), ("7", False)])
async def test_a_running_order_is_asked_for_where_its_provider_can(
    api: Api, backends: Backends, service: str, *, granted: bool
) -> None:
    order = await running(api, backends, service)
    before = (await api.post(action="balance")).json()

    answer = (await api.post(action="cancel", order=order)).json()

    assert answer == [{"order": int(order), "cancel": 1 if granted else ENDED}]
    assert await requests(backends, "cancel", order) == (["asked"] if granted else [])
    # money moves only when the status turns
    assert (await api.post(action="balance")).json() == before
    assert (await api.post(action="status", order=order)).json()["status"] == "Pending"


async def test_what_has_ended_is_not_canceled(api: Api, backends: Backends) -> None:
    (order,) = await refillable(api, backends)
    answer = (await api.post(action="cancel", orders=order)).json()
    assert answer == [{"order": int(order), "cancel": ENDED}]


@pytest.mark.parametrize("action", ["status", "refill", "cancel"])
@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("dialect", ["standard", "keralasmm", "smmserver", "smmbros", "smmia"])
async def test_a_foreign_order_reads_like_a_missing_one(
    api: Api, backends: Backends, customer: Customer, action: str, dialect: str, *, many: bool
) -> None:
    stranger = Api(api.http, await customer("100", dialect))
    own = [
        str(await api.add()),
        await running(api, backends),
        *await refillable(api, backends),
    ]
    field = "orders" if many else "order"

    async def asked(order: str) -> tuple[bytes, list[tuple[bytes, bytes]]]:
        answer = await stranger.post(action=action, **{field: order})
        # the only thing that may differ is the id, which the caller knows
        told = answer.content.replace(order.encode(), b"N" * 9)
        length = {b"content-length"}
        return told, [each for each in answer.headers.raw if each[0] not in length]

    missing = await asked(NOBODYS)
    for order in own:
        assert await asked(order) == missing
    assert [await requests(backends, kind, order) for kind in ("refill", "cancel") for order in own]
    for order in own:
        assert await requests(backends, "refill", order) == []
        assert await requests(backends, "cancel", order) == []
    statuses = [(await api.post(action="status", order=order)).json()["status"] for order in own]
    assert statuses == ["Pending", "Pending", "Completed"]


@pytest.mark.parametrize("dialect", ["standard", "keralasmm", "smmserver", "smmbros", "smmia"])
async def test_a_foreign_refill_reads_like_a_missing_one(
    api: Api, backends: Backends, customer: Customer, dialect: str
) -> None:
    stranger = Api(api.http, await customer("100", dialect))
    (order,) = await refillable(api, backends)
    refill = (await api.post(action="refill", order=order)).json()["refill"]
    (running_too,) = await refillable(api, backends)
    cancel = await running(api, backends)
    await api.post(action="cancel", order=cancel)

    async def asked(field: str, each: str) -> bytes:
        answer = await stranger.post(action="refill_status", **{field: each})
        return answer.content.replace(each.encode(), b"N" * 9)

    for field in ("refill", "refills"):
        missing = await asked(field, NOBODYS)
        assert await asked(field, refill) == missing
    # nor is the id of a cancel one of a refill, even to the customer himself
    not_his = (await api.post(action="refill_status", refill=str(int(refill) + 1))).json()
    assert not_his == NO_REFILL
    assert running_too != order


@pytest.mark.parametrize(
    "order",
    [
        *(NOBODYS, "0", "007", "-1", "+1", "1.0", "1e3", "abc", "9" * 18, "9" * 19, "9" * 400),
        *("\uff11\uff12", "\u0661", "1 2", "1;2", "' OR 1=1 --", "[1]", "{}", "true", "\u200b1"),
    ],
)
@pytest.mark.parametrize("action", ["refill", "cancel", "refill_status"])
async def test_odd_ids_are_no_ids(api: Api, action: str, order: str) -> None:
    name = "refill" if action == "refill_status" else "order"
    unknown = NO_REFILL if action == "refill_status" else NO_ORDER

    single = await api.post(action=action, **{name: order})
    batch = await api.post(action=action, **{f"{name}s": order})

    assert single.status_code == batch.status_code == 200
    if "\u200b" in order:  # it cannot be told back
        assert single.json() == batch.json() == unknown
        return
    value = "status" if action == "refill_status" else action
    row = [{name: int(order) if order in (NOBODYS, "0", "9" * 15) else order, value: unknown}]
    told = batch.json()
    assert [{**each, name: str(each[name])} for each in told] == [{**row[0], name: order}]
    assert single.json() == (told if action == "cancel" else unknown)


@pytest.mark.parametrize("action", ["refill", "cancel", "refill_status"])
async def test_a_hundred_ids_are_the_most_and_one_more_does_nothing(
    api: Api, backends: Backends, action: str
) -> None:
    order = str(await api.add())
    (done,) = await refillable(api, backends)
    others = [str(number) for number in range(10_000_000, 10_000_099)]
    name = "refills" if action == "refill_status" else "orders"

    over = await api.post(action=action, **{name: ",".join([order, done, *others])})
    listed = await api.post(action=action, **{f"{name}[]": [order, done, *others]})
    most = await api.post(action=action, **{name: ",".join(others), "order": order})

    assert over.json() == listed.json() == TOO_MANY
    assert len(most.json()) == 99
    assert await requests(backends, "refill", done) == []
    assert (await api.post(action="status", order=order)).json()["status"] == "Pending"


async def test_a_mixed_batch_is_answered_in_the_order_asked_each_id_once(
    api: Api, backends: Backends, other_key: str
) -> None:
    foreign = str(await Api(api.http, other_key).add())
    queued, at_work = str(await api.add()), await running(api, backends)
    (done,) = await refillable(api, backends)
    asked = [done, foreign, "x", queued, at_work, queued, NOBODYS, done]

    canceled = (await api.post(action="cancel", orders=",".join(asked))).json()
    refilled = (await api.post(action="refill", orders=",".join(asked))).json()

    order = ["x" if each == "x" else int(each) for each in dict.fromkeys(asked)]
    assert [each["order"] for each in canceled] == [each["order"] for each in refilled] == order
    assert [each["cancel"] for each in canceled] == [ENDED, NO_ORDER, NO_ORDER, 1, 1, NO_ORDER]
    kinds = [each["refill"] for each in refilled]
    assert whole(kinds[0])
    assert kinds[1:] == [NO_ORDER, NO_ORDER, REFUSED, REFUSED, NO_ORDER]


@pytest.mark.parametrize(
    "spelling",
    [
        {"order": "{a},{b}"},
        {"orders": "{a}, {b},,"},
        {"order_id": "{a},{b}"},
        {"orders[]": ["{a}", "{b}"]},
        {"orders[0]": "{a}", "orders[1]": "{b}"},
        {"order": "7", "orders": "{a},{b}"},
    ],
)
@pytest.mark.parametrize("action", ["refill", " CANCEL "])
async def test_many_are_asked_for_in_many_ways(
    api: Api, backends: Backends, action: str, spelling: Mapping[str, str | list[str]]
) -> None:
    a, b = await refillable(api, backends, 2)
    asked: dict[str, str | list[str]] = {
        name: (
            value.format(a=a, b=b)
            if isinstance(value, str)
            else [each.format(a=a, b=b) for each in value]
        )
        for name, value in spelling.items()
    }

    told = (await api.post(action=action, **asked)).json()
    as_json = {"key": api.key, "action": action.strip(), "orders": [int(a), b]}
    again = (await api.http.post("/api/v2", json=as_json)).json()

    assert [row["order"] for row in told] == [row["order"] for row in again] == [int(a), int(b)]


SOON = "Thank you for patience"
STANDARD = {"refill": {"refill": "N"}, "no": "Order not eligible for refill", "end": "Rejected"}
TOLD: Mapping[str, Mapping[str, object]] = {
    "standard": STANDARD,
    "smmia": STANDARD,
    "keralasmm": {
        **STANDARD,
        "refill": {"success": f"Your order will be refill asap. {SOON}."},
        "cancel": {"success": f"Your order will be cancel asap. {SOON}."},
    },
    "smmserver": {
        "refill": {"success": f"Your order will be refill asap. {SOON}", "refill": "N"},
        "no": "Order not eligible for refill.",
        "cancel": {
            "success": "We will attempt to cancel this order. Cancellation is not guaranteed."
            " Please check again in 5 minutes."
        },
        "end": "Cancelled",
    },
    "smmbros": {
        **STANDARD,
        "refill": {
            "status": "Success",
            "message": f"Your order successfully added for refill. {SOON}.",
        },
        "cancel": {
            "status": "Success",
            "message": f"Your order was successfully marked for cancellation. {SOON}.",
        },
    },
}


@pytest.mark.parametrize("dialect", list(TOLD))
async def test_every_key_hears_its_own_dialect(
    backends: Backends, customer: Customer, dialect: str
) -> None:
    told = TOLD[dialect]
    async with connect(backends) as http:
        standard = Api(http, await customer("100"))
        api = Api(http, await customer("100", dialect))
        placed = [
            (await api.post(action="add", service="4", link=LINK, quantity="100")).json()["order"]
            for _ in range(3)
        ]
        done, done_too, at_work = (int(order) for order in placed)
        await complete(backends, done, done_too, hours_ago=48)
        await accept(backends, at_work)

        one = (await api.post(action="refill", order=str(done))).json()
        no = (await api.post(action="refill", order=str(at_work))).json()
        many = (await api.post(action="refill", orders=f"{done_too},{at_work}")).json()
        canceled = (await api.post(action="cancel", order=str(at_work))).json()
        number = whole(many[0]["refill"])
        await alter(
            backends,
            "UPDATE order_requests SET state = 'rejected', ended_at = now() WHERE id = :id",
            id=number,
        )
        seen = (await api.post(action="refill_status", refill=str(number))).json()
        strange = (await standard.post(action="refill_status", refill=str(number))).json()

    if "refill" in one:
        one["refill"] = "N"
    assert one == told["refill"]
    assert no == {"error": told["no"]}
    assert many[0]["order"] == done_too
    assert canceled == told.get("cancel", [{"order": at_work, "cancel": 1}])
    assert seen == {"status": told["end"]}
    assert strange == NO_REFILL


async def test_refills_and_cancels_have_the_pace_of_what_changes_something(
    backends: Backends, key: str
) -> None:
    limits = Limits(reads=Pace(1, 9), adds=Pace(1, 2))
    async with connect(backends, limits) as http:
        api = Api(http, key)
        for action in ("refill", "cancel"):
            await api.post(action=action, order="1")
        more = [await api.post(action=action, order="1") for action in ("refill", "cancel")]
        read = await api.post(action="refill_status", refill="1")

    assert [each.json() for each in more] == [{"error": "Too many requests"}] * 2
    assert read.json() == NO_REFILL


async def test_without_postgres_they_fail_openly(backends: Backends, key: str) -> None:
    nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:9/nothing")
    async with connect(replace(backends, database=nowhere)) as http:
        api = Api(http, key)
        asked = [
            await api.post(action="refill", order="1"),
            await api.post(action="cancel", orders="1,2"),
            await api.post(action="refill_status", refill="1"),
        ]
    await nowhere.close()

    for answer in asked:
        assert answer.status_code == 503
        assert answer.json() == {"error": "Service temporarily unavailable"}


async def test_a_cancel_in_doubt_is_answered_without_a_word(api: Api, backends: Backends) -> None:
    order = str(await api.add())
    await alter(
        backends,
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$",
    )
    await alter(
        backends,
        "CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON order_events DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION fail()",
    )
    try:
        with capture_logs():
            answer = await api.post(action="cancel", order=order)
    finally:
        await alter(backends, "DROP FUNCTION fail CASCADE")

    assert (answer.status_code, answer.content) == (503, b"")
    assert (await api.post(action="status", order=order)).json()["status"] == "Pending"
