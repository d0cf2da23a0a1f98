"""What a new catalog would change: services, rates, margins, losses and whom it touches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from gateway.domain.catalog import Buyer, Catalog, OfferRef, Service
from gateway.domain.money import ZERO
from gateway.domain.routing import Offers, sold_through
from gateway.domain.sides import ANYBODY, Figures, Side, side
from gateway.domain.touched import touched

__all__ = ["ANYBODY", "Change", "Figures", "Names", "NothingLive", "Plan", "compare", "plan"]


@dataclass(frozen=True, slots=True)
class Change:
    """One service before and after; no figures = not on sale then. `what` names what differs."""

    id: int
    name: str
    before: Figures | None
    after: Figures | None
    what: tuple[str, ...] = ()

    @property
    def loss(self) -> bool:
        """Whether it would be sold for less than it should earn."""
        return self.after is not None and self.after.loss


@dataclass(frozen=True, slots=True)
class NothingLive:
    """A service that is enabled and cannot be sold, with the reason for each of its offers."""

    id: int
    name: str
    reasons: tuple[tuple[OfferRef, str], ...]


@dataclass(frozen=True, slots=True)
class Names:
    """What is new, gone and different, by name."""

    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference between two catalogs over the same offers.

    `losses` are all services that would be sold at a loss, changed or not; `customers` those for
    whom the rate of at least one service that stays on sale is another one than before.
    """

    added: tuple[Change, ...]
    gone: tuple[Change, ...]
    changed: tuple[Change, ...]
    unchanged: int
    losses: tuple[Change, ...]
    nothing_live: tuple[NothingLive, ...]
    providers: Names
    customers: tuple[str, ...]

    @property
    def summary(self) -> Mapping[str, int]:
        """How many services it adds, drops, changes, and would sell at a loss."""
        return {
            "added": len(self.added),
            "gone": len(self.gone),
            "changed": len(self.changed),
            "losses": len(self.losses),
        }

    @property
    def new_losses(self) -> tuple[Change, ...]:
        """Services that would lose money and did not, or would lose more than they do."""
        return tuple(change for change in self.losses if _worse(change))

    @property
    def by_risk(self) -> tuple[Change, ...]:
        """All that changes: losses first, then from the least margin to the greatest."""
        return tuple(sorted((*self.changed, *self.added, *self.gone), key=_risk))


def plan(
    before: Catalog | None, after: Catalog, offers: Offers, buyers: Sequence[Buyer] = ()
) -> Plan:
    """What `after` would change; without a `before` everything is new."""
    was = side(before, offers) if before else None
    return compare(was, side(after, offers, like=was), buyers)


def compare(before: Side | None, after: Side, buyers: Sequence[Buyer] = ()) -> Plan:
    """The same of two sides that were reckoned already."""
    services_before: Mapping[int, Service] = before.catalog.services if before else {}
    services_after = after.catalog.services
    both = [
        _change(services_before[id_], service, before, after)
        for id_, service in services_after.items()
        if before and id_ in services_before
    ]
    added = tuple(
        Change(id_, service.name, None, after.figures.get(id_))
        for id_, service in services_after.items()
        if id_ not in services_before
    )
    changed = tuple(change for change in both if change.what)
    return Plan(
        added=added,
        gone=tuple(
            Change(id_, service.name, before.figures.get(id_) if before else None, None)
            for id_, service in services_before.items()
            if id_ not in services_after
        ),
        changed=changed,
        unchanged=len(both) - len(changed),
        losses=tuple(change for change in (*added, *both) if change.loss),
        nothing_live=tuple(_nothing_live(after)),
        providers=_names(before.catalog.providers if before else {}, after.catalog.providers),
        customers=touched(before, after, buyers) if before else (),
    )


def _change(service: Service, then: Service, before: Side, after: Side) -> Change:
    id_ = service.id
    was, will = before.figures.get(id_), after.figures.get(id_)
    what = list(_differences(service, then))
    if was is not will:
        if was is None or will is None:
            what.append("off sale" if will is None else "on sale")
        else:
            pairs = (("rate", was.rate, will.rate), ("cost", was.cost_rate, will.cost_rate))
            what.extend(name for name, old, new in pairs if old != new)
    return Change(id_, then.name, was, will, tuple(what))


def _differences(before: Service, after: Service) -> Iterator[str]:
    if before is not after and before != after:
        for name in (field.name for field in fields(Service)):
            if getattr(before, name) != getattr(after, name):
                yield "type" if name == "kind" else name


def _nothing_live(after: Side) -> Iterator[NothingLive]:
    for id_, service in after.catalog.services.items():
        if service.enabled and id_ not in after.sold:
            reasons = (
                (ref, sold_through(after.catalog, service, after.offers.get(ref), ANYBODY))
                for ref in service.offers
            )
            yield NothingLive(id_, service.name, tuple((ref, str(why)) for ref, why in reasons))


def _names(before: Mapping[str, object], after: Mapping[str, object]) -> Names:
    return Names(
        added=tuple(name for name in after if name not in before),
        gone=tuple(name for name in before if name not in after),
        changed=tuple(name for name in after if name in before and before[name] != after[name]),
    )


def _worse(change: Change) -> bool:
    was, will = change.before, change.after
    if was is None or will is None or not was.loss:
        return True
    return will.margin_percent < was.margin_percent


def _risk(change: Change) -> tuple[bool, bool, Decimal, int]:
    figures = change.after
    margin = figures.margin_percent if figures else ZERO
    return not change.loss, figures is None, margin, change.id
