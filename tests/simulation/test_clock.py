"""Virtual time: in order, never back, and only as far as it is asked for."""

from datetime import timedelta

from gateway.simulation.clock import START, Clock

SECOND = timedelta(seconds=1)


async def test_events_happen_in_the_order_of_their_time() -> None:
    clock, seen = Clock(), list[tuple[str, int]]()

    def event(name: str) -> None:
        async def happen() -> None:
            seen.append((name, (clock.now - START) // SECOND))

        clock.later(SECOND * len(name), happen)

    for name in ("ccc", "a", "bb", "z"):
        event(name)
    assert clock.next_at == START + SECOND
    await clock.jump(START + 2 * SECOND)
    assert seen == [("a", 1), ("z", 1), ("bb", 2)]
    await clock.jump(START + 9 * SECOND)
    assert seen[3:] == [("ccc", 3)]
    assert clock.now == START + 9 * SECOND
    assert clock.next_at is None


async def test_it_never_goes_back() -> None:
    clock = Clock()
    await clock.jump(START + SECOND)
    await clock.jump(START)
    assert clock.read() == START + SECOND
    assert clock.nanoseconds() == 10**9


async def test_an_event_may_ask_for_another_one() -> None:
    clock, seen = Clock(), list[int]()

    async def again() -> None:
        seen.append((clock.now - START) // SECOND)
        clock.later(SECOND, again)

    clock.later(SECOND, again)
    await clock.jump(START + 3 * SECOND)
    assert seen == [1, 2, 3]
