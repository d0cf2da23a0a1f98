"""From where on a rate is no amount of money, and whose offer a quote is of."""

from decimal import Decimal

from gateway.domain.catalog import Catalog, Listing, Markup, Match, Offer, OfferRef, Provider, Rule
from gateway.domain.placements import Placement
from gateway.domain.pricing import RATE_BELOW, Rated, quote
from gateway.domain.services import ServiceType

RULE = Rule(1, Match(), percent=Decimal(50))
CATALOG = Catalog(
    1,
    {"acme": Provider("acme", "https://a.example/", "standard", "USD", "KEY")},
    {},
    Markup("USD", (RULE,), {}),
)


def offer(number: str, rate: str) -> Offer:
    listing = Listing(number, "n", "c", "Default", Decimal(rate), 10, 5_000)
    return Offer(OfferRef("acme", number), listing)


def test_a_rate_is_below_a_billion_a_piece() -> None:
    assert Decimal(1_000_000_000_000) == RATE_BELOW


def test_a_quote_is_of_the_offer_that_delivers_at_the_rate_of_the_one_it_was_made_from() -> None:
    priced, delivers = offer("1", "1"), offer("2", "0.8")
    one = Decimal(1)
    rated = Rated(RULE, priced, one, one, one, Decimal("1.5"), Decimal("1.5"))
    placement = Placement(1, ServiceType.DEFAULT, "https://a.example/", 2_000)
    found = quote(CATALOG, rated, delivers, placement)
    assert found is not None
    assert (found.rated, found.offer) == (rated, delivers)
    assert (found.charge, found.cost) == (Decimal(3), Decimal("1.6"))
