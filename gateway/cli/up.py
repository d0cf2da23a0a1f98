"""`gateway up`: everything on one machine, with servers of its own unless URLs are given."""

import asyncio
import contextlib
import getpass
import os
import socket
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from watchfiles import awatch  # pyright: ignore[reportUnknownVariableType]  trio is optional

from gateway import clock, embedded, wiring
from gateway.admin.visits import Site
from gateway.app import admin, listen, web
from gateway.cli.output import Failure, say, warn
from gateway.cli.serve import (
    ADMIN_PORT,
    LOOPBACK,
    AdminHost,
    open_port,
    site_of,
    until_told,
    where,
)
from gateway.cli.session import DEFAULT_CONFIG, DEFAULT_DATA, Data, secret_of
from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.operations.apply import Terms, apply
from gateway.operations.drift import drift
from gateway.operations.plan import plan
from gateway.sandbox.panel import Panel
from gateway.sandbox.server import start as start_sandbox
from gateway.settings import Settings
from gateway.storage.documents import DocumentErrors, Documents, parse, read_folder
from gateway.storage.polling import StillNeeded
from gateway.wiring import Addresses
from gateway.worker import Worker

SANDBOX_PORT = 8090
IDS_BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
IDS_PACE = timedelta(milliseconds=10)
DATABASE = "PostgreSQL"
LOOK_SECONDS = 1
WATCH_DEBOUNCE_MILLISECONDS = 300
WATCH_AGAIN_MILLISECONDS = 2_000
WATCH_STEP_MILLISECONDS = 50

AdminPort = Annotated[
    int | None,
    typer.Option(min=0, max=65_535, help="Of the operators' pages: 8081, or a free one."),
]


@dataclass(frozen=True, slots=True)
class House:
    """What `up` runs with: the documents' folder, the servers, and pages and sandbox, if any."""

    config: Path
    ground: "Ground"
    listening: socket.socket
    sandbox_port: int | None = None
    pages: "Pages | None" = None


@dataclass(frozen=True, slots=True)
class Pages:
    """The operators' pages: where they are answered, and how they are reached."""

    listening: socket.socket
    site: Site


@dataclass(frozen=True, slots=True)
class Ground:
    """The servers, and which of those that are ours have ended by themselves."""

    addresses: Addresses
    lost: Callable[[], tuple[str, ...]] = tuple


def up(  # noqa: PLR0913  one argument for each option of the command line
    *,
    config: Annotated[Path | None, typer.Option(help="The folder of the documents.")] = None,
    data: Data = None,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535)] = 8080,
    admin_port: AdminPort = None,
    admin_host: AdminHost = LOOPBACK,
    sandbox: Annotated[bool, typer.Option(help="Also run a pretend provider.")] = False,
) -> None:
    """Run everything here: servers, front door and worker; prints `ready URL` when it answers."""
    settings = Settings()
    folder = config or settings.config_dir or DEFAULT_CONFIG
    listening = open_port(host, port)
    pages = Pages(open_pages(admin_host, admin_port), site_of(folder, private=sandbox))
    with servers(settings, data or settings.data_dir or DEFAULT_DATA) as ground:
        house = House(folder, ground, listening, SANDBOX_PORT if sandbox else None, pages)
        uvloop.run(_run(house))


def open_pages(host: str, port: int | None) -> socket.socket:
    """Where the pages are answered: at the port asked for, else at 8081 or at a free one."""
    if port is not None:
        return open_port(host, port)
    try:
        return listen(host, ADMIN_PORT)
    except OSError:
        return open_port(host, 0)


@contextlib.contextmanager
def servers(settings: Settings, data: Path) -> Generator[Ground]:
    """The servers of the environment; those that it does not name run embedded in `data`."""
    if settings.database_url and settings.redis_url:
        folder = data if data.is_dir() else None
        secret, spill = secret_of(settings, folder), settings.spill_in(folder)
        yield Ground(Addresses(settings.database_url, settings.redis_url, secret, spill))
        return
    with embedded.start(data) as running:
        addresses = Addresses(
            settings.database_url or running.servers.database_url,
            settings.redis_url or running.servers.redis_url,
            secret_of(settings, data),
            settings.spill_in(data),
        )
        yield Ground(addresses, running.lost)


@contextlib.asynccontextmanager
async def household(house: House) -> AsyncGenerator[Backends]:
    """Everything that `up` runs, from the schema to the first sync; stopped in order at the end."""
    await wiring.migrate(house.ground.addresses.database_url)
    async with contextlib.AsyncExitStack() as stack:
        if house.sandbox_port is not None:
            await stack.enter_async_context(pretend_provider(house.sandbox_port))
        backends = await stack.enter_async_context(
            wiring.backends(house.ground.addresses, name="gateway")
        )
        await _first_documents(backends, house.config)
        worker = Worker(backends, await wiring.spill(house.ground.addresses, backends))
        await stack.enter_async_context(worker.running())
        await stack.enter_async_context(web(backends, house.listening))
        if pages := house.pages:
            await stack.enter_async_context(admin(backends, pages.listening, pages.site))
        await worker.first_syncs()
        yield backends


