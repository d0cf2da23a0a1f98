"""A sandbox, a folder of documents and a running gateway, as real processes."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.running import Process, run_json, write_documents


@dataclass(frozen=True)
class House:
    """Where everything is. `truth` is what the pretend provider really took."""

    folder: Path
    config: Path
    data: Path
    sandbox: Process
    truth: str
    processes: list[Process]


@pytest.fixture
def house(tmp_path: Path, open_folder: Path) -> Generator[House]:
    """A sandbox that is running, and documents that name it."""
    folder = open_folder / tmp_path.name
    folder.mkdir()
    folder.chmod(0o711)
    sandbox = Process(["sandbox", "--port", "0", "--pace", "1"], folder / "sandbox.log")
    url = sandbox.ready()
    made = House(
        folder=folder,
        config=write_documents(folder / "config", url),
        data=folder / "data",
        sandbox=sandbox,
        truth=url.replace("/api/v2", "/truth"),
        processes=[sandbox],
    )
    yield made
    for process in made.processes:
        process.stop()


def start(house: House, name: str = "up", **environment: str) -> Process:
    """`gateway up` on the house's documents and data."""
    arguments = ["up", "--config", str(house.config), "--data", str(house.data), "--port", "0"]
    return begin(house, arguments, name, **environment)


def begin(house: House, arguments: list[str], name: str, **environment: str) -> Process:
    """A process that ends with the test at the latest."""
    process = Process(arguments, house.folder / f"{name}.log", **environment)
    house.processes.append(process)
    return process


def customer(house: House, name: str = "bob", balance: str = "100") -> str:
    """A new customer's key."""
    made = run_json("customer", "add", name, "--balance", balance, "--data", str(house.data))
    return made["key"]
