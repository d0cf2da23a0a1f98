"""The documents that operators edit, read and checked into a catalog (architecture.md)."""

from collections.abc import Mapping
from functools import lru_cache

from gateway.dialects.book import spoken_by
from gateway.domain.brakes import Brakes
from gateway.domain.catalog import Catalog, Markup, Match, Provider, Quirks, Rule, Service
from gateway.storage.documents_checks import check_carried, check_entries, denied_of, offer_ref
from gateway.storage.documents_dialects import check_dialects, known_dialects
from gateway.storage.documents_entries import (
    TEXTS_KEPT,
    Entries,
    ReadServices,
    read_entries,
)
from gateway.storage.documents_errors import Complaints, DocumentError, DocumentErrors
from gateway.storage.documents_models import (
    MarkupHead,
    MatchEntry,
    ProviderEntry,
    ServiceEntry,
    schemas,
)
from gateway.storage.documents_texts import FILE_BYTES_MAX, Documents, read_folder

__all__ = [
    "FILE_BYTES_MAX",
    "DocumentError",
    "DocumentErrors",
    "Documents",
    "parse",
    "read_folder",
    "schemas",
]


def parse(documents: Documents, number: int = 0) -> Catalog:
    """The catalog that documents describe. Raises DocumentErrors with all that is wrong."""
    complaints = Complaints(documents.texts)
    entries = read_entries(documents.texts, complaints)
    check_dialects(documents.dialects, complaints)
    check_entries(entries, known_dialects(documents.dialects), complaints)
    complaints.raise_any()
    if entries.head is None:
        raise AssertionError("a markup that cannot be read is complained of")
    providers = {
        name: _provider(name, each, documents.dialects) for name, each in entries.providers.items()
    }
    spoken = {name: spoken_by(provider) for name, provider in providers.items()}
    check_carried(entries, spoken, complaints)
    complaints.raise_any()
    return Catalog(
        number=number,
        providers=providers,
        services=_services(entries.services),
        markup=_markup(entries, entries.head),
        speech=spoken,
    )


def _provider(name: str, entry: ProviderEntry, dialects: Mapping[str, str]) -> Provider:
    return Provider(
        name=name,
        url=entry.url,
        dialect=entry.dialect,
        currency=entry.currency,
        key_env=entry.key_env or f"{name.upper().replace('-', '_')}_KEY",
        timeout_seconds=entry.timeout_seconds,
        late_seconds=entry.late_seconds,
        refund_unproven_hours=entry.refund_unproven_hours,
        poll_seconds=entry.poll_seconds,
        sync_seconds=entry.sync_seconds,
        in_flight_max=entry.in_flight_max,
        calls_per_minute=entry.calls_per_minute,
        document=dialects.get(entry.dialect, ""),
        quirks=Quirks(
            order_field=entry.order_field or "",
            id_pattern=entry.id_pattern or "",
            refusal_fields=tuple(entry.refusal_fields),
            page_size=entry.page_size,
            decodes_twice=entry.decodes_twice,
            drip_max_total=entry.drip_max_total,
            trusts_429=entry.trusts_429,
            texts=tuple(entry.texts.items()),
        ),
    )


@lru_cache(maxsize=TEXTS_KEPT)
def _services(read: ReadServices) -> Mapping[int, Service]:
    return {each.id: _service(each) for each in read.entries.values()}


def _service(entry: ServiceEntry) -> Service:
    refs = (offer_ref(text) for text in entry.offers)
    return Service(
        id=entry.id,
        name=entry.name,
        category=entry.category,
        offers=tuple(ref for ref in refs if ref),
        description=entry.description,
        enabled=entry.enabled,
        kind=entry.type,
        quantity_min=entry.quantity_min,
        quantity_max=entry.quantity_max,
        refill=entry.refill,
        cancel=entry.cancel,
        drip_feed=entry.drip_feed,
        posts_max=entry.posts_max,
        refill_days=entry.refill_days,
        refill_after_hours=entry.refill_after_hours,
        refill_partial=entry.refill_partial,
    )


def _markup(entries: Entries, head: MarkupHead) -> Markup:
    rules = tuple(
        Rule(
            number=place + 1,
            match=_match(rule.match),
            percent=rule.percent,
            fixed=rule.fixed,
            rate=rule.rate,
            round_up_to=rule.round_up_to or head.round_up_to,
            margin_min_percent=(
                head.margin_min_percent
                if rule.margin_min_percent is None
                else rule.margin_min_percent
            ),
        )
        for place, rule in entries.rules.items()
    )
    brakes = Brakes(**head.brakes.model_dump(exclude_none=True))
    return Markup(head.currency, rules, dict(head.conversion), denied_of(head.deny), brakes)


def _match(entry: MatchEntry) -> Match:
    return Match(
        provider=entry.provider,
        category=entry.category,
        service=entry.service,
        kind=entry.type,
        group=entry.group,
        customer=entry.customer,
        cost_min=entry.cost_min,
        cost_max=entry.cost_max,
    )
