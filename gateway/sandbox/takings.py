"""From an `add` that was understood to an order that is booked, with its family if it has one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.dialects.messages import AskAdd
from gateway.domain.catalog import Listing
from gateway.domain.money import ZERO, per_thousand
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code, Refusal
from gateway.domain.services import TYPE_RULES, ServiceType, TypeRule, read_type
from gateway.sandbox.children import Nursery
from gateway.sandbox.fates import Fates
from gateway.sandbox.faults import Fault
from gateway.sandbox.hearing import Ear
from gateway.sandbox.marks import read_marks
from gateway.sandbox.orders import Order, Orders, Taking
from gateway.sandbox.posts import UNBOUNDED_POSTS, Posts, check_subscription
from gateway.sandbox.runs import Runs
from gateway.sandbox.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Wanted:
    """An `add` that was understood; whether it can be paid shows when it is booked."""

    listing: Listing
    rule: TypeRule
    placement: Placement


class Takings:
    """Takes orders for what is on the shelf."""

    def __init__(
        self, ear: Ear, shelf: Shelf, orders: Orders, fates: Callable[[], Fates], seed: str
    ) -> None:
        self._ear = ear
        self._shelf = shelf
        self._orders = orders
        self._fates = fates
        self._nursery = Nursery(orders, fates, seed)

    def want(self, ask: AskAdd) -> Wanted:
        """What an `add` asks for, within its offer's bounds. Raises Refusal."""
        listing = self._shelf.find(ask.service)
        kind = read_type(listing.kind_word) if listing else None
        if listing is None or kind is None:
            raise Refusal(Code.BAD_SERVICE)
        placement = self._ear.placement(ask.service, kind, ask.fields, UNBOUNDED_POSTS)
        rule = TYPE_RULES[kind]
        if rule.quantity != "one":
            lowest, highest = placement.bounds
            if lowest < listing.quantity_min:
                raise Refusal(Code.MIN, str(listing.quantity_min))
            if highest > listing.quantity_max:
                raise Refusal(Code.MAX, str(listing.quantity_max))
        if placement.runs is not None and not listing.drip_feed:
            raise Refusal(Code.BAD_PARAMS, "runs")
        if kind is ServiceType.SUBSCRIPTIONS:
            check_subscription(placement)
        return Wanted(listing, rule, placement)

    def take(self, wanted: Wanted, fault: Fault | None, now: datetime) -> Order:
        """Charge it and book it: a drip-feed whole, a subscription post by post.

        Raises Refusal when it cannot be paid, or not even one post of it.
        """
        placement, listing = wanted.placement, wanted.listing
        quantity = placement.quantity_total
        subscription = placement.kind is ServiceType.SUBSCRIPTIONS
        charge = listing.rate if wanted.rule.flat else per_thousand(listing.rate, quantity)
        if subscription:
            if per_thousand(listing.rate, placement.bounds[1]) > self._orders.balance:
                raise Refusal(Code.FUNDS)
            charge = ZERO
        course = self._fates().draw(read_marks(placement.link), quantity)
        taking = Taking(listing, placement, charge, wanted.rule.flat, course, fault)
        order = self._orders.take(taking, now)
        if subscription:
            order.family = Posts(order, self._nursery)
        elif placement.runs is not None:
            order.family = Runs(order, self._nursery)
        return order
