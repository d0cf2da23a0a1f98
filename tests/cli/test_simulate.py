"""`gateway simulate` as a process of its own: figures, exit code, and what it refuses."""

import time
from pathlib import Path

import pytest

from tests.cli.running import READY_SECONDS, Process, run, run_json

TINY = ("simulate", "--orders", "4", "--warm", "0")


def test_figures_for_programs() -> None:
    (told,) = run_json(*TINY, "--faults", "refused=0.2", "--seed", "3")
    assert (told["seed"], told["kept"], told["breaks"]) == (3, True, [])
    assert told["figures"]["lost"] == {"ours": "0", "naive": "0"}
    assert told["took_milliseconds"] > 0


def test_a_campaign_shows_every_seed() -> None:
    shown = run(*TINY, "--faults", "0", "--seeds", "2")
    assert all(each in shown for each in ("Seed 1", "Seed 2", "2 runs, broken: none", "orders/s"))


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--faults", "0.06"), "above 1"),
        (("--faults", "nonsense=0.1"), "unknown fault"),
        (("--faults", "late"), "not a number"),
        (("--ids", "falling"), "neither rising nor random"),
        (("--lying", "2"), "not within 0 and 1"),
        (("--later-than", "600"), "not above late_seconds"),
    ],
)
def test_bad_values_are_refused_in_words(options: tuple[str, ...], why: str) -> None:
    said = run("simulate", *options, code=2)
    assert why in " ".join(said.replace("│", " ").split())


def test_told_to_end_it_leaves_nothing_behind(open_folder: Path) -> None:
    folder = open_folder / "simulated"
    folder.mkdir()
    folder.chmod(0o711)
    log = open_folder / "simulated.log"
    process = Process(["simulate", "--orders", "100000"], log, TMPDIR=str(folder))
    until = time.monotonic() + READY_SECONDS
    while not list(folder.glob("gateway-simulation-*/data/postgres/postmaster.pid")):
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.1)
    assert process.stop() == 130
    assert list(folder.iterdir()) == []
