"""Orders that a panel executed after their customers had their money back (money.md 8, F15)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from gateway.domain.evidence import near
from gateway.domain.money import ZERO
from gateway.domain.orders import State
from gateway.sandbox.orders import Order
from gateway.simulation.panels import ScriptedPanel
from gateway.storage.witness import Decided, Placed

BOOKED_WITHIN = timedelta(hours=24)


class Losses:
    """Which orders of the panels are booked as losses, by the ids that were found for them.

    Of two refunded orders of one cost nobody can tell which was executed: a loss is held against
    the id and the cost, not against the link.
    """

    def __init__(
        self,
        orders: Sequence[Placed],
        decisions: Sequence[Decided],
        panels: Mapping[str, ScriptedPanel],
    ) -> None:
        self._panels = panels
        self._asked = [each for each in decisions if each.to is State.REVIEW]
        self._booked = {
            (each.provider, each.provider_order): each
            for each in orders
            if each.state is State.FAILED and each.lost_at is not None
        }

    def booked_at(self, provider: str, order: Order) -> datetime | None:
        """Since when this order of a panel is booked as a loss."""
        booked = self._booked.get((provider, str(order.id)))
        return booked.lost_at if booked else None

    def why_not(self, provider: str, order: Order) -> str:
        """What is wrong with the loss of an order that was executed late; empty when nothing is.

        One that was canceled at once costs nothing. One that may as well be of an order in doubt is
        not booked: a person was asked whose it is, by its id.
        """
        until = order.received_at + BOOKED_WITHIN
        if self.is_asked_about(order):
            return ""
        at = self.booked_at(provider, order)
        if at is None:
            return "" if order.stand(until).charge == ZERO else "is booked nowhere"
        if at > until:
            hours = (at - order.received_at) // timedelta(hours=1)
            return f"was booked as a loss {hours} hours later"
        cost, charge = self._booked[provider, str(order.id)].cost_booked, order.taking.charge
        return "" if near(charge, cost) else f"is booked as a loss of {cost}, not of {charge}"

    def is_asked_about(self, order: Order) -> bool:
        """Whether a person was shown it in time."""
        until, its_id = order.received_at + BOOKED_WITHIN, re.compile(rf"\b{order.id}\b")
        return any(each.at <= until and its_id.search(each.reason) for each in self._asked)

    def unfounded(self) -> Iterator[str]:
        """Losses for what no panel ever took."""
        for (provider, number), placed in self._booked.items():
            if self._panels[provider].panel.orders.find(number or "") is None:
                yield f"order {placed.id} is booked as a loss, but {provider} never took {number}"
