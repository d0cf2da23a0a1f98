"""POST /truth: what the pretend provider has on offer from now on."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from gateway.dialects.fields import ID_PATTERN
from gateway.dialects.json_text import Json
from gateway.domain.catalog import Listing
from gateway.domain.placements import QUANTITY_MAX
from gateway.domain.services import read_type
from gateway.sandbox.panel import Panel
from gateway.sandbox.readings import Wrong, amount_of, flag_of, object_of, text_of, whole_of

_TEXTS = ("name", "category", "description")
_FLAGS = {"dripfeed": "drip_feed", "refill": "refill", "cancel": "cancel"}


def change_services(panel: Panel, asked: Json) -> Callable[[], None]:
    """Offers to put up, to change or, where null, to take off. Raises Wrong."""
    services = object_of("services", asked)
    gone = [offer for offer, fields in services.items() if fields is None]
    for offer in gone:
        if panel.offered(offer) is None:
            raise Wrong(f"services: there is no {offer}")
    listings = [
        _listing(panel, offer, object_of(f"services.{offer}", fields))
        for offer, fields in services.items()
        if fields is not None
    ]
    return lambda: panel.offer(listings, gone)


def _listing(panel: Panel, offer: str, fields: Mapping[str, Json]) -> Listing:
    if not ID_PATTERN.fullmatch(offer):
        raise Wrong(f"services.{offer}: an id is a whole number")
    unknown = [name for name in fields if name not in _TEXTS and name not in _FLAGS]
    unknown = [name for name in unknown if name not in {"rate", "min", "max", "type"}]
    if unknown:
        raise Wrong(f"services.{offer}: unknown {', '.join(unknown)}")
    listing = panel.offered(offer)
    if listing is None:
        missing = [name for name in ("name", "rate", "min", "max") if name not in fields]
        if missing:
            raise Wrong(f"services.{offer} is new and lacks {', '.join(missing)}")
        listing = Listing(offer, "", "New", "Default", Decimal(0), 1, 1)
    for name, value in fields.items():
        listing = _changed(listing, name, value)
    if not panel.carries(listing):
        raise Wrong(f"services.{offer}: {listing.kind_word} is not a type of its dialect")
    if not 0 < listing.quantity_min <= listing.quantity_max:
        raise Wrong(f"services.{offer}: min must be from 1 to max")
    return listing


def _changed(listing: Listing, name: str, value: Json) -> Listing:
    where = f"services.{listing.offer}.{name}"
    if name == "rate":
        return replace(listing, rate=amount_of(where, value))
    if name == "min":
        return replace(listing, quantity_min=whole_of(where, value, QUANTITY_MAX))
    if name == "max":
        return replace(listing, quantity_max=whole_of(where, value, QUANTITY_MAX))
    if name in _FLAGS:
        return replace(listing, **{_FLAGS[name]: flag_of(where, value)})
    text = text_of(where, value)
    if name == "type":
        if read_type(text) is None:
            raise Wrong(f"{where}: {text} is not a type that the sandbox can take")
        return replace(listing, kind_word=text)
    return replace(listing, **{name: text})
