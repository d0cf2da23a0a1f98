"""The entries of the documents in TOML tables, each checked by itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from gateway.storage.documents_errors import Complaints, DocumentError
from gateway.storage.documents_models import (
    MARKUP,
    PROVIDERS,
    SERVICES,
    Entry,
    MarkupDocument,
    MarkupHead,
    ProviderEntry,
    ProvidersDocument,
    RuleEntry,
    ServiceEntry,
    ServicesDocument,
)
from gateway.storage.documents_reading import (
    E,
    Table,
    list_of_tables,
    read_entry,
    read_toml,
    refuse_unknown_keys,
)
from gateway.storage.documents_values import PROVIDER_NAME

TEXTS_KEPT = 3
ENTRIES_MAX = {"providers": 1_000, "services": 100_000, "rules": 1_000}


@dataclass(frozen=True, slots=True)
class Entries:
    """What could be read; services and rules by their place, as some may be missing.

    `names` are the providers that are there, sound or not; None = no idea.
    """

    names: frozenset[str] | None
    providers: Mapping[str, ProviderEntry]
    services: "ReadServices"
    head: MarkupHead | None
    rules: Mapping[int, RuleEntry]
    last_rule: int


@dataclass(frozen=True, slots=True, eq=False)
class ReadServices:
    """services.toml as it was read, and what was wrong with it; `ids`: None = no idea.

    Of the same text it is the same object, so that what follows from it need be found only once.
    """

    entries: Mapping[int, ServiceEntry]
    ids: frozenset[int] | None
    errors: tuple[DocumentError, ...]


@lru_cache(maxsize=TEXTS_KEPT)
def read_services(text: str) -> ReadServices:
    """Ten thousand entries take a second, and most edits leave them as they are."""
    complaints = Complaints({SERVICES: text})
    table = read_toml(SERVICES, text, complaints)
    rows: list[object] = []
    if table is not None:
        rows = _rows(table, "services", ServicesDocument, SERVICES, complaints)
    sound = _sound(rows, ServiceEntry, SERVICES, "services", complaints)
    whole = table is not None and len(sound) == len(rows)
    ids = frozenset(entry.id for entry in sound.values()) if whole else None
    return ReadServices(sound, ids, tuple(complaints.errors))


def read_entries(texts: Mapping[str, str], complaints: Complaints) -> Entries:
    """All entries that are sound by themselves; the others are complained of."""
    providers = read_toml(PROVIDERS, texts[PROVIDERS], complaints)
    markup = read_toml(MARKUP, texts[MARKUP], complaints)
    named = None if providers is None else _providers(providers, complaints)
    services = read_services(texts[SERVICES])
    for error in services.errors:
        complaints.put(error)
    rules: list[object] = []
    head = None
    if markup is not None:
        rules = _rows(markup, "rules", MarkupDocument, MARKUP, complaints)
        if not rules:
            complaints.add(MARKUP, ("rules",), "there should be at least one [[rules]] table")
        rest = {key: markup[key] for key in markup if key in MarkupHead.model_fields}
        head = read_entry(MarkupHead, rest, MARKUP, (), complaints)
    return Entries(
        names=None if named is None else frozenset(named),
        providers={name: entry for name, entry in (named or {}).items() if entry},
        services=services,
        head=head,
        rules=_sound(rules, RuleEntry, MARKUP, "rules", complaints),
        last_rule=len(rules) - 1,
    )


def _providers(raw: Table, complaints: Complaints) -> dict[str, ProviderEntry | None]:
    refuse_unknown_keys(raw, ProvidersDocument, PROVIDERS, complaints)
    tables = raw.get("providers", {})
    if not isinstance(tables, dict):
        complaints.add(PROVIDERS, ("providers",), "should be written as [providers.NAME] tables")
        return {}
    found: dict[str, ProviderEntry | None] = {}
    for name, table in cast("dict[str, object]", tables).items():
        path = ("providers", name)
        if not re.fullmatch(PROVIDER_NAME, name):
            wanted = "a name is a letter, then letters, digits, - and _, at most 40"
            complaints.add(PROVIDERS, path, wanted)
        found[name] = read_entry(ProviderEntry, table, PROVIDERS, path, complaints)
    _count(len(found), "providers", PROVIDERS, complaints)
    return found


def _rows(
    raw: Table, name: str, document: type[Entry], file: str, complaints: Complaints
) -> list[object]:
    refuse_unknown_keys(raw, document, file, complaints)
    rows = list_of_tables(raw, name, file, complaints)
    return rows if _count(len(rows), name, file, complaints) else []


def _count(number: int, name: str, file: str, complaints: Complaints) -> bool:
    if number <= ENTRIES_MAX[name]:
        return True
    complaints.at(file, None, name, f"{number:,} are too many: at most {ENTRIES_MAX[name]:,}")
    return False


def _sound(
    rows: list[object], model: type[E], file: str, name: str, complaints: Complaints
) -> dict[int, E]:
    entries = (
        (place, read_entry(model, row, file, (name, place), complaints))
        for place, row in enumerate(rows)
    )
    return {place: entry for place, entry in entries if entry}
