"""What a service is explained with: an order that every dialect of its type can carry."""

import pytest

from gateway.dialects.book import BOOK
from gateway.dialects.examples import example
from gateway.domain.refusals import Refusal
from gateway.domain.services import TYPE_RULES, ServiceType


@pytest.mark.parametrize("kind", ServiceType)
def test_an_example_can_be_carried_by_whoever_has_the_type(kind: ServiceType) -> None:
    placement = example(1, kind, 250)
    assert placement.quantity == (1 if TYPE_RULES[kind].quantity == "one" else 250)
    having = [each for each in BOOK.values() if kind in each.spelling.requests.types]
    assert having or kind is ServiceType.MENTIONS_MEDIA_LIKERS
    for dialect in having:
        if kind is ServiceType.SUBSCRIPTIONS and dialect.name == "smmia":
            continue  # has no posts: it carries only what came without them
        assert dialect.why_not_carry(placement) == "", dialect.name


def test_what_nobody_could_order_is_told() -> None:
    with pytest.raises(Refusal):
        example(1, ServiceType.CUSTOM_COMMENTS, 10_001)
