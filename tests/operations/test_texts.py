"""Sentences that nobody has classified."""

from gateway.operations.texts import texts
from gateway.storage import unseen
from tests.operations.shop import Shop


async def note(shop: Shop, provider: str, text: str, action: str = "add") -> None:
    async with shop.backends.database.transaction() as connection:
        await unseen.note(connection, provider, action, text)


async def test_sentences_are_shown_until_somebody_says_what_they_mean(shop: Shop) -> None:
    assert await texts(shop.backends) == []
    await note(shop, "acme", "Sold out until 12:30")
    await note(shop, "acme", "Sold out until 13:45")
    await note(shop, "beta", "Closed", "refill")
    await note(shop, "gone", "Odd")
    found = await texts(shop.backends)
    assert [(each.provider, each.action, each.text, each.times) for each in found] == [
        ("acme", "add", "Sold out until N:N", 2),
        ("beta", "refill", "Closed", 1),
        ("gone", "add", "Odd", 1),
    ]
    assert [each.text for each in await texts(shop.backends, "beta")] == ["Closed"]
    acme = shop.tables["acme"] + '\ntexts."Sold out until N:N" = "unavailable"'
    await shop.reapply({**shop.tables, "acme": acme})
    assert await texts(shop.backends, "acme") == []
    assert len(await texts(shop.backends)) == 2
