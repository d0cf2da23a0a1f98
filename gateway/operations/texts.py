"""Which sentences of providers nobody has classified yet."""

from collections.abc import Sequence

from gateway.dialects.book import spoken_by
from gateway.dialects.refused import meaning_of
from gateway.operations import Backends
from gateway.storage import unseen
from gateway.storage.unseen import Unseen


async def texts(backends: Backends, provider: str | None = None) -> Sequence[Unseen]:
    """Of one provider or of all, but for those that the active revision gives a meaning."""
    listed = backends.shelf.stock.catalog.providers
    async with backends.database.reading() as connection:
        found = await unseen.listed(connection, provider)
    spellings = {name: spoken_by(each).spelling for name, each in listed.items()}
    return [
        each
        for each in found
        if each.provider not in spellings
        or meaning_of(spellings[each.provider], each.text, of_add=each.action == "add") is None
    ]
