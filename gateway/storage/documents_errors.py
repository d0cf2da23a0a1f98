"""What is wrong with the documents: file, line, field and a sentence, and not only the first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from gateway.storage.documents_lines import Lines, Path

ERRORS_MAX = 50


@dataclass(frozen=True, slots=True)
class DocumentError:
    """One thing to mend. `line` is None where it is not known for certain.

    `column` counts characters from 1 and is known where a text is not TOML.
    """

    file: str
    line: int | None
    field: str
    message: str
    column: int | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(part for part in (place, self.field, self.message) if part)


class DocumentErrors(Exception):  # noqa: N818  it carries many, and its name says so
    """The documents cannot be used: everything that is wrong with them, at most `ERRORS_MAX`."""

    def __init__(self, errors: Iterable[DocumentError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


class Complaints:
    """Collects errors while documents are read; lines are looked for only once there is one."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.errors: list[DocumentError] = []
        self._texts = texts
        self._lines: dict[str, Lines] = {}

    def add(self, file: str, path: Path, message: str) -> None:
        """Something is wrong with the value at a path."""
        if len(self.errors) < ERRORS_MAX:
            if file not in self._lines:
                self._lines[file] = Lines(self._texts[file])
            self.at(file, self._lines[file].of(path), spelled(path), message)

    def at(self, file: str, line: int | None, field: str, message: str) -> None:
        """The same, where the line is known."""
        self.put(DocumentError(file, line, field, message))

    def put(self, error: DocumentError) -> None:
        """The same, said already."""
        if len(self.errors) < ERRORS_MAX:
            self.errors.append(error)

    def raise_any(self) -> None:
        """Raises DocumentErrors when there is anything to mend."""
        if self.errors:
            raise DocumentErrors(sorted(self.errors, key=lambda each: (each.file, each.line or 0)))


def spelled(path: Path) -> str:
    """`services[3].offers[0]`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def unknown(what: str, given: str, known: Iterable[str]) -> str:
    """`unknown provider "acm"; did you mean "acme"?`, or what is known when nothing is near."""
    names = sorted(known)
    near = get_close_matches(given, names, n=1)
    if near:
        return f'unknown {what} "{given}"; did you mean "{near[0]}"?'
    return f'unknown {what} "{given}"; known here: {", ".join(names[:30]) or "none"}'
