"""Which gateways this account runs now, so that commands find them without being told."""

import json
import os
import tempfile
from pathlib import Path

from gateway.embedded.errors import EmbeddedError
from gateway.embedded.folder import DataFolder, Servers, find

ENTRIES_MAX = 1000
ENTRY_BYTES_MAX = 10_000


def place() -> Path:
    """The registry's folder; commands must have the same TMPDIR as the gateway to see it."""
    return Path(tempfile.gettempdir()) / f"gateway-{os.geteuid()}" / "running"


def register(data: DataFolder) -> None:
    """Notes a data folder whose servers run."""
    if not _is_ours(make=True):
        return  # starting does not depend on it; find_running says what is wrong
    entry = place() / f"{data.key}.json"
    fresh = place() / f"{data.key}.{os.getpid()}"
    fresh.write_text(json.dumps({"folder": str(data.path)}))
    fresh.rename(entry)


def unregister(data: DataFolder) -> None:
    """Takes a data folder out."""
    if _is_ours():
        (place() / f"{data.key}.json").unlink(missing_ok=True)


def find_running() -> list[tuple[Path, Servers]]:
    """The data folders whose lock is held now, with their servers; forgets the dead ones.

    Raises EmbeddedError when the registry is not ours alone.
    """
    if not place().exists():
        return []
    if not _is_ours():
        raise EmbeddedError(
            f"{place().parent} is not this account's alone, so it is not trusted: remove it, or "
            "name the data folder with --data"
        )
    running: list[tuple[Path, Servers]] = []
    for entry in sorted(place().glob("*.json"))[:ENTRIES_MAX]:
        folder = _read(entry)
        if folder is None or DataFolder(folder).holder() is None:
            entry.unlink(missing_ok=True)
        elif servers := find(folder):
            running.append((folder, servers))
    return running


def _read(entry: Path) -> Path | None:
    try:
        with entry.open("rb") as file:
            folder = Path(str(json.loads(file.read(ENTRY_BYTES_MAX))["folder"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    # a name that does not match was not written by us
    return folder if DataFolder(folder).key == entry.stem else None


def _is_ours(*, make: bool = False) -> bool:
    for folder in (place().parent, place()):
        try:
            if make:
                folder.mkdir(mode=0o700, exist_ok=True)
            status = folder.lstat()
        except (FileNotFoundError, FileExistsError):
            return False
        alone = status.st_uid == os.geteuid() and not status.st_mode & 0o077
        if folder.is_symlink() or not folder.is_dir() or not alone:
            return False
    return True
