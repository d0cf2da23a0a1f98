"""The documents of dialects, each checked by itself (protocol.md 7)."""

import re
from collections.abc import Mapping

from gateway.dialects.book import BOOK
from gateway.dialects.document import DialectErrors, read_dialect
from gateway.storage.documents_errors import Complaints
from gateway.storage.documents_reading import read_toml
from gateway.storage.documents_texts import DIALECT_BYTES_MAX, DIALECTS, DIALECTS_MAX, dialect_file
from gateway.storage.documents_values import PROVIDER_NAME


def check_dialects(dialects: Mapping[str, str], complaints: Complaints) -> None:
    """Complains of every document that describes no dialect, or one under a name that is taken."""
    if len(dialects) > DIALECTS_MAX:
        message = f"{len(dialects):,} dialects are too many: at most {DIALECTS_MAX}"
        complaints.at(DIALECTS, None, "", message)
        return
    for name, text in dialects.items():
        if reason := _why_not(name, text):
            complaints.at(dialect_file(name), None, "", reason)
        elif read_toml(dialect_file(name), text, complaints) is not None:
            _check_dialect(name, text, complaints)


def known_dialects(dialects: Mapping[str, str]) -> frozenset[str]:
    """All names that a provider may have as its dialect, sound or not."""
    return frozenset((*BOOK, *dialects))


def _why_not(name: str, text: str) -> str:
    if not re.fullmatch(PROVIDER_NAME, name):
        return "a name is a letter, then letters, digits, - and _, at most 40"
    if name.casefold() in BOOK:
        return f'"{name.casefold()}" is built in: give this dialect another name'
    if not text.strip():
        return 'is empty: say at least which dialect it starts from, as in base = "standard"'
    if len(text.encode()) > DIALECT_BYTES_MAX:
        return f"is larger than {DIALECT_BYTES_MAX:,} bytes"
    return ""


def _check_dialect(name: str, text: str, complaints: Complaints) -> None:
    try:
        read_dialect(name, text)
    except DialectErrors as errors:
        for error in errors.errors:
            complaints.add(dialect_file(name), error.path, error.message)
