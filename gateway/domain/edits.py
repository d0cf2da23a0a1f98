"""What operators change in a document through a form; the texts are as they typed them."""

from dataclasses import dataclass, fields

RULE_FIELDS = ("percent", "fixed", "rate", "round_up_to", "margin_min_percent")
MATCH_FIELDS = (
    "provider",
    "category",
    "service",
    "type",
    "group",
    "customer",
    "cost_min",
    "cost_max",
)
VALUE_CHARACTERS_MAX = 10_000
EDITS_MAX = 1_000

Value = str | int | bool | tuple[str, ...]
"""What stands behind a key."""


class CannotEdit(Exception):  # noqa: N818  an expected no
    """A form cannot make this edit; the words say why, and nothing was changed."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule of the markup as a form shows it; an empty text = not said.

    `place`: which rule of the text it was, from 0; None = a new one.
    """

    place: int | None = None
    provider: str = ""
    category: str = ""
    service: str = ""
    type: str = ""
    group: str = ""
    customer: str = ""
    cost_min: str = ""
    cost_max: str = ""
    percent: str = ""
    fixed: str = ""
    rate: str = ""
    round_up_to: str = ""
    margin_min_percent: str = ""

    def values(self) -> dict[tuple[str, ...], str]:
        """What is said, by its path within the rule."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        paths = [("match", name) for name in MATCH_FIELDS] + [(name,) for name in RULE_FIELDS]
        return {path: said[path[-1]] for path in paths if said[path[-1]]}


@dataclass(frozen=True, slots=True)
class SetRules:
    """The rules of markup.toml are these, in this order; those that are missing are removed."""

    rules: tuple[RuleText, ...]


@dataclass(frozen=True, slots=True)
class Switch:
    """Services of services.toml are on sale, or not."""

    services: frozenset[int]
    enabled: bool


@dataclass(frozen=True, slots=True)
class OrderOffers:
    """A service's offers, as in `acme:101`, in this order of preference."""

    service: int
    offers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoveServices:
    """Services of services.toml leave it."""

    services: frozenset[int]


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry for services.toml, and comment lines below it."""

    id: int
    name: str
    category: str
    offers: tuple[str, ...]
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AddServices:
    """Entries at the end of services.toml."""

    entries: tuple[NewEntry, ...]


@dataclass(frozen=True, slots=True)
class AddProvider:
    """A table at the end of providers.toml."""

    name: str
    values: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class SetProvider:
    """One field of a provider's table; None takes it out, so that what holds unsaid holds."""

    name: str
    field: str
    value: Value | None


Edit = SetRules | Switch | OrderOffers | RemoveServices | AddServices | AddProvider | SetProvider


def as_before(typed: str, before: str) -> str:
    """A text that came from a page, with the line ends of the text that it was made of.

    Browsers send every line end as two characters, whatever they were given.
    """
    plain = typed.replace("\r\n", "\n").replace("\r", "\n")
    return plain.replace("\n", "\r\n") if "\r\n" in before else plain
