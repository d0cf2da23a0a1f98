"""Finding running gateways without being told where."""

import json
import os
import tempfile
from pathlib import Path

import pytest

from gateway.embedded import EmbeddedError, Servers, find_running, registry, start
from gateway.embedded.binaries import Prefer
from gateway.embedded.folder import DataFolder


@pytest.fixture(autouse=True)
def own_temp_folder(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a gateway of the machine is neither seen nor touched."""
    monkeypatch.setattr(tempfile, "tempdir", str(place))


def test_lists_what_runs_and_forgets_the_dead(place: Path) -> None:
    assert find_running() == []
    data = DataFolder.make(place / "data")
    servers = Servers("postgresql+asyncpg://gateway@/gateway?host=/nowhere", "unix:///nowhere")
    dead = registry.place() / "0123456789ab.json"
    broken = registry.place() / "broken.json"
    registry.register(data)
    dead.write_text(json.dumps({"folder": "/nowhere"}))
    broken.write_text("[")
    with data.lock() or pytest.fail("the lock of a new folder is held"):
        assert find_running() == []  # still starting, so neither listed nor forgotten
        data.announce(servers)
        assert find_running() == [(data.path, servers)]
        assert not dead.exists()
        assert not broken.exists()
        registry.unregister(data)
        assert find_running() == []
        registry.register(data)
    assert find_running() == []
    assert list(registry.place().iterdir()) == []


def test_a_registry_that_others_can_write_is_not_trusted(
    place: Path, data: Path, prefer: Prefer
) -> None:
    shared = place / f"gateway-{os.geteuid()}"
    (shared / "running").mkdir(parents=True)
    shared.chmod(0o777)
    with start(data, prefer=prefer):
        with pytest.raises(EmbeddedError, match="it is not trusted: remove it"):
            find_running()
        assert list((shared / "running").iterdir()) == []
