"""The web process: the front door and the side door, with the stock kept fresh behind them."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Generator, Sequence

import uvicorn
from starlette.types import ASGIApp

from gateway.admin.door import door as admin_door
from gateway.admin.visits import Site
from gateway.operations import Backends
from gateway.operations.browse import Filters, browse
from gateway.panel.routes import door

BACKLOG = 2_048
KEEP_ALIVE_SECONDS = 65
STOP_SECONDS = 10


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Nothing: whoever runs the server decides when it stops."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that a port in use is known before anything starts. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    listening.listen(BACKLOG)
    listening.set_inheritable(True)
    return listening


@contextlib.asynccontextmanager
async def web(backends: Backends, listening: socket.socket) -> AsyncGenerator[None]:
    """Answer customers while the block runs; at its end calls under way are finished."""
    tasks = [
        asyncio.create_task(backends.waker.run()),
        asyncio.create_task(backends.shelf.watch()),
    ]
    try:
        async with answering(door(backends), listening):
            yield
    finally:
        await _end(tasks)


@contextlib.asynccontextmanager
async def admin(backends: Backends, listening: socket.socket, site: Site) -> AsyncGenerator[None]:
    """Show operators their pages while the block runs."""
    tasks = [
        asyncio.create_task(backends.shelf.watch()),
        asyncio.create_task(_look_ahead(backends)),
    ]
    try:
        async with answering(admin_door(backends, site), listening):
            yield
    finally:
        await _end(tasks)


async def _look_ahead(backends: Backends) -> None:
    """Reckon what pages show of the catalog as soon as it changes, before anybody waits for it."""
    while True:
        replaced = backends.shelf.replaced
        await browse(backends, Filters(limit=0))
        await replaced.wait()


@contextlib.asynccontextmanager
async def answering(application: ASGIApp, listening: socket.socket) -> AsyncGenerator[None]:
    """Serve one application at a socket while the block runs."""
    config = uvicorn.Config(
        application,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started:
            if serving.done():
                serving.result()
            await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await asyncio.wait([serving], timeout=STOP_SECONDS + 5)
        await _end([serving])


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
