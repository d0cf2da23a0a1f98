"""A dialect: one spelling of the panel protocol, in both directions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.dialects import adds, answers, listings, placements, requests, statuses
from gateway.dialects.json_text import Json
from gateway.dialects.messages import Ask, Fields, Form, ServicesRead
from gateway.dialects.spelling import Spelling
from gateway.domain.catalog import Listing
from gateway.domain.observations import Accepted, Balance, Observation, Refused, Unclear
from gateway.domain.placements import Placement
from gateway.domain.refusals import Refusal
from gateway.domain.services import ServiceType


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """What differs stands in the spelling; the methods are the same for every dialect.

    To a provider we `write_` requests, without the key, and `read_` its answers from an HTTP status
    and the exact bytes, which never raises. From a customer we read requests and `answer_` them.
    """

    spelling: Spelling

    @property
    def name(self) -> str:
        """As in `providers.toml` and on a customer's key."""
        return self.spelling.name

    @property
    def status_batch_max(self) -> int:
        """How many orders one call of `status` may ask for."""
        return self.spelling.status_batch_max

    def features(self) -> dict[str, bool]:
        """What can be bought through it, as declared."""
        types = self.spelling.requests.types
        carried = {f"type {kind}": kind in types for kind in ServiceType}
        drip_feed = "runs" in types.get(ServiceType.DEFAULT, ())
        return {**carried, "drip-feed": drip_feed, "status of many": self.status_batch_max > 1}

    def write_services(self) -> Form:
        """Ask for the whole list."""
        return {"action": "services"}

    def write_balance(self) -> Form:
        """Ask for what we have left."""
        return {"action": "balance"}

    def write_add(self, offer: str, placement: Placement) -> Form:
        """Place an order with an offer. Raises CannotCarry: then nothing may be sent."""
        return placements.write_placement(self.spelling.requests, offer, placement)

    def write_status(self, orders: Sequence[str]) -> Form:
        """Ask after 1 to `status_batch_max` orders; ValueError otherwise."""
        return placements.write_status(orders, self.status_batch_max)

    def read_add(self, status: int, body: bytes) -> Accepted | Refused | Unclear:
        """Strict: what is not beyond doubt is Unclear."""
        return adds.read_add(self.spelling, status, body)

    def read_status(
        self, orders: Sequence[str], status: int, body: bytes
    ) -> Mapping[str, Observation | Refused] | Refused | Unclear:
        """By the ids that were asked for; an order without a row is absent."""
        return statuses.read_status(self.spelling, orders, status, body)

    def read_services(self, status: int, body: bytes) -> ServicesRead | Refused | Unclear:
        """What could be sold, and what not and why."""
        return listings.read_services(self.spelling, status, body)

    def read_balance(self, status: int, body: bytes) -> Balance | Refused | Unclear:
        """What we have left, which may be below zero."""
        return statuses.read_balance(self.spelling, status, body)

    def read_request(self, fields: Fields) -> Ask:
        """What a customer asks for. Raises Refusal."""
        return requests.read_request(fields)

    def read_placement(self, service: int, kind: ServiceType, fields: Fields) -> Placement:
        """What a customer orders, once the service's type is known. Raises Refusal."""
        return placements.read_placement(service, kind, fields)

    def answer_services(self, listings_: Sequence[Listing]) -> Json:
        """The whole list, in its order."""
        return answers.answer_services(self.spelling, listings_)

    def answer_add(self, order: str) -> Json:
        """An order was taken under this id."""
        return answers.answer_add(self.spelling, order)

    def answer_status(self, rows: Mapping[str, Observation | Refusal], *, many: bool) -> Json:
        """Rows by the id asked, in the order asked; one row by itself unless `many`."""
        return answers.answer_status(self.spelling, rows, many=many)

    def answer_balance(self, balance: Balance) -> Json:
        """What a customer has left."""
        return answers.answer_balance(self.spelling, balance)

    def answer_refusal(self, refusal: Refusal) -> Json:
        """An expected no, in this dialect's words."""
        return answers.answer_refusal(self.spelling, refusal)
