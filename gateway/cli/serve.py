"""`gateway serve`, `gateway work` and `gateway migrate`: the processes of an installation."""

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
import uvloop

from gateway import wiring
from gateway.admin.visits import Site
from gateway.app import admin as answering_operators
from gateway.app import listen, web
from gateway.cli.output import Failure, say
from gateway.cli.session import Config, Data, addresses_of, database_of
from gateway.operations.sign_in_elsewhere import Issuer
from gateway.settings import Settings
from gateway.wiring import Addresses
from gateway.worker import Worker

WORKERS_MAX = 64
RESTART_SECONDS = 1
LOOPBACK = "127.0.0.1"
ADMIN_PORT = 8081

AdminHost = Annotated[str, typer.Option(help="The address of the operators' pages.")]


def serve(
    *,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535)] = 8080,
    workers: Annotated[int, typer.Option(min=1, max=WORKERS_MAX, help="Web processes.")] = 1,
    data: Data = None,
) -> None:
    """Answer customers until SIGTERM or SIGINT; any number of these may run side by side."""
    addresses = addresses_of(data)
    listening = open_port(host, port)
    say(f"serving {where(listening)} in {workers} process{'es' if workers > 1 else ''}")
    if workers == 1:
        uvloop.run(_serve(addresses, listening))
    else:
        _keep(workers, addresses, listening)


def admin(
    *,
    host: AdminHost = LOOPBACK,
    port: Annotated[int, typer.Option(min=0, max=65_535)] = ADMIN_PORT,
    config: Config = None,
    data: Data = None,
) -> None:
    """Show operators their pages until SIGTERM or SIGINT."""
    addresses, listening = addresses_of(data), open_port(host, port)
    say(f"pages at {where(listening)}")
    uvloop.run(_admin(addresses, listening, site_of(config)))


def work(*, data: Data = None) -> None:
    """Send, follow and sync until SIGTERM or SIGINT; any number of these may run side by side."""
    uvloop.run(_work(addresses_of(data)))


def migrate(*, data: Data = None) -> None:
    """Bring the database to the schema of this version."""
    before, after = uvloop.run(wiring.migrate(database_of(data)))
    same = before == after
    say(f"schema {after}, nothing to do" if same else f"schema {before or 'empty'} -> {after}")


@contextlib.asynccontextmanager
async def until_told() -> AsyncGenerator[asyncio.Event]:
    """An event that SIGTERM or SIGINT sets."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    yield over


def site_of(config: Path | None = None, *, private: bool = False) -> Site:
    """How the pages are reached, as the environment says; `config`: the documents beside them.

    `private`: panels of this network may be typed there whatever the environment says.
    """
    settings = Settings()
    parts = urlsplit(settings.admin_url)
    if settings.admin_url and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise Failure(f"GATEWAY_ADMIN_URL is no address of pages: {settings.admin_url}")
    names = frozenset({parts.hostname}) if parts.hostname else frozenset[str]()
    folder = config or settings.config_dir
    return Site(
        names,
        secure=parts.scheme == "https",
        config=str(folder or ""),
        private=private or settings.admin_private_providers,
        issuer=_issuer(settings),
    )


def _issuer(settings: Settings) -> Issuer | None:
    if not settings.oidc_issuer:
        return None
    if not (settings.admin_url and settings.oidc_id and settings.oidc_secret):
        raise Failure(
            "GATEWAY_OIDC_ISSUER needs GATEWAY_ADMIN_URL, GATEWAY_OIDC_ID and GATEWAY_OIDC_SECRET"
        )
    back = f"{settings.admin_url.rstrip('/')}/sign-in/back"
    secret = settings.oidc_secret.get_secret_value()
    try:
        return wiring.issuer(settings.oidc_issuer, settings.oidc_id, secret, back)
    except ImportError:
        raise Failure("signing in elsewhere needs the extra: panel-gateway[oidc]") from None
    except ValueError as error:
        raise Failure(f"GATEWAY_OIDC_ISSUER: {error}") from None


def open_port(host: str, port: int) -> socket.socket:
    """A listening socket, or a plain word why not."""
    try:
        return listen(host, port)
    except OSError as error:
        raise Failure(f"cannot listen at {host}:{port}: {error.strerror}") from None


def where(listening: socket.socket) -> str:
    """The address of a listening socket as a URL."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _serve(addresses: Addresses, listening: socket.socket) -> None:
    async with (
        until_told() as over,
        wiring.backends(addresses, name="gateway web") as backends,
        web(backends, listening),
    ):
        await over.wait()


async def _admin(addresses: Addresses, listening: socket.socket, site: Site) -> None:
    async with (
        until_told() as over,
        wiring.backends(addresses, name="gateway admin") as backends,
        answering_operators(backends, listening, site),
    ):
        await over.wait()


async def _work(addresses: Addresses) -> None:
    async with (
        until_told() as over,
        wiring.backends(addresses, name="gateway work") as backends,
        Worker(backends, await wiring.spill(addresses, backends)).running(),
    ):
        say("working")
        await over.wait()


def _keep(workers: int, addresses: Addresses, listening: socket.socket) -> None:
    """Fork web processes that share one socket, and replace one that dies, until told to end."""
    children: set[int] = set()
    ending = threading.Event()

    def end(_number: int, _frame: object) -> None:
        ending.set()
        for child in children:
            os.kill(child, signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    while not ending.is_set() or children:
        while not ending.is_set() and len(children) < workers:
            children.add(_fork(addresses, listening))
        dead, _ = os.wait()
        children.discard(dead)
        ending.wait(RESTART_SECONDS)  # one that dies at once must not be forked in a tight loop


def _fork(addresses: Addresses, listening: socket.socket) -> int:
    if child := os.fork():
        return child
    uvloop.run(_serve(addresses, listening))
    os._exit(0)
