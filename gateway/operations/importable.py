"""What of a provider's list could be sold, and entries for what an operator chooses of it."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gateway.dialects.book import spoken_by
from gateway.domain.catalog import Catalog, Offer, fits
from gateway.domain.edits import AddServices
from gateway.domain.routing import Offers
from gateway.operations import Backends
from gateway.storage.imports import entry, why_not

__all__ = ["Importables", "Offered", "Wanted", "importable"]

CHOSEN_MAX = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which offers: a text in the name or category, a pattern of categories, a type's word, rates.

    Rates are in the provider's currency, from `rate_min` to `rate_max`. `chosen`: the offers, by
    their ids, that entries are made for.
    """

    text: str = ""
    category: str = ""
    kind_word: str = ""
    rate_min: Decimal | None = None
    rate_max: Decimal | None = None
    skip: int = 0
    limit: int = 50
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer that no service has; `denied` says why it cannot be sold, empty when it can."""

    offer: Offer
    denied: str


@dataclass(frozen=True, slots=True)
class Importables:
    """One page of them, of how many; why others cannot be sold, each with how many; the entries
    for those that were chosen and can be, which `edit` puts into services.toml.
    """

    offers: tuple[Offered, ...]
    total: int
    denied: Mapping[str, int]
    entries: AddServices


async def importable(backends: Backends, provider: str, wanted: Wanted) -> Importables | None:
    """Of a provider of the active revision, what is not sold yet; None: there is none so called.

    Looked through once for each revision and each change of offers; a page is picked from memory.
    """
    stock = backends.shelf.stock
    if provider not in stock.catalog.providers:
        return None

    def looked_through() -> list[Offered]:
        return _unsold(stock.catalog, provider, stock.offers)

    unsold = await backends.kept.get(f"unsold:{provider}", stock.version, looked_through)
    return await asyncio.to_thread(_found, stock.catalog, provider, unsold, wanted)


def _unsold(catalog: Catalog, provider: str, listed: Offers) -> list[Offered]:
    dialect = spoken_by(catalog.providers[provider])
    sold = {ref for service in catalog.services.values() for ref in service.offers}
    fresh = [ref for ref in listed if ref.provider == provider and ref not in sold]
    fresh.sort(key=lambda ref: (len(ref.offer), ref.offer))
    return [Offered(listed[ref], why_not(catalog, dialect, listed[ref])) for ref in fresh]


def _found(
    catalog: Catalog, provider: str, unsold: Sequence[Offered], wanted: Wanted
) -> Importables:
    dialect = spoken_by(catalog.providers[provider])
    found = [each for each in unsold if _fits(each.offer, wanted)]
    reasons = Counter(each.denied for each in found if each.denied)
    chosen = set(wanted.chosen[:CHOSEN_MAX])
    able = [each.offer for each in found if each.offer.ref.offer in chosen and not each.denied]
    first = max(catalog.services, default=0) + 1
    entries = tuple(entry(number, offer, dialect) for number, offer in enumerate(able, first))
    page = tuple(found[wanted.skip : wanted.skip + wanted.limit])
    return Importables(page, len(found), reasons, AddServices(entries))


def _fits(offer: Offer, wanted: Wanted) -> bool:
    listing = offer.listing
    text = f"{listing.name}\n{listing.category}".casefold()
    return (
        wanted.text.casefold() in text
        and (not wanted.category or fits(wanted.category, listing.category))
        and wanted.kind_word.casefold() in ("", listing.kind_word.casefold())
        and (wanted.rate_min is None or listing.rate >= wanted.rate_min)
        and (wanted.rate_max is None or listing.rate <= wanted.rate_max)
    )
