"""What is wrong with a dialect's document: where and a sentence, and not only the first."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

Path = tuple[str | int, ...]

ERRORS_MAX = 50


@dataclass(frozen=True, slots=True)
class DialectError:
    """One thing to mend: the keys that lead to it from the top of the document, and why."""

    path: Path
    message: str

    def __str__(self) -> str:
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        place = "".join(steps).removeprefix(".")
        return f"{place}: {self.message}" if place else self.message


class DialectErrors(Exception):  # noqa: N818  it carries many, and its name says so
    """A document that is no dialect: everything that is wrong with it, at most `ERRORS_MAX`."""

    def __init__(self, errors: Iterable[DialectError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


class Complaints:
    """Collects errors while a document is read, each once."""

    def __init__(self) -> None:
        self.errors: list[DialectError] = []

    def add(self, path: Path, message: str) -> None:
        """Something is wrong with the value at a path."""
        error = DialectError(path, message)
        if len(self.errors) < ERRORS_MAX and error not in self.errors:
            self.errors.append(error)

    def add_others(self, more: "Complaints") -> None:
        """What is wrong elsewhere: a mistake is often the cause of others at its own place."""
        known = [error.path for error in self.errors]
        for error in more.errors:
            if not any(_one_within(error.path, path) for path in known):
                self.add(error.path, error.message)

    def raise_any(self) -> None:
        """Raises DialectErrors when there is anything to mend."""
        if self.errors:
            raise DialectErrors(self.errors)


def _one_within(one: Path, other: Path) -> bool:
    steps = min(len(one), len(other))
    return one[:steps] == other[:steps]


def unknown(what: str, given: str, known: Iterable[str]) -> str:
    """`unknown action "stauts"; did you mean "status"?`, or what is known when nothing is near."""
    names = sorted(known)
    near = get_close_matches(given, names, n=1)
    if near:
        return f'unknown {what} "{given}"; did you mean "{near[0]}"?'
    return f'unknown {what} "{given}"; known here: {", ".join(names[:20])}'
