"""What only shows when entries are seen together: names that must exist, ids used twice."""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from itertools import islice

from gateway.dialects.dialect import Dialect
from gateway.domain.catalog import Denied, OfferRef, Service
from gateway.domain.routing import why_denied
from gateway.domain.services import ServiceType
from gateway.storage.documents_entries import TEXTS_KEPT, Entries, ReadServices
from gateway.storage.documents_errors import ERRORS_MAX, Complaints, unknown
from gateway.storage.documents_lines import Path
from gateway.storage.documents_models import (
    MARKUP,
    PROVIDERS,
    SERVICES,
    DenyEntry,
    MarkupHead,
    MatchEntry,
    ServiceEntry,
)

_OFFER = re.compile("([^:]+):([!-~]{1,64})")


def check_entries(entries: Entries, dialects: Collection[str], complaints: Complaints) -> None:
    """Complains of all that does not fit together."""
    for name, provider in entries.providers.items():
        if provider.dialect not in dialects:
            path = ("providers", name, "dialect")
            complaints.add(PROVIDERS, path, unknown("dialect", provider.dialect, dialects))
    _check_services(entries, complaints)
    _check_rules(entries, complaints)
    if entries.head:
        _check_currencies(entries, entries.head, complaints)


def check_carried(entries: Entries, spoken: Mapping[str, Dialect], complaints: Complaints) -> None:
    """Complains of offers whose provider's dialect has no words for the type that a service says.

    Only once everything else is sound.
    """
    for place, entry in entries.services.entries.items():
        if entry.type is None:
            continue
        for index, text in enumerate(entry.offers):
            ref = offer_ref(text)
            if ref and (why := _why_not_carried(entry, entry.type, spoken[ref.provider])):
                path = ("services", place, "offers", index)
                complaints.add(SERVICES, path, f'"{text}": {why}')


def _why_not_carried(entry: ServiceEntry, kind: ServiceType, dialect: Dialect) -> str:
    fields = dialect.spelling.requests.types.get(kind)
    if fields is None:
        return f"the dialect {dialect.name} has no type {kind}"
    if kind is ServiceType.SUBSCRIPTIONS and "posts" not in fields and entry.posts_max is None:
        return f"the dialect {dialect.name} has no posts, so that the service wants posts_max"
    return ""


def offer_ref(text: str) -> OfferRef | None:
    """`acme:101`; None when it is not spelled so."""
    spelled = _OFFER.fullmatch(text)
    return OfferRef(spelled[1], spelled[2]) if spelled else None


def denied_of(entry: DenyEntry) -> Denied:
    """The deny filter as the domain knows it."""
    return Denied(tuple(entry.categories), tuple(entry.types), tuple(entry.words))


def _check_services(entries: Entries, complaints: Complaints) -> None:
    denied = denied_of(entries.head.deny) if entries.head else Denied()
    for path, message in _wrong_services(entries.services, denied, entries.names):
        complaints.add(SERVICES, path, message)


@lru_cache(maxsize=TEXTS_KEPT)
def _wrong_services(
    services: ReadServices, denied: Denied, names: frozenset[str] | None
) -> tuple[tuple[Path, str], ...]:
    return tuple(islice(_all_wrong(services, denied, names), ERRORS_MAX))


def _all_wrong(
    services: ReadServices, denied: Denied, names: frozenset[str] | None
) -> Iterator[tuple[Path, str]]:
    places: dict[int, int] = {}
    for place, entry in services.entries.items():
        path = ("services", place)
        first = places.setdefault(entry.id, place)
        if first != place:
            yield (*path, "id"), f"{entry.id} is the id of services[{first}] already"
        for index, message in _wrong_offers(entry, names):
            yield (*path, "offers", index), message
        alone = Service(entry.id, entry.name, entry.category, (), kind=entry.type)
        if reason := why_denied(denied, alone, None):
            yield path, f"is denied by {reason} in {MARKUP}"


def _wrong_offers(entry: ServiceEntry, names: frozenset[str] | None) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for index, text in enumerate(entry.offers):
        ref = offer_ref(text)
        if ref is None:
            yield index, f'"{text}" should be provider:id, as in "acme:101"'
        elif names is not None and ref.provider not in names:
            yield index, unknown("provider", ref.provider, names)
        elif text in seen:
            yield index, f'"{text}" stands here twice'
        seen.add(text)


def _check_rules(entries: Entries, complaints: Complaints) -> None:
    everything = MatchEntry()
    for place, rule in entries.rules.items():
        path = ("rules", place, "match")
        if rule.match == everything and place < entries.last_rule:
            message = "matches everything: the rules after it are never reached"
            complaints.add(MARKUP, path[:2], message)
        elif rule.match != everything and place == entries.last_rule:
            message = "the last rule should match everything, so leave out its match"
            complaints.add(MARKUP, path, message)
        _check_match(rule.match, path, entries, complaints)


def _check_match(match: MatchEntry, path: Path, entries: Entries, complaints: Complaints) -> None:
    names, ids = entries.names, entries.services.ids
    if match.provider and names is not None and not _known(match.provider, names):
        message = unknown("provider", match.provider, names)
        complaints.add(MARKUP, (*path, "provider"), message)
    if match.service is not None and ids is not None and match.service not in ids:
        message = f"no service has the id {match.service}"
        complaints.add(MARKUP, (*path, "service"), message)


def _known(pattern: str, names: frozenset[str]) -> bool:
    if re.search(r"[*?[]", pattern):  # a pattern may be written before there is what it fits
        return True
    return pattern.casefold() in {name.casefold() for name in names}


def _check_currencies(entries: Entries, head: MarkupHead, complaints: Complaints) -> None:
    if head.currency in head.conversion:
        path = ("conversion", head.currency)
        complaints.add(MARKUP, path, "is the house currency: it needs no conversion")
    for name, provider in entries.providers.items():
        if provider.currency not in (head.currency, *head.conversion):
            path = ("conversion", provider.currency)
            message = f'is missing: the provider "{name}" charges in {provider.currency}'
            complaints.add(MARKUP, path, message)
