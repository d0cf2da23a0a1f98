from decimal import Decimal

from gateway.cli import bench_timing
from gateway.cli.bench_backlog import Setting, measure
from gateway.embedded import Servers


async def test_a_slice_of_it_measures_every_goal_and_proves_its_books(
    servers: Servers, database_url: str
) -> None:
    setting = Setting(Servers(database_url, servers.redis_url), orders=1_000, rounds=1)
    figures = await measure(setting)
    assert [figure.goal for figure in figures] == [
        *("P19", "P20", "P16", "P18", "P15"),
        *("P17", "P15", "P15", "P21"),
    ]
    for figure in figures:
        assert len(figure.rounds) == 1
        assert all(ours > 0 and floor > 0 for ours, floor in figure.rounds), figure
    fit_into_a_gigabyte = next(each for each in figures if each.goal == "P17").rounds[0][0]
    assert 2 < fit_into_a_gigabyte < 40


async def test_what_takes_longest_is_told_apart_from_what_is_usual() -> None:
    took = [*[1_000_000] * 98, 5_000_000, 9_000_000]
    assert bench_timing.median(took) == 1_000_000
    assert bench_timing.slow(took) == 9_000_000
    assert bench_timing.rate(bench_timing.median(took)) == Decimal(1_000)
    assert bench_timing.milliseconds(bench_timing.slow(took)) == Decimal(9)


async def test_turns_are_numbered_and_only_what_they_say_counts() -> None:
    seen: list[int] = []

    async def turn(number: int) -> int:
        seen.append(number)
        return number * 7

    assert await bench_timing.times(3, turn) == [0, 7, 14]
    assert seen == [0, 1, 2]
