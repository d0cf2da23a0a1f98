"""How commands find the servers, and how they end."""

import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
import uvloop

from gateway import wiring
from gateway.cli.output import Failure
from gateway.dialects.book import BOOK
from gateway.dialects.dialect import Dialect
from gateway.dialects.document import DialectErrors, read_dialect
from gateway.embedded import Servers, find, find_running
from gateway.operations import Backends
from gateway.settings import Settings
from gateway.storage.documents import DocumentErrors, Documents, read_folder
from gateway.upstream.panels import Panels
from gateway.wiring import Addresses

T = TypeVar("T")

DEFAULT_DATA = Path("data")
DEFAULT_CONFIG = Path("config")

Data = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder of a running `gateway up`."),
]
Config = Annotated[Path | None, typer.Option("--config", help="The folder of the documents.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV for spreadsheets.")]
COMMAND_POOL = 4


def run_with(data: Path | None, work: Callable[[Backends], Awaitable[T]]) -> T:
    """Do some work with the backends that the environment or a data folder names."""
    addresses = addresses_of(data)

    async def session() -> T:
        async with wiring.backends(addresses, name="gateway cli", pool=COMMAND_POOL) as backends:
            return await work(backends)

    return uvloop.run(session())


def run_with_panels(work: Callable[[Panels], Awaitable[T]]) -> T:
    """Do some work with providers alone: no gateway needs to run."""

    async def session() -> T:
        async with wiring.panels() as panels:
            return await work(panels)

    return uvloop.run(session())


def documents_in(config: Path | None) -> Documents:
    """The documents of the folder that was named, or that the environment names."""
    return read_folder(config or Settings().config_dir or DEFAULT_CONFIG)


def dialects_in(config: Path | None) -> dict[str, Dialect]:
    """The dialects of the folder as far as they can be read: a broken one fits nothing."""
    found: dict[str, Dialect] = {}
    with contextlib.suppress(DocumentErrors):
        for name, text in documents_in(config).dialects.items():
            with contextlib.suppress(DialectErrors):
                found[name] = read_dialect(name, text)
    return {name: dialect for name, dialect in found.items() if name not in BOOK}


def addresses_of(data: Path | None) -> Addresses:
    """Where the servers are: the environment, else a data folder, else the one running gateway."""
    settings = Settings()
    if settings.database_url and settings.redis_url:
        folder = data or settings.data_dir
        secret, spill = secret_of(settings, folder), settings.spill_in(folder)
        return Addresses(settings.database_url, settings.redis_url, secret, spill)
    if settings.database_url or settings.redis_url:
        raise Failure("set both GATEWAY_DATABASE_URL and GATEWAY_REDIS_URL, or neither")
    folder, servers = _running(data or settings.data_dir)
    secret, spill = secret_of(settings, folder), settings.spill_in(folder)
    return Addresses(servers.database_url, servers.redis_url, secret, spill)


def database_of(data: Path | None) -> str:
    """The database alone, for commands that ask for no keys."""
    settings = Settings()
    return settings.database_url or _running(data or settings.data_dir)[1].database_url


def secret_of(settings: Settings, folder: Path | None) -> str:
    """The secret under which customers' keys are stored, of the environment or of a data folder."""
    if settings.secret_key:
        return settings.secret_key.get_secret_value()
    if folder is None:
        raise Failure("set GATEWAY_SECRET_KEY: the secret under which customers' keys are stored")
    return wiring.secret_in(folder)


def _running(data: Path | None) -> tuple[Path, Servers]:
    if data is not None:
        if servers := find(data):
            return data, servers
        raise Failure(f"no gateway is running on {data}: start `gateway up --data {data}`")
    if servers := find(DEFAULT_DATA):
        return DEFAULT_DATA, servers
    match find_running():
        case [(folder, servers)]:
            return folder, servers
        case []:
            raise Failure(
                "no running gateway was found: start `gateway up`, name its folder with --data, or "
                "set GATEWAY_DATABASE_URL and GATEWAY_REDIS_URL"
            )
        case several:
            names = ", ".join(str(folder) for folder, _ in several)
            raise Failure(f"several gateways are running ({names}): choose one with --data")
