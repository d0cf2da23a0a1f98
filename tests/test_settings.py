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


def test_whether_typed_panels_may_be_near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_ADMIN_PRIVATE_PROVIDERS", raising=False)
    assert not Settings().admin_private_providers
    monkeypatch.setenv("GATEWAY_ADMIN_PRIVATE_PROVIDERS", "true")
    assert Settings().admin_private_providers
    monkeypatch.setenv("GATEWAY_ADMIN_PRIVATE_PROVIDERS", "perhaps")
    with pytest.raises(ValueError, match="admin_private_providers"):
        Settings()
