"""A dialect: one spelling of the panel protocol, in both directions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.dialects import (
    adds,
    answers,
    asks,
    grants,
    grants_answers,
    listings,
    placements,
    requests,
    statuses,
)
from gateway.dialects.json_text import Json
from gateway.dialects.messages import Ask, CannotCarry, Fields, Form, ServicesRead
from gateway.dialects.spelling import Action, Spelling
from gateway.domain.catalog import Listing
from gateway.domain.observations import (
    Accepted,
    Balance,
    Observation,
    RefillSeen,
    Refused,
    Taken,
    Unclear,
)
from gateway.domain.placements import Placement
from gateway.domain.refusals import Refusal
from gateway.domain.services import ServiceType

Noted = Counter[str] | None
"""Counts what had to be repaired in an answer, by name; None = nobody counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """What differs stands in the spelling; the methods are the same for every dialect.

    To a provider we `write_` requests, without the key, and `read_` its answers from an HTTP status
    and the exact bytes, which never raises. From a customer we read requests and `answer_` them.
    Rows, both ways, stand under the ids that were asked for.
    """

    spelling: Spelling

    @property
    def name(self) -> str:
        """As in `providers.toml` and on a customer's key."""
        return self.spelling.name

    @property
    def refills(self) -> bool:
        """Whether a refill can be asked for."""
        return Action.REFILL in self.spelling.requests.actions

    @property
    def cancels(self) -> bool:
        """Whether a cancel can be asked for."""
        return Action.CANCEL in self.spelling.requests.actions

    @property
    def refill_status_usable(self) -> bool:
        """Whether refills can be followed: they get an id, and it can be asked after."""
        told = self.spelling.refills.one is None or self.spelling.refills.one_has_id
        return self.refills and told and Action.REFILL_STATUS in self.spelling.requests.actions

    def batch_max(self, action: Action) -> int:
        """Ids per call: 1 where no field takes many, 0 where there is no such action."""
        return asks.batch_max(self.spelling.requests, action)

    def features(self) -> dict[str, bool]:
        """What can be asked for through it, as declared."""
        types = self.spelling.requests.types
        features = {f"type {kind}": kind in types for kind in ServiceType}
        features["drip-feed"] = "runs" in types.get(ServiceType.DEFAULT, ())
        features["bound of subscriptions"] = "posts" in types.get(ServiceType.SUBSCRIPTIONS, ())
        for action in Action:
            features[action] = action in self.spelling.requests.actions
        for action in self.spelling.requests.ids:
            features[f"{action} of many"] = self.batch_max(action) > 1
        return features

    def why_not_carry(self, placement: Placement) -> str:
        """Why `write_add` would refuse a placement; empty when it can be said without loss."""
        cannot = self._cannot_carry(placement)
        return cannot.why if cannot else ""

    def field_not_carried(self, placement: Placement) -> str:
        """The one field for which `write_add` would refuse; empty where it is none or another."""
        cannot = self._cannot_carry(placement)
        return cannot.field if cannot else ""

    def _cannot_carry(self, placement: Placement) -> CannotCarry | None:
        try:
            self.write_add("1", placement)
        except CannotCarry as cannot:
            return cannot
        return None

    def write_services(self, offset: int = 0) -> Form:
        """Ask for the list, or for its page from that row on where it comes in pages."""
        return asks.write_services(self.spelling, offset)

    def write_balance(self) -> Form:
        """Ask for what we have left."""
        return asks.write_plain(self.spelling.requests, Action.BALANCE)

    def write_add(self, offer: str, placement: Placement) -> Form:
        """Place an order with an offer. Raises CannotCarry: then nothing may be sent."""
        return asks.write_add(self.spelling.requests, offer, placement)

    def write_status(self, orders: Sequence[str]) -> Form:
        """Ask after 1 to `batch_max` orders; ValueError otherwise."""
        return asks.write_ids(self.spelling.requests, Action.STATUS, orders)

    def write_refill(self, orders: Sequence[str]) -> Form:
        """Ask for refills. CannotCarry where there is no such action; else as `write_status`."""
        return asks.write_ids(self.spelling.requests, Action.REFILL, orders)

    def write_refill_status(self, refills: Sequence[str]) -> Form:
        """Ask after refills, by the panel's ids of them; otherwise as `write_refill`."""
        return asks.write_ids(self.spelling.requests, Action.REFILL_STATUS, refills)

    def write_cancel(self, orders: Sequence[str]) -> Form:
        """Ask to cancel orders; otherwise as `write_refill`."""
        return asks.write_ids(self.spelling.requests, Action.CANCEL, orders)

    def read_add(self, status: int, body: bytes) -> Accepted | Refused | Unclear:
        """Strict: what is not beyond doubt is Unclear."""
        return adds.read_add(self.spelling, status, body)

    def read_status(
        self, orders: Sequence[str], status: int, body: bytes, noted: Noted = None
    ) -> Mapping[str, Observation | Refused] | Refused | Unclear:
        """An order without a row is absent."""
        return statuses.read_status(self.spelling, orders, status, body, noted)

    def read_services(
        self, status: int, body: bytes, noted: Noted = None
    ) -> ServicesRead | Refused | Unclear:
        """What could be sold, and what not and why."""
        return listings.read_services(self.spelling, status, body, noted)

    def read_balance(
        self, status: int, body: bytes, noted: Noted = None
    ) -> Balance | Refused | Unclear:
        """What we have left, which may be below zero."""
        return statuses.read_balance(self.spelling, status, body, noted)

    def read_refill(
        self, orders: Sequence[str], status: int, body: bytes, noted: Noted = None
    ) -> Mapping[str, Taken | Refused] | Refused | Unclear:
        """Which refills were taken note of; an order without a row is absent."""
        return grants.read_refill(self.spelling, orders, status, body, noted)

    def read_refill_status(
        self, refills: Sequence[str], status: int, body: bytes, noted: Noted = None
    ) -> Mapping[str, RefillSeen | Refused] | Refused | Unclear:
        """How far each refill is, by the panel's ids of them."""
        return grants.read_refill_status(self.spelling, refills, status, body, noted)

    def read_cancel(
        self, orders: Sequence[str], status: int, body: bytes, noted: Noted = None
    ) -> Mapping[str, Taken | Refused] | Refused | Unclear:
        """Which cancels were taken note of: asked for is not yet canceled."""
        return grants.read_cancel(self.spelling, orders, status, body, noted)

    def read_request(self, fields: Fields) -> Ask:
        """What a customer asks for. Raises Refusal."""
        return requests.read_request(requests.in_standard_names(self.spelling.requests, fields))

    def read_placement(
        self, service: int, kind: ServiceType, fields: Fields, posts_max: int | None = None
    ) -> Placement:
        """What a customer orders, once the service's type is known. Raises Refusal.

        `posts_max`: what a subscription that names no posts is held for; None = it must.
        """
        fields = placements.in_standard_names(self.spelling.requests, kind, fields)
        return placements.read_placement(service, kind, fields, posts_max)

    def answer_services(self, listings_: Sequence[Listing]) -> Json:
        """The whole list, in its order."""
        return answers.answer_services(self.spelling, listings_)

    def answer_add(self, order: str) -> Json:
        """An order was taken under this id."""
        return answers.answer_add(self.spelling, order)

    def answer_status(self, rows: Mapping[str, Observation | Refusal], *, many: bool) -> Json:
        """Rows in the order asked; one row by itself unless `many`."""
        return answers.answer_status(self.spelling, rows, many=many)

    def answer_balance(self, balance: Balance) -> Json:
        """What a customer has left."""
        return answers.answer_balance(self.spelling, balance)

    def answer_refill(self, rows: Mapping[str, Taken | Refusal], *, many: bool) -> Json:
        """Refills that were taken note of, under our ids of them, or why not."""
        return grants_answers.answer_refill(self.spelling, rows, many=many)

    def answer_refill_status(self, rows: Mapping[str, RefillSeen | Refusal], *, many: bool) -> Json:
        """How far refills are, by our ids of them."""
        return grants_answers.answer_refill_status(self.spelling, rows, many=many)

    def answer_cancel(self, rows: Mapping[str, Taken | Refusal], *, many: bool) -> Json:
        """Cancels that were taken note of, or why not; in the standard a list even for one."""
        return grants_answers.answer_cancel(self.spelling, rows, many=many)

    def answer_refusal(self, refusal: Refusal) -> Json:
        """An expected no to anything but a single order's refill or cancel."""
        return answers.answer_refusal(self.spelling, refusal)
