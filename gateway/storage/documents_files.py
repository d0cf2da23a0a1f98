"""Documents written into a folder."""

import os
from pathlib import Path

from gateway.storage.documents_texts import DIALECTS, Documents


def write_folder(folder: Path, documents: Documents) -> tuple[str, ...]:
    """Write every file; what else describes a dialect there, by name, is left and told.

    All are written beside before the first one takes its place, so that a `gateway up` that looks
    on sees the old ones or the new ones. Raises OSError.
    """
    (folder / DIALECTS if documents.dialects else folder).mkdir(parents=True, exist_ok=True)
    beside: list[tuple[Path, Path]] = []
    try:
        for name, text in documents.texts.items():
            file = folder / name
            new = file.with_name(f".{file.name}.{os.getpid()}")
            beside.append((new, file))
            new.write_bytes(text.encode())
        for new, file in beside:
            new.replace(file)
    finally:
        for new, _ in beside:
            new.unlink(missing_ok=True)
    there = (each for each in (folder / DIALECTS).glob("*.toml") if not each.name.startswith("."))
    names = sorted(f"{DIALECTS}/{each.name}" for each in there)
    return tuple(name for name in names if name not in documents.texts)
