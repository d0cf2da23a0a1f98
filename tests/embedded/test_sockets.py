"""Where the sockets are."""

import os
import tempfile
from pathlib import Path

import pytest

from gateway.embedded import EmbeddedError, sockets
from gateway.embedded.account import account_for


def test_leftovers_go_and_the_folder_is_closed(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    made = sockets.make("key", account_for())
    (made / "valkey.sock").touch()
    assert sockets.make("key", account_for()) == made == place.resolve() / "gateway-key"
    assert list(made.iterdir()) == []
    assert made.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_somebody_else_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    (place / "gateway-open").mkdir()
    (place / "gateway-open").chmod(0o777)
    (place / "gateway-link").symlink_to(place)
    for key in ("open", "link"):
        with pytest.raises(EmbeddedError, match="made by somebody else"):
            sockets.make(key, account_for())
    assert place.exists()


@pytest.mark.parametrize("name", ["x" * 90, "with space", "query?host=elsewhere", "a,b"])
def test_a_temp_folder_that_cannot_be_used(
    name: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place / name))
    key = f"test-{os.getpid()}"
    made = sockets.make(key, account_for())
    sockets.remove(made)
    assert str(made) == f"/tmp/gateway-{key}"  # noqa: S108  it is compared, not used
    assert not made.exists()
