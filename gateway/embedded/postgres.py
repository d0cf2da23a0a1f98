"""Our own PostgreSQL: made once, started on a unix socket only."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from gateway.embedded import process, wire
from gateway.embedded.account import Account
from gateway.embedded.binaries import Program
from gateway.embedded.errors import EmbeddedError
from gateway.embedded.folder import DataFolder

DATABASE = "gateway"
UNFINISHED = "postgres.new-"
INITDB_SECONDS = 120
BUILTIN_LOCALE_MAJOR = 17  # from here on C.UTF-8 does not depend on the machine's libraries
STARTING_UP = "57P03"
NO_SUCH_DATABASE = "3D000"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "jit": "off",  # compiling costs more than our short statements take
}
# for tests: a crash of the machine may lose all; synchronous_commit stays the sessions' own choice
NOT_DURABLE = {"shared_buffers": "128MB", "fsync": "off", "full_page_writes": "off"}
NOT_DURABLE_INITDB = ["--no-sync", "--wal-segsize=1"]
# of the machine's memory: the rows and indexes of a long queue are touched in no order
CACHE_SHARE = 16
CACHE_MEGABYTES = range(128, 1_025)


def socket_path(sockets: Path) -> Path:
    """PostgreSQL's own name for its socket."""
    return sockets / ".s.PGSQL.5432"


def url(sockets: Path) -> str:
    """What SQLAlchemy takes."""
    return f"postgresql+asyncpg://gateway@/{DATABASE}?host={sockets}"


def pinned_major(data: DataFolder) -> int | None:
    """The major version that made the existing data; None when there are none."""
    try:
        return int((data.postgres / "PG_VERSION").read_text())
    except FileNotFoundError:
        if data.postgres.exists():
            raise EmbeddedError(
                f"{data.postgres} exists, but holds no PostgreSQL data: remove it or name "
                "another data folder"
            ) from None
        return None


def make(data: DataFolder, program: Program, account: Account, *, durable: bool) -> None:
    """Makes the data, as a whole or not at all."""
    _sweep(data)
    # never the same name again: an initdb that was killed may have a last breath to write
    fresh = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=data.path))
    account.own(fresh)
    home = process.Home.of(fresh, account)
    locale = ["--locale=C.UTF-8", "--encoding=UTF8"]
    if program.major >= BUILTIN_LOCALE_MAJOR:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = [program.beside("initdb"), "--pgdata", home.name, "--username=gateway"]
    rest = ["--auth=trust", "--data-checksums", "--no-instructions", *locale]
    log = data.log("postgres")
    with log.file:
        initdb = process.spawn(
            [*command, *rest, *([] if durable else NOT_DURABLE_INITDB)],
            account,
            home,
            log,
            signal.SIGKILL,
        )
        try:
            failed = initdb.wait(INITDB_SECONDS)
        except subprocess.TimeoutExpired:
            failed = 1
        finally:
            initdb.kill()
            initdb.wait(process.KILL_SECONDS)
    if failed:
        shutil.rmtree(fresh, ignore_errors=True)
        raise EmbeddedError(f"initdb failed: {log.tail()}")
    fresh.rename(data.postgres)
    _sweep(data)  # what that last breath wrote while the first sweep went through


def begin(
    data: DataFolder, program: Program, account: Account, sockets: Path, *, durable: bool
) -> process.Child:
    """Starts the server; it is not ready yet."""
    _discard_stale_pid(data)
    home = process.Home.of(data.postgres, account)
    where = {"shared_buffers": cache()} if durable else NOT_DURABLE
    settings = SETTINGS | where | {"cluster_name": cluster_name(data)}
    log = data.log("postgres")
    with log.file:
        started = process.spawn(
            [program.file, "-D", home.name, "-k", sockets, *_options(settings.items())],
            account,
            home,
            log,
            signal.SIGINT,
        )
    endings = (process.Ending(signal.SIGINT, 10), process.Ending(signal.SIGQUIT, 5))
    return process.Child("PostgreSQL", started, log, endings)


def cache() -> str:
    """How much of its data a server keeps in memory; taken only once there is so much."""
    megabytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    least, most = CACHE_MEGABYTES[0], CACHE_MEGABYTES[-1]
    return f"{max(least, min(megabytes // CACHE_SHARE, most))}MB"


def cluster_name(data: DataFolder) -> str:
    """Stands in the command line of each of the server's processes, so that we know ours."""
    return f"gateway-{data.key}"


def answers(sockets: Path) -> bool:
    """Whether the server takes connections."""
    try:
        return wire.postgres_says(socket_path(sockets), DATABASE) != STARTING_UP
    except OSError:
        return False


def make_database(sockets: Path) -> None:
    """Makes our database when it is missing."""
    path = socket_path(sockets)
    state = wire.postgres_says(path, DATABASE)
    if state == NO_SUCH_DATABASE:
        state = wire.postgres_says(path, "postgres", f"CREATE DATABASE {DATABASE}")
    if state != wire.SUCCESS:
        raise EmbeddedError(f"PostgreSQL refuses the database {DATABASE} (SQLSTATE {state})")


def _sweep(data: DataFolder) -> None:
    """Removes what starts that were killed had begun to make."""
    for unfinished in data.path.glob(UNFINISHED + "*"):
        shutil.rmtree(unfinished, ignore_errors=True)


def _options(settings: Iterable[tuple[str, str]]) -> list[str]:
    return [word for name, value in settings for word in ("-c", f"{name}={value}")]


def _discard_stale_pid(data: DataFolder) -> None:
    """Removes the pid file of a killed server whose number went to another process since.

    PostgreSQL would take that one for itself and refuse to start: usual in containers, where the
    same few numbers come again. It still guards itself by its shared memory.
    """
    file = data.postgres / "postmaster.pid"
    if not file.exists() or not Path("/proc/self/cmdline").exists():
        return
    number = file.read_text().partition("\n")[0].strip()
    words = process.command_line(int(number)) if number.isdecimal() else b""
    another = b"gateway-" in words and cluster_name(data).encode() not in words
    if b"postgres" not in words or another:
        file.unlink()
