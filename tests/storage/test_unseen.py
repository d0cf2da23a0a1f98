"""Unknown sentences: counted, bounded, and never in the way."""

import asyncio

from sqlalchemy import text

from gateway.storage import unseen
from gateway.storage.database import Database


async def note(database: Database, provider: str, action: str, sentence: str) -> None:
    async with database.transaction() as connection:
        await unseen.note(connection, provider, action, sentence)


async def noted(database: Database, provider: str | None) -> list[tuple[str, str, str, int]]:
    async with database.reading() as connection:
        found = await unseen.listed(connection, provider)
    return [(each.provider, each.action, each.text, each.times) for each in found]


async def test_a_sentence_is_counted_once_for_each_provider_and_action(database: Database) -> None:
    for number in (17, 18):
        await note(database, "acme", "refill", f"Order {number} sleeps")
    await note(database, "acme", "cancel", "Order 19 sleeps")
    await note(database, "beta", "refill", " Order 20 sleeps ")
    assert await noted(database, "acme") == [
        ("acme", "cancel", "Order N sleeps", 1),
        ("acme", "refill", "Order N sleeps", 2),
    ]
    assert await noted(database, "beta") == [("beta", "refill", "Order N sleeps", 1)]
    assert len(await noted(database, None)) == 3


async def test_what_says_nothing_is_not_kept(database: Database) -> None:
    for nothing in ("", "  ", "\0"):
        await note(database, "acme", "add", nothing)
    assert await noted(database, None) == []


async def test_hostile_sentences_are_cut_and_stored(database: Database) -> None:
    await note(database, "acme", "add", "x" * 100_000)
    await note(database, "acme", "add", "a\0b\ud800c'; DROP TABLE orders; --")
    long, odd = sorted((each[2] for each in await noted(database, "acme")), key=len, reverse=True)
    assert long == "x" * 1_000
    assert odd == "ab?c'; DROP TABLE orders; --"


async def test_a_provider_fills_no_more_than_his_share(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO unseen_texts (provider, action, text)"
                " SELECT 'acme', 'add', 'sentence ' || chr(64 + n / 100) || n"
                " FROM generate_series(1, 1000) n"
            )
        )
    await note(database, "acme", "add", "one too many")
    await note(database, "beta", "add", "one of his own")
    assert len(await noted(database, "acme")) == 1_000
    assert await noted(database, "beta") == [("beta", "add", "one of his own", 1)]


async def test_two_who_note_the_same_in_another_order_do_not_stop_each_other(
    database: Database,
) -> None:
    sentences = ["one sentence", "another sentence"]
    for sentence in sentences:
        await note(database, "acme", "add", sentence)

    async def both(order: list[str]) -> None:
        async with database.transaction() as connection:
            for sentence in order:
                await unseen.note(connection, "acme", "add", sentence)
                await asyncio.sleep(0.05)

    await asyncio.gather(both(sentences), both(sentences[::-1]))
    times = [each[3] for each in await noted(database, "acme")]
    assert all(2 <= each <= 3 for each in times)
