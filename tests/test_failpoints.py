"""Failpoints: their names, what they do, how they are spelled, and that they cost nothing."""

import asyncio
import subprocess
import sys
import timeit
from collections.abc import AsyncGenerator, Generator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway import failpoints
from gateway.domain.operators import Actor
from gateway.failpoints import EXIT_CODE, Injected, Misspelled, Side, across, arm, crossing, passing
from gateway.operations import Backends, InDoubt, Unreachable
from gateway.operations.add_customer import add_customer
from gateway.operations.verify import verify
from gateway.sandbox.panel import Panel
from gateway.sandbox.server import start
from gateway.storage.spill_file import JournalFile
from gateway.upstream.limits import Limits
from gateway.upstream.trace import NOTHING_LEFT, TraceLog
from gateway.upstream.wire import Fault, Wire, public_trust

COMMIT = "add_customer:database.commit"
OFF_NANOSECONDS_MAX = 5_000


@pytest.fixture(autouse=True)
def disarmed() -> Generator[None]:
    """Nothing stays armed after a test."""
    yield
    arm("")


@pytest.fixture
async def wire() -> AsyncGenerator[Wire]:
    """A way to a sandbox."""
    server = await start(Panel())
    made = Wire(server.url, 1, 5_000, Limits(), public_trust())
    yield made
    await made.close()
    await server.stop()


async def post(wire: Wire, log: TraceLog | None = None) -> object:
    return await wire.post({"action": "balance"}, {}, log or TraceLog(), 1_000)


async def customers(backends: Backends) -> int:
    async with backends.database.reading() as connection:
        return (await connection.execute(text("SELECT count(*) FROM customers"))).scalar_one()


async def nothing() -> str:
    return "done"


def after_death(spelled: str) -> int:
    """The exit code of a process that crosses a boundary with this armed."""
    program = (
        "import asyncio; from gateway.failpoints import *\n"
        f"arm({spelled!r}); asyncio.run(crossing('redis.get', asyncio.sleep(0)))"
    )
    command = [sys.executable, "-c", program]
    return subprocess.run(command, check=False, timeout=20).returncode  # noqa: S603  our own command


async def test_an_operation_gives_its_name_to_what_it_crosses(backends: Backends) -> None:
    seen: list[str] = []
    arm("", seen.append)
    await add_customer(backends, "bob", paid_in=Decimal(1), actor=Actor("test"))
    await verify(backends)
    transaction = ("database.begin:before", "database.begin:after")
    committed = ("database.commit:before", "database.commit:after")
    assert seen == [
        *(f"add_customer:{each}" for each in (*transaction, *committed)),
        *(f"verify:{each}" for each in transaction),
    ]
    await add_customer(backends, "eve", paid_in=Decimal(1), actor=Actor("test"))
    assert failpoints.passages()[f"{COMMIT}:before"] == 2
    assert failpoints.passages()["verify:database.begin:after"] == 2  # two count at a time


async def test_what_no_operation_crosses_is_named_by_who_does(
    backends: Backends, tmp_path: Path
) -> None:
    arm(failpoints.COUNT)
    await backends.shelf.refresh()
    assert await backends.cache.get("x") is None
    JournalFile.make(tmp_path).close(remove=True)
    assert {
        "shelf.Shelf.refresh:database.begin:after",
        "cache.Cache.get:redis.get:after",
        "spill_file.JournalFile.make:file.make:after",
        "spill_file.JournalFile.close:file.remove:before",
    } <= failpoints.passages().keys()


async def test_a_call_is_met_at_six_moments(wire: Wire) -> None:
    seen: list[str] = []
    arm("", seen.append)
    await post(wire)
    assert [each.partition(":")[2] for each in seen if "http." in each] == [
        f"http.{crossed}:{side}"
        for crossed in ("connect", "request", "reply")
        for side in ("before", "after")
    ]


async def test_an_error_before_a_transaction_is_a_database_not_there(backends: Backends) -> None:
    for side in Side:
        arm(f"add_customer:database.begin:{side}=error")
        with pytest.raises(Unreachable, match=r"add_customer:database\.begin"):
            await add_customer(backends, "bob", paid_in=Decimal(1), actor=Actor("test"))
    arm("")
    assert await customers(backends) == 0


