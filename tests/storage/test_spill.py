"""Keeping replies: on disk when `keep` returns, one sync for many, and never a reason to stop."""

import asyncio
import os
import threading
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from gateway.storage import spill
from gateway.storage.spill import Spill
from gateway.storage.spill_file import JournalFile, LeftFile, journals, parse


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncGenerator[Spill]:
    made = Spill(tmp_path / "spill", "here")
    yield made
    await made.close()


def on_disk(kept: Spill) -> list[bytes]:
    return [record for path in journals(kept.folder) for record in parse(path.read_bytes())[0]]


async def settled(kept: Spill) -> None:
    """Until nothing is being written any more."""
    for _ in range(1_000):
        await asyncio.sleep(0.001)
        if not any(path.stat().st_size for path in journals(kept.folder)):
            return


async def test_a_record_is_on_disk_until_it_is_forgotten(kept: Spill) -> None:
    assert await kept.keep(1, b"one")
    assert await kept.keep(2, b"two")
    kept.forget([1])
    assert on_disk(kept) == [b"one", b"two"]
    kept.forget([2, 3])
    await settled(kept)
    assert on_disk(kept) == []
    assert await kept.keep(3, b"three")
    assert on_disk(kept) == [b"three"]


async def test_one_sync_serves_all_that_wait(kept: Spill) -> None:
    assert all(await asyncio.gather(*(kept.keep(each, b"%d" % each) for each in range(100))))
    assert kept.syncs == 1
    assert sorted(on_disk(kept)) == sorted(b"%d" % each for each in range(100))


async def test_those_that_come_during_a_sync_share_the_next(
    kept: Spill, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = threading.Event()
    sync = JournalFile.sync

    def slow(file: JournalFile) -> None:
        held.wait(10)
        sync(file)

    monkeypatch.setattr(JournalFile, "sync", slow)
    first = asyncio.create_task(kept.keep(0, b"first"))
    await asyncio.sleep(0.02)
    rest = [asyncio.create_task(kept.keep(each, b"more")) for each in range(1, 50)]
    await asyncio.sleep(0.02)
    assert not first.done()
    held.set()
    assert all(await asyncio.gather(first, *rest))
    assert kept.syncs == 2


async def test_what_is_forgotten_while_it_is_written_is_not_kept_for_ever(
    kept: Spill, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = threading.Event()
    write = JournalFile.write

    def slow(file: JournalFile, lines: bytes) -> None:
        held.wait(10)
        write(file, lines)

    monkeypatch.setattr(JournalFile, "write", slow)
    tasks = [asyncio.create_task(kept.keep(1, b"one"))]
    await asyncio.sleep(0.02)
    tasks.append(asyncio.create_task(kept.keep(2, b"two")))
    await asyncio.sleep(0.01)
    kept.forget([1, 2])
    held.set()
    assert (await asyncio.gather(*tasks))[1] is False
    await settled(kept)
    assert on_disk(kept) == []


async def test_a_clean_end_leaves_no_file(kept: Spill) -> None:
    await kept.keep(1, b"one")
    kept.forget([1])
    await kept.close()
    assert journals(kept.folder) == []
    assert await kept.keep(2, b"two") is False


async def test_an_end_with_something_open_leaves_it_to_be_read_back(kept: Spill) -> None:
    await kept.keep(1, b"one")
    await kept.close()
    (path,) = journals(kept.folder)
    left = LeftFile.take(path)
    assert left is not None
    assert left.records == (b"one",)
    left.release()


async def test_a_full_file_is_left_to_be_read_back_and_another_begun(
    kept: Spill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spill, "FILE_BYTES_MAX", 100)
    for each in range(10):
        assert await kept.keep(each, b"x" * 30)
    # nothing of them is settled, so none was emptied
    assert len(on_disk(kept)) == 10
    taken = [left for path in journals(kept.folder) if (left := LeftFile.take(path))]
    assert [len(left.records) for left in taken] == [2] * 4
    for left in taken:
        left.release()


@pytest.mark.parametrize("method", ["write", "sync"])
async def test_a_full_disk_stops_nothing_and_is_tried_again(
    kept: Spill, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(spill, "RETRY_SECONDS", 0.02)
    assert await kept.keep(1, b"one")
    with monkeypatch.context() as broken:

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        broken.setattr(JournalFile, method, full)
        assert await kept.keep(2, b"two") is False
        assert await kept.keep(3, b"three") is False
    await asyncio.sleep(0.05)
    assert await kept.keep(4, b"four")
    # the broken file was given up: the first of its records can be read back by anybody
    taken = [left for path in journals(kept.folder) if (left := LeftFile.take(path))]
    assert b"one" in [record for left in taken for record in left.records]
    for left in taken:
        left.release()


async def test_a_folder_that_cannot_be_made_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = Spill(tmp_path / "file" / "spill", "here")
    assert await kept.keep(1, b"one") is False
    kept.forget([1])
    await kept.close()


async def test_a_disk_that_hangs_stops_nothing(
    kept: Spill, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = threading.Event()
    monkeypatch.setattr(spill, "SYNC_SECONDS", 0.05)
    monkeypatch.setattr(JournalFile, "sync", lambda _file: held.wait(10))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]  the file is not looked at
    try:
        assert await kept.keep(1, b"one") is False
        # from now on nobody waits
        async with asyncio.timeout(0.04):
            assert await kept.keep(2, b"two") is False
    finally:
        held.set()


async def test_what_is_too_long_is_not_kept(kept: Spill) -> None:
    assert await kept.keep(1, b"x" * (spill.RECORD_BYTES_MAX + 1)) is False
    assert journals(kept.folder) == []


async def test_descriptors_are_given_back(kept: Spill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "RETRY_SECONDS", 0)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(JournalFile, "write", full)
    await kept.keep(0, b"x")
    before = len(os.listdir("/dev/fd"))
    for each in range(20):
        await asyncio.sleep(0.001)
        await kept.keep(each, b"x")
    assert len(os.listdir("/dev/fd")) <= before
