"""Whose own rates another catalog changes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain

from gateway.domain.catalog import Buyer, Catalog, Match, Rule, fits
from gateway.domain.money import ZERO
from gateway.domain.pricing import rate_service
from gateway.domain.routing import Sellable
from gateway.domain.sides import ANYBODY, Narrowed, Side, could_rate

_PATTERN = re.compile(r"[*?\[]")
RATINGS_MAX = 50_000
"""After so many the rest of those whose rules differ are held to be touched."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A service that stays on sale, before and after."""

    before: Sellable
    after: Sellable

    @property
    def rerated(self) -> bool:
        """Whether anybody's rate is another one."""
        return self.before is not self.after and self.before.rated.rate != self.after.rated.rate

    @property
    def moved(self) -> bool:
        """Whether anything but the rules of the markup may give it another rate."""
        same = self.before is self.after
        return not same and _rated_by(self.before) != _rated_by(self.after)


Own = tuple[str | None, str | None]
"""The group and the customer that a rule asks for; neither: it is meant for everybody."""
_EVERYBODY: Own = (None, None)


def touched(before: Side, after: Side, buyers: Sequence[Buyer]) -> tuple[str, ...]:
    """The names of the customers for whom at least one service that stays has another rate."""
    if before is after:
        return ()
    pairs = [Pair(before.sold[id_], each) for id_, each in after.sold.items() if id_ in before.sold]
    trial = _Trial(before.catalog, after.catalog, pairs)
    # those of no rule of their own are rated as anybody is, which is reckoned already
    anybody = any(each.rerated for each in pairs)
    found: set[str] = set()
    for fit, alike in _kinds(before, after, (*buyers, ANYBODY)).items():
        if anybody if alike[-1] is ANYBODY else trial.touches(alike[0], fit):
            found.update(buyer.name for buyer in alike)
    return tuple(buyer.name for buyer in buyers if buyer.name in found)


class _Rules:
    """A catalog's rules by whom they are meant for, each also without what gives no other rate."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._rules = [(rule, _bare(rule)) for rule in catalog.markup.rules]
        self._places: dict[Own, list[int]] = {}
        for place, (rule, _) in enumerate(self._rules):
            own = rule.match.group, rule.match.customer
            self._places.setdefault(own, []).append(place)

    def of(self, fit: frozenset[Own]) -> tuple[list[Rule], list[Rule]]:
        """Those that can rate anything for a customer, in their order, whole and bare."""
        places = sorted(at for own in (_EVERYBODY, *fit) for at in self._places.get(own, ()))
        pairs = [self._rules[at] for at in places]
        last = next((at for at, (_, bare) in enumerate(pairs) if bare.match == Match()), len(pairs))
        pairs = pairs[: last + 1]
        return [rule for rule, _ in pairs], [bare for _, bare in pairs]


class _Trial:
    """Rates services for one customer after the other, at most `RATINGS_MAX` times in all."""

    def __init__(self, before: Catalog, after: Catalog, pairs: Sequence[Pair]) -> None:
        self._before, self._after = _Rules(before), _Rules(after)
        self._left = RATINGS_MAX
        self._moved = [each for each in pairs if each.moved]
        self._cells: dict[tuple[str, str], list[Pair]] = {}
        # where anybody's rate changes, his probably does
        for pair in sorted(pairs, key=lambda each: not each.rerated):
            self._cells.setdefault(_cell(pair.after), []).append(pair)

    def touches(self, buyer: Buyer, fit: frozenset[Own]) -> bool:
        """Whether any rate is another one for a customer."""
        (was, bare_was), (will, bare_will) = self._before.of(fit), self._after.of(fit)
        before = Narrowed(self._before.catalog, was)
        after = Narrowed(self._after.catalog, will)
        for pair in chain(self._moved, self._suspects(bare_was, bare_will)):
            self._left -= 1
            rates = _rate(before, pair.before, buyer), _rate(after, pair.after, buyer)
            if self._left < 0 or rates[0] != rates[1]:
                return True
        return False

    def _suspects(self, was: Sequence[Rule], will: Sequence[Rule]) -> Iterator[Pair]:
        differing = _differing(was, will)
        for cell, pairs in self._cells.items():
            could = any(could_rate(rule, *cell) for rule in differing)
            # rules that stand behind one that takes the whole cell change nothing in it
            if could and _reached(was, cell) != _reached(will, cell):
                yield from pairs


def _reached(rules: Sequence[Rule], cell: tuple[str, str]) -> list[Rule]:
    """The rules that any service of a cell can come to."""
    found: list[Rule] = []
    for rule in rules:
        if could_rate(rule, *cell):
            found.append(rule)
            if replace(rule.match, category=None, provider=None) == Match():
                break
    return found


def _rate(narrowed: Narrowed, seen: Sellable, buyer: Buyer) -> Decimal | None:
    rated = rate_service(narrowed.to(*_cell(seen)), seen.service, seen.rated.offer, buyer)
    return rated.rate if rated else None


def _cell(seen: Sellable) -> tuple[str, str]:
    return seen.service.category, seen.rated.offer.ref.provider


def _rated_by(seen: Sellable) -> tuple[object, ...]:
    return seen.kind, *_cell(seen), seen.rated.cost_rate_house


def _bare(rule: Rule) -> Rule:
    """A rule without what changes no rate of a customer whom it is meant for."""
    match = replace(rule.match, group=None, customer=None)
    return replace(rule, number=0, match=match, margin_min_percent=ZERO)


def _differing(before: Sequence[Rule], after: Sequence[Rule]) -> list[Rule]:
    """The rules, of both, between what is the same at the beginning and at the end."""
    first = _alike(before, after)
    was, will = before[first:], after[first:]
    last = _alike(was[::-1], will[::-1])
    return [*was[: len(was) - last], *will[: len(will) - last]]


def _alike(before: Sequence[Rule], after: Sequence[Rule]) -> int:
    count = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        count += 1
    return count


def _kinds(
    before: Side, after: Side, buyers: Sequence[Buyer]
) -> Mapping[frozenset[Own], list[Buyer]]:
    """Customers by what the rules that are meant for some of them alone ask for."""
    groups: dict[str, set[int]] = {}
    names: dict[str, set[int]] = {}
    for at, buyer in enumerate(buyers):
        groups.setdefault(buyer.group.casefold(), set()).add(at)
        names.setdefault(buyer.name.casefold(), set()).add(at)
    rules = (*before.catalog.markup.rules, *after.catalog.markup.rules)
    fit: dict[int, set[Own]] = {}
    for own in {(rule.match.group, rule.match.customer) for rule in rules} - {_EVERYBODY}:
        whom = (_whom(own[0], groups), _whom(own[1], names))
        for at in set[int].intersection(*(each for each in whom if each is not None)):
            fit.setdefault(at, set()).add(own)
    kinds: dict[frozenset[Own], list[Buyer]] = {}
    for at, buyer in enumerate(buyers):
        kinds.setdefault(frozenset(fit.get(at, ())), []).append(buyer)
    return kinds


def _whom(pattern: str | None, known: Mapping[str, set[int]]) -> set[int] | None:
    """Whom a pattern fits, by their texts; None = everybody."""
    if pattern is None:
        return None
    if not _PATTERN.search(pattern):
        return known.get(pattern.casefold(), set())
    return {at for text, whom in known.items() if fits(pattern, text) for at in whom}
