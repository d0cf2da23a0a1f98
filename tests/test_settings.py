"""Where replies are kept: as the environment says, else beside the data, else nowhere."""

from pathlib import Path

import pytest

from gateway.settings import Settings


def test_the_journals_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_SPILL_DIR", raising=False)
    assert Settings().spill_in(None) is None
    assert Settings().spill_in(Path("data")) == Path("data/spill")
    monkeypatch.setenv("GATEWAY_SPILL_DIR", "kept")
    assert Settings().spill_in(None) == Settings().spill_in(Path("data")) == Path("kept")
