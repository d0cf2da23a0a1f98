"""Entries of services.toml that are made of a provider's list."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.dialects.book import spoken_by
from gateway.dialects.dialect import Dialect
from gateway.domain.catalog import Catalog, Offer, OfferState, Service
from gateway.domain.edits import NewEntry
from gateway.domain.routing import why_denied
from gateway.domain.services import TYPE_RULES, ServiceType, read_type

NAME_CHARACTERS_MAX = 300


@dataclass(frozen=True, slots=True)
class Importable:
    """Offers that may be sold and are not yet, and for how many others which reason stands."""

    offers: tuple[Offer, ...]
    left_out: Mapping[str, int]


def importable(catalog: Catalog, provider: str, offers: Iterable[Offer], text: str) -> Importable:
    """Of a provider's offers, those whose name or category holds a text."""
    dialect = spoken_by(catalog.providers[provider])
    sold = {str(ref) for service in catalog.services.values() for ref in service.offers}
    found: list[Offer] = []
    left_out: Counter[str] = Counter()
    for offer in offers:
        if str(offer.ref) in sold:
            left_out["in the catalog already"] += 1
        elif text.casefold() not in f"{offer.listing.name}\n{offer.listing.category}".casefold():
            left_out["without the text"] += 1
        elif reason := why_not(catalog, dialect, offer):
            left_out[reason] += 1
        else:
            found.append(offer)
    return Importable(tuple(found), left_out)


def entry(number: int, offer: Offer, dialect: Dialect) -> NewEntry:
    """One entry of services.toml, its texts without what no document may hold."""
    listing = offer.listing
    return NewEntry(
        number,
        cleaned(listing.name) or f"Offer {offer.ref.offer}",
        cleaned(listing.category) or "Others",
        (str(offer.ref),),
        tuple(_hints(offer, dialect)),
    )


def cleaned(text: str) -> str:
    """A provider's text on one line, without what turns or hides the rest of a page."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(shown.split())[:NAME_CHARACTERS_MAX].strip()


def why_not(catalog: Catalog, dialect: Dialect, offer: Offer) -> str:
    """Why an offer cannot be sold, whatever stands in services.toml; empty when it can."""
    if offer.state is not OfferState.LISTED:
        return f"{offer.state}"
    if denied := why_denied(catalog.markup.denied, Service(0, "", "", ()), offer):
        return f"denied by {denied}"
    kind = read_type(offer.listing.kind_word)
    if kind is None:
        return f'of the type "{offer.listing.kind_word}", which is not sold here'
    if kind not in dialect.spelling.requests.types:
        return f"of the type {kind}, which the dialect {dialect.name} cannot carry"
    return ""


def _hints(offer: Offer, dialect: Dialect) -> Iterator[str]:
    """What the list leaves open, for somebody who knows to say it."""
    listing, kind = offer.listing, read_type(offer.listing.kind_word)
    known = (
        ("refill", listing.refill, dialect.refills),
        ("cancel", listing.cancel, dialect.cancels),
        ("drip_feed", listing.drip_feed, kind is not None and TYPE_RULES[kind].drip_feed),
    )
    for name, value, possible in known:
        if value is None and possible:
            yield f"{name} = true   # the list does not say; not sold unless you do"
    fields = dialect.spelling.requests.types.get(kind, ()) if kind else ()
    if kind is ServiceType.SUBSCRIPTIONS and "posts" not in fields:
        yield f"posts_max = 30   # {dialect.name} takes no posts: not sold without a bound"
