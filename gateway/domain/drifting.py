"""How far the files in a folder are from the catalog that is sold from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from gateway.domain.catalog import Catalog, Rule

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Drift:
    """`files` that differ, by name; `revision`: the latest one of exactly what the folder holds.

    How many providers and services are others, and how many rules stand in one alone.
    """

    files: tuple[str, ...]
    revision: int | None = None
    providers: int = 0
    services: int = 0
    rules: int = 0

    @property
    def same(self) -> bool:
        """Whether the folder holds what is sold from."""
        return not self.files


def drifted(
    active: Catalog, folder: Catalog, files: tuple[str, ...], revision: int | None
) -> Drift:
    """The difference between what is sold from and what a folder holds."""
    return Drift(
        files,
        revision,
        providers=_unlike(active.providers, folder.providers),
        services=_unlike(active.services, folder.services),
        rules=_rules(active, folder),
    )


def _unlike(one: Mapping[T, object], other: Mapping[T, object]) -> int:
    return sum(one.get(name) != other.get(name) for name in {*one, *other})


def _rules(one: Catalog, other: Catalog) -> int:
    was, will = ([_placeless(rule) for rule in each.markup.rules] for each in (one, other))
    return max(sum(rule not in will for rule in was), sum(rule not in was for rule in will))


def _placeless(rule: Rule) -> tuple[object, ...]:
    return (
        rule.match,
        rule.percent,
        rule.fixed,
        rule.rate,
        rule.round_up_to,
        rule.margin_min_percent,
    )
