"""Starting and stopping both servers within one process."""

import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from gateway.embedded import EmbeddedError, Servers, find, find_running, process, start
from gateway.embedded.account import account_for
from gateway.embedded.binaries import Prefer
from gateway.embedded.folder import DataFolder


def valkey_says(servers: Servers, words: bytes) -> bytes:
    """The answer to an inline command."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(servers.redis_url.removeprefix("unix://"))
        connection.sendall(words + b"\r\n")
        return connection.recv(1000)


async def test_both_answer_as_configured_and_keep_their_data(place: Path, prefer: Prefer) -> None:
    folder = place / "data"
    with start(folder, prefer=prefer) as running:
        url = running.servers.database_url.replace("+asyncpg", "")
        connection = await asyncpg.connect(url)
        settings = {
            "server_encoding": "UTF8",
            "data_checksums": "on",
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "listen_addresses": "",
            "TimeZone": "UTC",
            "max_connections": "200",
        }
        for name, value in settings.items():
            assert await connection.fetchval(f"SHOW {name}") == value, name
        # C.UTF-8: order by code point, yet upper case beyond ASCII
        assert await connection.fetchval("SELECT 'Z' < 'a' AND upper('ä') = 'Ä'")
        await connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        await connection.close()
        assert valkey_says(running.servers, b"SET kept 7") == b"+OK\r\n"
        assert b"allkeys-lru" in valkey_says(running.servers, b"CONFIG GET maxmemory-policy")
        assert find(folder) == running.servers
        assert (folder.resolve(), running.servers) in find_running()
    assert find(folder) is None
    assert folder.resolve() not in [path for path, _ in find_running()]
    with start(folder, prefer=prefer) as running:
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("SELECT n FROM kept") == 7
        await connection.close()
        assert valkey_says(running.servers, b"GET kept") == b"$1\r\n7\r\n"


def test_stopping_leaves_nothing_behind(data: Path, prefer: Prefer) -> None:
    running = start(data, durable=False, prefer=prefer)
    with start(data, prefer=prefer) as second:
        assert second.attached
    assert find(data) == second.servers == running.servers
    sockets = Path(running.servers.redis_url.removeprefix("unix://")).parent
    assert sockets.stat().st_mode & 0o077 == 0
    running.stop()
    running.stop()
    folder = DataFolder(data.resolve())
    assert not process.orphans(folder.key, account_for(folder.postgres))
    assert not sockets.exists()
    assert not (data / "servers.json").exists()


def test_parents_that_the_servers_cannot_pass(place: Path, prefer: Prefer) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    for _ in range(2):
        with start(closed / "data", durable=False, prefer=prefer) as running:
            assert not running.attached
    assert closed.stat().st_mode & 0o777 == 0o700
    assert (closed / "data" / "postgres" / "PG_VERSION").exists()
    assert (closed / "data" / "valkey").is_dir()


def test_data_of_a_version_that_is_not_installed(place: Path) -> None:
    (place / "data" / "postgres").mkdir(parents=True)
    (place / "data" / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 12, .*postgresql-12"):
        start(place / "data")
    assert find(place / "data") is None


def test_a_folder_that_holds_something_else(place: Path) -> None:
    (place / "data" / "postgres").mkdir(parents=True)
    (place / "data" / "postgres" / "notes.txt").write_text("mine")
    with pytest.raises(EmbeddedError, match="holds no PostgreSQL data"):
        start(place / "data")
    (place / "file").touch()
    with pytest.raises(EmbeddedError, match=r"cannot use .*file as a data folder"):
        start(place / "file")


def test_the_last_breath_of_a_killed_start_is_swept_up(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = place / "data" / "postgres.new-killed"
    spawn = process.spawn

    def breathe(command: Sequence[str | Path], *words: Any) -> Any:
        if Path(command[0]).name == "initdb":
            left.mkdir()  # after the first sweep
            (left / "PG_VERSION").touch()
        return spawn(command, *words)

    monkeypatch.setattr(process, "spawn", breathe)
    with start(place / "data", durable=False):
        assert not left.exists()


def test_a_broken_server_tells_its_log(data: Path, prefer: Prefer) -> None:
    settings = data / "postgres" / "postgresql.auto.conf"
    settings.write_text("nonsense = 1\n")
    try:
        with pytest.raises(EmbeddedError, match=r"PostgreSQL ended: (?s:.)*nonsense"):
            start(data, durable=False, prefer=prefer)
    finally:
        settings.write_text("")
    assert find(data) is None


def test_only_the_main_thread_may_start(place: Path) -> None:
    """The kernel would end the servers with the thread that began them."""
    said: list[str] = []

    def run() -> None:
        try:
            start(place / "data")
        except EmbeddedError as error:
            said.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert said == ["the embedded servers can be started from the main thread only"]


def test_find_starts_and_makes_nothing(place: Path) -> None:
    assert find(place / "absent") is None
    assert not (place / "absent").exists()
