"""The three documents that operators edit, read and checked into a catalog (architecture.md)."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from gateway.dialects.book import BOOK
from gateway.domain.catalog import Catalog, Markup, Match, Provider, Rule, Service
from gateway.storage.documents_checks import check_entries, denied_of, offer_ref
from gateway.storage.documents_entries import Entries, read_entries
from gateway.storage.documents_errors import Complaints, DocumentError, DocumentErrors
from gateway.storage.documents_models import (
    FILES,
    MARKUP,
    PROVIDERS,
    SERVICES,
    MarkupHead,
    MatchEntry,
    ProviderEntry,
    ServiceEntry,
    schemas,
)

FILE_BYTES_MAX = 16 * 1024 * 1024

__all__ = ["DocumentError", "DocumentErrors", "Documents", "parse", "read_folder", "schemas"]


@dataclass(frozen=True, slots=True)
class Documents:
    """The texts as they stand in providers.toml, services.toml and markup.toml."""

    providers: str
    services: str
    markup: str

    @property
    def texts(self) -> Mapping[str, str]:
        """By file name."""
        return {PROVIDERS: self.providers, SERVICES: self.services, MARKUP: self.markup}

    @property
    def sha256(self) -> str:
        """One fingerprint for the three of them, in hexadecimal digits."""
        each = (sha256(text.encode()).digest() for text in self.texts.values())
        return sha256(b"".join(each)).hexdigest()


def read_folder(folder: Path) -> Documents:
    """The documents of a folder, in Unicode's composed form. Raises DocumentErrors."""
    errors: list[DocumentError] = []
    texts: dict[str, str] = {}
    for file in FILES:
        try:
            with (folder / file).open("rb") as opened:
                body = opened.read(FILE_BYTES_MAX + 1)
            if len(body) > FILE_BYTES_MAX:
                errors.append(_unreadable(file, f"is larger than {FILE_BYTES_MAX:,} bytes"))
            texts[file] = unicodedata.normalize("NFC", body.decode("utf-8-sig"))
        except FileNotFoundError:
            errors.append(_unreadable(file, f"is not in the folder {folder}"))
        except OSError as error:
            errors.append(_unreadable(file, f"cannot be read: {error.strerror}"))
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            errors.append(DocumentError(file, line, "", "is not UTF-8"))
    if errors:
        raise DocumentErrors(errors)
    return Documents(texts[PROVIDERS], texts[SERVICES], texts[MARKUP])


def parse(
    documents: Documents, number: int = 0, dialects: Collection[str] = frozenset(BOOK)
) -> Catalog:
    """The catalog that three documents describe. Raises DocumentErrors with all that is wrong."""
    complaints = Complaints(documents.texts)
    entries = read_entries(documents.texts, complaints)
    check_entries(entries, dialects, complaints)
    complaints.raise_any()
    if entries.head is None:
        raise AssertionError("a markup that cannot be read is complained of")
    return Catalog(
        number=number,
        providers={name: _provider(name, each) for name, each in entries.providers.items()},
        services={each.id: _service(each) for each in entries.services.values()},
        markup=_markup(entries, entries.head),
    )


def _unreadable(file: str, message: str) -> DocumentError:
    return DocumentError(file, None, "", message)


def _provider(name: str, entry: ProviderEntry) -> Provider:
    return Provider(
        name=name,
        url=entry.url,
        dialect=entry.dialect,
        currency=entry.currency,
        key_env=entry.key_env or f"{name.upper().replace('-', '_')}_KEY",
        timeout_seconds=entry.timeout_seconds,
        late_seconds=entry.late_seconds,
        poll_seconds=entry.poll_seconds,
        sync_seconds=entry.sync_seconds,
        in_flight_max=entry.in_flight_max,
    )


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
    return Markup(head.currency, rules, dict(head.conversion), denied_of(head.deny))


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
