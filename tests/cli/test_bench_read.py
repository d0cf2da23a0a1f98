import json

from typer.testing import CliRunner

from gateway.cli import bench_read
from gateway.cli.main import app
from gateway.dialects.book import BOOK


def test_every_dialect_is_measured_with_what_it_writes_itself() -> None:
    readings = list(bench_read.readings(offers=20))
    assert [reading.what for reading in readings] == [
        f"{name}, {what}"
        for name in BOOK
        for what in (
            *("services, 20 offers", "services, 20 offers, repaired"),
            "status, 100 orders",
        )
    ]
    for reading in readings:
        assert reading.ours() is not None
        assert reading.floor()


def test_each_round_measures_both() -> None:
    reading = next(bench_read.readings(offers=5))
    measured = bench_read.measure(reading, 3)
    assert len(measured) == 3
    assert all(ours > 0 and floor > 0 for ours, floor in measured)


def test_the_command_prints_the_goals() -> None:
    done = CliRunner().invoke(app, ["bench", "read", "--rounds", "1", "--offers", "9", "--json"])
    assert done.exit_code == 0, done.output
    goals = json.loads(done.output)
    assert len(goals) == 3 * len(BOOK)
    assert set(goals[0]) == {"goal", "what", "ratio", "wanted", "met", "floor", "spread"}
