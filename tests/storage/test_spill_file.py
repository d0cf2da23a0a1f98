"""A journal's file: what is whole is found after any cut, and nobody reads what has an owner."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.storage import spill_file
from gateway.storage.spill_file import JournalFile, LeftFile, journals, line, parse

RECORDS = (b"one", b"", b'{"two": 2}', b"\x00\xff three")

records = st.lists(st.binary(max_size=40).filter(lambda record: b"\n" not in record), max_size=8)


@given(records)
def test_records_come_back_as_they_were(wanted: list[bytes]) -> None:
    assert parse(b"".join(map(line, wanted))) == (tuple(wanted), 0)


def test_a_cut_at_any_byte_loses_only_what_it_cuts() -> None:
    whole = b"".join(map(line, RECORDS))
    for cut in range(len(whole) + 1):
        kept, damaged = parse(whole[:cut])
        ends = [len(b"".join(map(line, RECORDS[:count]))) for count in range(len(RECORDS) + 1)]
        assert kept == RECORDS[: sum(end <= cut for end in ends) - 1]
        assert damaged == 0


def test_a_changed_byte_is_seen_and_a_torn_end_is_not_counted() -> None:
    whole = b"".join(map(line, RECORDS))
    for place in range(len(whole)):
        content = bytearray(whole)
        content[place] ^= 1
        kept, damaged = parse(bytes(content))
        assert len(kept) < len(RECORDS)
        assert set(kept) < set(RECORDS)
        # whatever is not followed by something whole may never have been synced; without the LF
        # before it the last line is not whole
        assert (damaged > 0) == (place < len(whole) - len(line(RECORDS[-1])) - 1)


def test_zeros_at_the_end_are_a_torn_end() -> None:
    assert parse(line(b"one") + b"\x00" * 50) == ((b"one",), 0)
    assert parse(line(b"one") + b"\x00" * 50 + b"\n") == ((b"one",), 0)


def test_a_record_is_one_line() -> None:
    with pytest.raises(ValueError, match="one line"):
        line(b"a\nb")


def test_nobody_takes_what_has_an_owner(tmp_path: Path) -> None:
    file = JournalFile.make(tmp_path / "spill")
    file.write(line(b"one"))
    file.sync()
    assert LeftFile.take(file.path) is None
    file.close(remove=False)  # as the system does when the process dies
    left = LeftFile.take(file.path)
    assert left is not None
    assert (left.records, left.damaged) == ((b"one",), 0)
    assert LeftFile.take(file.path) is None
    left.release()


def test_what_is_gone_or_no_file_is_not_taken(tmp_path: Path) -> None:
    assert LeftFile.take(tmp_path / "gone.journal") is None
    os.mkfifo(tmp_path / "pipe.journal")
    assert LeftFile.take(tmp_path / "pipe.journal") is None
    (tmp_path / "link.journal").symlink_to(tmp_path / "anything")
    with pytest.raises(OSError, match="symbolic"):
        LeftFile.take(tmp_path / "link.journal")


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = JournalFile.make(tmp_path / "spill")
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700
    file.close(remove=True)
    assert journals(tmp_path / "spill") == []


def test_what_is_set_aside_is_no_journal_any_more(tmp_path: Path) -> None:
    file = JournalFile.make(tmp_path)
    file.write(line(b"one"))
    file.close(remove=False)
    left = LeftFile.take(file.path)
    assert left is not None
    aside = left.set_aside()
    left.release()
    assert parse(aside.read_bytes()) == ((b"one",), 0)
    assert journals(tmp_path) == []


def test_a_folder_takes_no_more_than_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spill_file, "FILES_MAX", 2)
    files = [JournalFile.make(tmp_path) for _ in range(2)]
    with pytest.raises(OSError, match="2 journals wait"):
        JournalFile.make(tmp_path)
    for file in files:
        file.close(remove=True)


def test_more_than_a_file_holds_is_not_overlooked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spill_file, "FILE_BYTES_MAX", 30)
    (tmp_path / "long.journal").write_bytes(line(b"one") * 10)
    left = LeftFile.take(tmp_path / "long.journal")
    assert left is not None
    assert left.records
    assert left.damaged
    left.release()
