"""The documents as texts: read from a folder, and known by one fingerprint."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from gateway.storage.documents_errors import DocumentError, DocumentErrors
from gateway.storage.documents_models import FILES, MARKUP, PROVIDERS, SERVICES

FILE_BYTES_MAX = 16 * 1024 * 1024
DIALECTS = "dialects"
DIALECTS_MAX = 100
DIALECT_BYTES_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class Documents:
    """The texts as they stand in providers.toml, services.toml, markup.toml and dialects/*.toml.

    `dialects` by name, which is the file's without its ending.
    """

    providers: str
    services: str
    markup: str
    dialects: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def texts(self) -> Mapping[str, str]:
        """By file name."""
        return {
            PROVIDERS: self.providers,
            SERVICES: self.services,
            MARKUP: self.markup,
            **{dialect_file(name): text for name, text in self.dialects.items()},
        }

    @property
    def sha256(self) -> str:
        """One fingerprint for all of them, in hexadecimal digits."""
        parts = [self.providers, self.services, self.markup]
        for name, text in sorted(self.dialects.items()):
            parts += [name, text]
        return sha256(b"".join(sha256(part.encode()).digest() for part in parts)).hexdigest()


def dialect_file(name: str) -> str:
    """Where a dialect's document stands in the folder."""
    return f"{DIALECTS}/{name}.toml"


def read_folder(folder: Path) -> Documents:
    """The documents of a folder, in Unicode's composed form. Raises DocumentErrors."""
    errors: list[DocumentError] = []
    texts = {file: _text(folder, file, FILE_BYTES_MAX, errors) for file in FILES}
    names = _dialects(folder, errors)
    dialects = {
        name: _text(folder, dialect_file(name), DIALECT_BYTES_MAX, errors) for name in names
    }
    if errors:
        raise DocumentErrors(errors)
    return Documents(texts[PROVIDERS], texts[SERVICES], texts[MARKUP], dialects)


def _text(folder: Path, file: str, bytes_max: int, errors: list[DocumentError]) -> str:
    try:
        with (folder / file).open("rb") as opened:
            body = opened.read(bytes_max + 1)
        if len(body) > bytes_max:
            errors.append(_unreadable(file, f"is larger than {bytes_max:,} bytes"))
        return unicodedata.normalize("NFC", body.decode("utf-8-sig"))
    except FileNotFoundError:
        errors.append(_unreadable(file, f"is not in the folder {folder}"))
    except OSError as error:
        errors.append(_unreadable(file, f"cannot be read: {error.strerror}"))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        errors.append(DocumentError(file, line, "", "is not UTF-8"))
    return ""


def _dialects(folder: Path, errors: list[DocumentError]) -> list[str]:
    """The names of the dialects that have a document here, in their order."""
    try:
        names = sorted(_named(folder / DIALECTS))
    except FileNotFoundError:
        return []
    except OSError as error:
        errors.append(_unreadable(DIALECTS, f"cannot be read: {error.strerror}"))
        return []
    if len(names) > DIALECTS_MAX:
        message = f"{len(names):,} dialects are too many: at most {DIALECTS_MAX}"
        errors.append(_unreadable(DIALECTS, message))
        return []
    return names


def _named(folder: Path) -> Iterator[str]:
    for file in folder.iterdir():
        # what an editor leaves behind begins with a dot
        if file.suffix == ".toml" and not file.name.startswith("."):
            yield unicodedata.normalize("NFC", file.stem)


def _unreadable(file: str, message: str) -> DocumentError:
    return DocumentError(file, None, "", message)
