"""Parts on record: named once, claimed like orders, and nobody's twice."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import text

from gateway.domain.observations import Observation, Word
from gateway.domain.parts import CHILDREN_MAX, Part
from gateway.storage import parts, polling
from gateway.storage.database import Connection, Database
from gateway.storage.parts import Looked, PartKey
from tests.storage.books import live

CHILD = PartKey(9, 1)
SEEN = Observation(Word.PARTIAL, Decimal("0.012345678901"), 17, 40, "USD")


async def child(connection: Connection) -> parts.Known:
    return (await parts.load(connection, [9]))[9][1]


async def save(connection: Connection, part: Part, *, same: bool = False) -> None:
    await parts.save(connection, [Looked(CHILD, part, same, 60)])


async def test_children_are_named_once_and_others_are_told(database: Database) -> None:
    await live(database)
    async with database.transaction() as connection:
        names = ["602", "603", "9002", "600", "7071", "603"]
        foreign = await parts.name(connection, 9, "acme", names, None)
        # what it gave for orders of ours, its own id among them, is no child
        assert foreign == {"9002": 2, "600": 9, "7071": 7} or foreign == {"9002": 2, "600": 9}
        assert sorted(await parts.load(connection, [9, 2, 404])) == [9]
        known = (await parts.load(connection, [9]))[9]
        assert [each.part for each in known.values()] == [Part(n, None) for n in (1, 2, 3)]
        again = await parts.name(connection, 9, "acme", ["601", "602", "603"], None)
        assert again == {}
        assert len((await parts.load(connection, [9]))[9]) == 3
        elsewhere = await parts.name(connection, 2, "acme", ["601"], 10)
        assert elsewhere == {"601": 9}


async def test_more_children_than_can_be_followed_are_left_out(database: Database) -> None:
    await live(database)
    async with database.transaction() as connection:
        many = [str(10**6 + number) for number in range(CHILDREN_MAX + 5)]
        assert await parts.name(connection, 9, "acme", many, None) == {}
        assert len((await parts.load(connection, [9]))[9]) == CHILDREN_MAX


async def test_parts_are_due_like_orders(database: Database) -> None:
    await live(database)
    async with database.transaction() as connection:
        assert await parts.due(connection, "beta", 10, 30) == {}
        first = await parts.due(connection, "acme", 1, 30)
        second = await parts.due(connection, "acme", 9, 30)
        asked = {number: each.key for number, each in (first | second).items()}
        assert asked == {"601": PartKey(9, 1), "602": PartKey(9, 2)}
        assert await parts.due(connection, "acme", 9, 30) == {}
        await parts.look_later(connection, [CHILD, PartKey(9)], 0)
        ((number, again),) = (await parts.due(connection, "acme", 9, 30)).items()
        assert (number, again.key) == ("601", CHILD)
        await parts.look_later(connection, [CHILD], None)
        await connection.execute(
            text("UPDATE order_parts SET next_poll_at = next_poll_at - interval '9 years'")
        )
        due = (await parts.due(connection, "acme", 9, 30)).values()
        assert CHILD not in [each.key for each in due]


async def test_what_was_seen_is_read_back(database: Database) -> None:
    await live(database)
    part = Part(1, None, SEEN, ended=True)
    async with database.transaction() as connection:
        assert (await child(connection)).part == Part(1, None)
        await save(connection, part)
        known = await child(connection)
        assert (known.part, known.equal_for, known.ended_for) == (part, timedelta(), timedelta())
        odd = replace(part, seen=Observation(None, start_count=17, raw_word="Odd"), ended=False)
        await save(connection, odd)
        assert (await child(connection)).part == odd
        refused = replace(odd, refused="no" * 999)
        await save(connection, refused)
        assert (await child(connection)).part == replace(odd, refused="no" * 250)


async def test_since_when_it_is_the_same_and_ended(database: Database) -> None:
    await live(database)
    async with database.transaction() as connection:
        await save(connection, Part(1, None, SEEN, ended=True))
        await connection.execute(
            text(
                "UPDATE order_parts SET seen_since = seen_since - interval '1 h',"
                " ended_at = ended_at - interval '1 h'"
            )
        )
        await save(connection, Part(1, None, SEEN, ended=True), same=True)
        known = await child(connection)
        assert known.equal_for == known.ended_for == timedelta(hours=1)
        await save(connection, Part(1, None, replace(SEEN, remains=3), ended=True))
        known = await child(connection)
        assert (known.equal_for, known.ended_for) == (timedelta(), timedelta(hours=1))
        await save(connection, Part(1, None, Observation(Word.IN_PROGRESS)))
        known = await child(connection)
        assert (known.ended_for, known.part.ended) == (None, False)
        # the start count stays; the rest is what was said last
        assert known.part.seen == Observation(Word.IN_PROGRESS, start_count=17)


async def test_parts_of_what_is_closed_are_not_looked_at(database: Database) -> None:
    await live(database)
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE orders SET state = 'completed', progress = NULL,"
                " ended_at = now() - interval '31 days' WHERE id = 9"
            )
        )
        # the event that goes with it, as history must replay
        await connection.execute(
            text(
                "INSERT INTO order_events (order_id, seq, from_state, to_state, actor)"
                " VALUES (9, 4, 'active', 'completed', 'test')"
            )
        )
        assert await polling.close_old(connection, 30, 10) == 1
        assert await parts.due(connection, "acme", 9, 30) == {}