@pytest.mark.parametrize(("side", "committed"), [(Side.BEFORE, 0), (Side.AFTER, 1)])
async def test_an_error_at_a_commit_leaves_doubt(
    backends: Backends, side: Side, committed: int
) -> None:
    arm(f"{COMMIT}:{side}=error")
    with pytest.raises(InDoubt):
        await add_customer(backends, "bob", paid_in=Decimal(1), actor=Actor("test"))
    arm("")
    assert await customers(backends) == committed


async def test_an_error_before_bytes_leave_is_none_sent(wire: Wire) -> None:
    log = TraceLog()
    arm("*:http.request:before=error")
    assert isinstance(await post(wire, log), Fault)
    assert log.trace == NOTHING_LEFT


async def test_an_error_after_bytes_left_is_one_that_was_sent(wire: Wire) -> None:
    log = TraceLog()
    arm("*:http.request:after=error")
    assert isinstance(await post(wire, log), Fault)
    assert log.trace.body
    assert not log.trace.resp


async def test_a_cache_that_fails_is_a_cache_that_is_not_there(backends: Backends) -> None:
    await backends.cache.put("x", b"1")
    arm("*:redis.get:after=error@1")
    assert await backends.cache.get("x") is None


def test_a_disk_fails_as_disks_do(tmp_path: Path) -> None:
    file = JournalFile.make(tmp_path)
    arm("*:file.sync:before=error,*:file.write:after=delay:0.001")
    file.write(b"x\n")
    with pytest.raises(OSError, match=r"file\.sync:before"):
        file.sync()
    file.close(remove=True)


async def test_a_delay_holds_up_what_crosses() -> None:
    arm("*:redis.get:before=delay:0.03,*:redis.get:after=delay:0.02")
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await crossing("redis.get", nothing()) == "done"
    assert loop.time() - began >= 0.049


async def test_only_the_named_passage_is_struck() -> None:
    arm("*:redis.get:before=error@2")
    assert await crossing("redis.get", nothing()) == "done"
    with pytest.raises(Injected):
        await crossing("redis.get", nothing())
    assert await crossing("redis.get", nothing()) == "done"


async def test_arming_again_begins_anew() -> None:
    for _ in range(2):
        arm("*:redis.get:after=error@1")
        with pytest.raises(Injected):
            await crossing("redis.get", nothing())


@pytest.mark.parametrize(
    ("action", "code"), [("kill", -9), ("exit", EXIT_CODE), ("kill@2", 0), ("delay:0", 0)]
)
def test_a_process_dies_where_it_is_told_to(action: str, code: int) -> None:
    assert after_death(f"*:redis.get:after={action}") == code


@pytest.mark.parametrize(
    "spelled",
    [
        *("kill", "dispatch.settle=kill", "dispatch.settle:database.commit=kill"),
        *("a:b.c:during=kill", "a:b.c:before", "a:b.c:before=die", "a:b.c:before=kill@0"),
        *("a:b.c:before=kill@", "a:b.c:before=delay", "a:b.c:before=delay:-1", "count,"),
        *("a:b.c:before=delay:9999", "a:b.c:before=kill;d:e.f:after=kill", " "),
    ],
)
def test_what_is_misspelled_is_refused_and_the_spelling_told(spelled: str) -> None:
    arm("a:b.c:before=kill")
    with pytest.raises(Misspelled, match=r"failpoint|longer"):
        arm(spelled)


async def test_nothing_armed_is_nothing_in_the_way() -> None:
    call = nothing()
    assert crossing("redis.get", call) is call
    assert passing("redis.get", Side.BEFORE) is passing("http.reply", Side.AFTER)
    assert across("file.sync") is across("file.read")
    assert await call == "done"
    await passing("redis.get", Side.BEFORE)
    assert failpoints.passages() == {}


def test_a_crossing_costs_next_to_nothing_when_nothing_is_armed() -> None:
    call = asyncio.sleep(0)
    times = 10_000
    best = min(timeit.repeat(lambda: crossing("redis.get", call), number=times, repeat=5))
    call.close()
    assert best * 1e9 / times < OFF_NANOSECONDS_MAX


def test_counting_lists_what_was_passed_at_the_end() -> None:
    program = (
        "import asyncio; from gateway.failpoints import *\n"
        "arm('count')\n"
        "for _ in range(3): asyncio.run(crossing('redis.get', asyncio.sleep(0)))"
    )
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, check=True, timeout=20, capture_output=True)  # noqa: S603  our own command
    counted = [line.split() for line in ended.stderr.decode().splitlines()]
    assert counted == [["3", ":redis.get:after"], ["3", ":redis.get:before"]]
