"""Starts both servers of a data folder, or attaches to those that run already."""

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from gateway.embedded import binaries, copies, postgres, process, registry, sockets, valkey, wire
from gateway.embedded.account import account_for
from gateway.embedded.binaries import Prefer
from gateway.embedded.errors import EmbeddedError
from gateway.embedded.folder import DataFolder, Servers

ATTACH_SECONDS = 60  # the other process may be making its data just now
ATTACH_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Running:
    """Servers in use: ours to stop, or `attached` to those of another process."""

    servers: Servers
    attached: bool
    _undo: ExitStack = field(default_factory=ExitStack, repr=False)
    _children: tuple[process.Child, ...] = ()

    def lost(self) -> tuple[str, ...]:
        """Names of the servers that we started and that have ended by themselves since."""
        return tuple(each.name for each in self._children if each.process.poll() is not None)

    def stop(self) -> None:
        """Ends what we started, within a minute at worst; nothing when attached or done before."""
        self._undo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def start(folder: Path, *, durable: bool = True, prefer: Prefer = "wheel") -> Running:
    """Starts PostgreSQL and Valkey on `folder`, which is made when missing, and waits for both.

    While another process holds the folder, attaches to its servers instead. They end with us,
    even when we are killed. Call it from the main thread, before an event loop runs.
    `durable=False` is for tests. Raises EmbeddedError.
    """
    try:
        data = DataFolder.make(folder)
        deadline = time.monotonic() + ATTACH_SECONDS
        while time.monotonic() < deadline:
            if lock := data.lock():
                return _own(data, lock, durable=durable, prefer=prefer)
            if (servers := data.servers()) and _answer(servers):
                return Running(servers, attached=True)
            time.sleep(ATTACH_POLL_SECONDS)
    except PermissionError as error:
        raise EmbeddedError(
            f"no permission for {error.filename or folder}: run this as the account that the data "
            "belong to, or name another data folder"
        ) from error
    except OSError as error:
        raise EmbeddedError(f"cannot use {folder} as a data folder: {error}") from error
    raise EmbeddedError(
        f"process {data.holder()} holds {folder}, but its servers do not answer: end it first"
    )


def _own(data: DataFolder, lock: BinaryIO, *, durable: bool, prefer: Prefer) -> Running:
    with ExitStack() as undo:
        undo.callback(lock.close)
        data.withdraw()
        account = account_for(data.postgres, data.path)
        pinned = postgres.pinned_major(data)
        found = (binaries.postgres(prefer, pinned), binaries.valkey(prefer))
        database, cache = (copies.within_reach(each, account, data.path) for each in found)
        process.outlive_orphans(data.key, account)
        place = sockets.make(data.key, account)
        undo.callback(sockets.remove, place)
        children: list[process.Child] = []
        undo.callback(process.stop, children)
        # the cache first: it starts while the database is being made
        children.append(valkey.begin(data, cache, account, place, durable=durable))
        if pinned is None:
            postgres.make(data, database, account, durable=durable)
        children.append(postgres.begin(data, database, account, place, durable=durable))
        children[1].wait_ready(lambda: postgres.answers(place))
        children[0].wait_ready(
            lambda: wire.valkey_answers(valkey.socket_path(place)), valkey.hint(data)
        )
        postgres.make_database(place)
        servers = Servers(postgres.url(place), valkey.url(place))
        data.announce(servers)
        undo.callback(data.withdraw)
        if durable:  # the servers of a test are no gateway that a command should find
            registry.register(data)
            undo.callback(registry.unregister, data)
        return Running(servers, attached=False, _undo=undo.pop_all(), _children=tuple(children))


def _answer(servers: Servers) -> bool:
    place = Path(servers.redis_url.removeprefix("unix://"))
    return postgres.answers(place.parent) and wire.valkey_answers(place)
