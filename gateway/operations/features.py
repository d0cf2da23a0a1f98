"""What each provider can do: as its dialect, its document and its list say, never by hand."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from gateway.dialects.book import BOOK, spoken_by
from gateway.dialects.dialect import Dialect
from gateway.domain.catalog import Offer, OfferState, Provider
from gateway.domain.services import read_type
from gateway.operations import Backends

Feature = bool | int | str | None


def features(backends: Backends, *, every: bool = False) -> Mapping[str, Mapping[str, Feature]]:
    """By provider of the active revision, in its order; with `every` the built-in dialects too.

    These stand under `dialect NAME`, which no provider can be called.
    """
    stock = backends.shelf.stock
    found: dict[str, Mapping[str, Feature]] = {}
    for name, provider in stock.catalog.providers.items():
        offers = [offer for ref, offer in stock.offers.items() if ref.provider == name]
        found[name] = {**_spoken(provider), **_offered(spoken_by(provider), offers)}
    if every:
        found |= {f"dialect {name}": _declared(dialect) for name, dialect in BOOK.items()}
    return found


def _spoken(provider: Provider) -> Mapping[str, Feature]:
    return {
        "dialect": provider.dialect,
        **_declared(spoken_by(provider)),
        "drip-feed bounds hold for all runs": provider.quirks.drip_max_total,
        "calls a minute": provider.calls_per_minute,
    }


def _declared(dialect: Dialect) -> Mapping[str, Feature]:
    spelling = dialect.spelling
    return {
        **dialect.features(),
        "refills can be followed": dialect.refill_status_usable,
        "key of an order's id": spelling.adds.order.name,
        "form of an order's id": spelling.adds.id_pattern.pattern,
        "keys of a refusal": ", ".join(shape.text for shape in spelling.refusals),
        "sentences of its own": len(spelling.meanings),
        "rows of a page of services": spelling.services.page_size,
        "decodes twice": spelling.requests.encoded_twice,
        "a bare 429 is a refusal": spelling.adds.trusts_429,
    }


def _offered(dialect: Dialect, offers: Iterable[Offer]) -> Mapping[str, Feature]:
    listings = [offer.listing for offer in offers if offer.state is OfferState.LISTED]
    kinds = Counter(listing.kind_word for listing in listings)
    sold = {word for word in kinds if read_type(word) in dialect.spelling.requests.types}
    return {
        "offers": len(listings),
        **dict(_flags("drip-feed", (listing.drip_feed for listing in listings))),
        **dict(_flags("refill", (listing.refill for listing in listings))),
        **dict(_flags("cancel", (listing.cancel for listing in listings))),
        "offers that cannot be sold": sum(kinds[word] for word in kinds if word not in sold),
        "types that cannot be sold": ", ".join(sorted(kinds.keys() - sold)),
        **{f"offers of type {word}": times for word, times in kinds.items() if word in sold},
    }


def _flags(name: str, values: Iterable[bool | None]) -> Iterator[tuple[str, int]]:
    times = Counter(values)
    yield f"offers with {name}", times[True]
    yield f"offers without {name}", times[False]
    yield f"offers with {name} not known", times[None]