@contextlib.asynccontextmanager
async def pretend_provider(port: int) -> AsyncGenerator[str]:
    """The sandbox beside the gateway; its URL. Its key stands in the environment while it runs."""
    os.environ.setdefault("SANDBOX_KEY", "sandbox-key")
    panel = Panel()
    panel.change_key(os.environ["SANDBOX_KEY"])
    # it forgets its orders when it ends, but the gateway's data knows their ids: none comes twice
    panel.orders.number_next((clock.now() - IDS_BEGAN) // IDS_PACE)
    try:
        server = await start_sandbox(panel, "127.0.0.1", port)
    except OSError as error:
        raise Failure(f"the sandbox cannot listen at port {port}: {error.strerror}") from None
    try:
        yield server.url
    finally:
        await server.stop()


async def use_documents(backends: Backends, documents: Documents, note: str) -> None:
    """Apply documents unless they would lose money; says what was done."""
    found = await plan(backends, documents)
    if losses := found.new_losses:
        names = ", ".join(f"{each.id} ({each.name})" for each in losses[:5])
        warn(
            f"catalog not applied: {len(losses)} services would lose money: {names}; see"
            " `gateway catalog plan`"
        )
        return
    try:
        actor = Actor(getpass.getuser())
        applied = await apply(backends, documents, found, actor=actor, terms=Terms(note))
    except StillNeeded as error:
        warn(f"catalog not applied: {error}")
        return
    if applied.changed:
        say(f"catalog revision {applied.revision} is active")


async def _run(house: House) -> None:
    before = _read(house.config)
    async with until_told() as over, household(house) as backends:
        await _tell_losses(backends, house.config)
        if house.pages:
            typer.echo(f"pages {where(house.pages.listening)}")
        typer.echo(f"ready {where(house.listening)}")
        watches = [
            asyncio.create_task(_watch(backends, house.config, before)),
            asyncio.create_task(_watch_servers(house.ground, over)),
        ]
        await over.wait()
        for watch in watches:
            watch.cancel()
        await asyncio.gather(*watches, return_exceptions=True)
    if DATABASE in house.ground.lost():
        raise Failure("its PostgreSQL has ended by itself; see postgres.log in the data folder")


async def _watch_servers(ground: Ground, over: asyncio.Event) -> None:
    """Without its cache the house goes on; without its database it ends, so that it is noticed."""
    told: set[str] = set()
    while DATABASE not in told:
        for name in set(ground.lost()) - told:
            warn(f"{name} has ended by itself")
            told.add(name)
        await asyncio.sleep(LOOK_SECONDS)
    over.set()


async def _first_documents(backends: Backends, config: Path) -> None:
    """Broken documents stop a first start; later the last good revision is served."""
    try:
        documents = read_folder(config)
        parse(documents)
        found = await drift(backends, config)
    except DocumentErrors as errors:
        number = backends.shelf.stock.catalog.number
        if not number:
            raise
        warn(str(errors))
        warn(f"the documents were not applied: revision {number} stays active")
        return
    if found.revision and not found.same:
        # somebody went on from them since, on the operators' pages or with a rollback
        warn(
            f"the documents in {config} are revision {found.revision}, and revision"
            f" {backends.shelf.stock.catalog.number} is active: it stays so. Bring the files there"
            f" with `gateway catalog export --to {config}`, or sell from them again with"
            " `gateway catalog apply`"
        )
        return
    await use_documents(backends, documents, "gateway up")


async def _tell_losses(backends: Backends, config: Path) -> None:
    """Rates are known only after the first sync: say what the margin guard will refuse."""
    with contextlib.suppress(DocumentErrors):
        found = await plan(backends, read_folder(config))
        for change in found.losses[:5]:
            warn(f"service {change.id} ({change.name}) loses money: its orders are refused")
        for each in found.nothing_live[:5]:
            reasons = "; ".join(f"{ref} {why}" for ref, why in each.reasons)
            warn(f"service {each.id} ({each.name}) is not on sale: {reasons}")


async def _watch(backends: Backends, config: Path, last: Documents | str) -> None:
    """Apply the documents whenever they change; what is wrong with them changes nothing."""
    async for _ in awatch(
        config,
        debounce=WATCH_DEBOUNCE_MILLISECONDS,
        step=WATCH_STEP_MILLISECONDS,
        # also without a word of a change: one may have come before there was a watch
        rust_timeout=WATCH_AGAIN_MILLISECONDS,
        yield_on_timeout=True,
    ):
        found = _read(config)
        if found == last:
            continue
        last = found
        wrong = found if isinstance(found, str) else await _use(backends, found)
        if wrong:
            warn(wrong)
            number = backends.shelf.stock.catalog.number
            warn(f"the documents were not applied: revision {number} stays active")


def _read(config: Path) -> Documents | str:
    try:
        return read_folder(config)
    except DocumentErrors as errors:
        return str(errors)


async def _use(backends: Backends, documents: Documents) -> str:
    """What is wrong with them; empty when nothing is."""
    try:
        await use_documents(backends, documents, "the documents changed")
    except DocumentErrors as errors:
        return str(errors)
    return ""
