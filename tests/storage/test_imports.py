"""Entries written from a provider's list."""

import tomllib
from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.dialects.book import BOOK
from gateway.domain.catalog import Catalog, Listing, Offer, OfferRef, OfferState
from gateway.domain.services import ServiceType
from gateway.storage.documents import Documents, parse
from gateway.storage.documents_services import entry_text
from gateway.storage.imports import entry, importable

PROVIDERS = """\
[providers.acme]
url = "https://panel.example/api/v2"
dialect = "{}"
currency = "USD"
"""
SERVICES = '[[services]]\nid = 1\nname = "A"\ncategory = "B"\noffers = ["acme:1"]\n'
MARKUP = 'currency = "USD"\ndeny.words = ["casino"]\n[[rules]]\npercent = "25"\n'


def catalog(dialect: str) -> Catalog:
    return parse(Documents(PROVIDERS.format(dialect), SERVICES, MARKUP))


def offer(number: int, word: str = "Default", name: str = "Likes") -> Offer:
    listing = Listing(str(number), name, "Any", word, Decimal(1), 10, 100)
    return Offer(OfferRef("acme", str(number)), listing)


def test_what_cannot_be_sold_is_left_out_and_told() -> None:
    offers = [
        offer(1),
        offer(2),
        offer(3, "Poll"),
        offer(4, "Auto Likes"),
        offer(5, "Poll"),
        offer(6, name="Casino likes"),
        offer(7, name="Views"),
        replace(offer(8), state=OfferState.QUARANTINED),
        offer(9, "Custom Comments"),
    ]
    found = importable(catalog("smmbros"), "acme", offers, "LIKES")
    assert [each.ref.offer for each in found.offers] == ["2", "9"]
    assert found.left_out == {
        "in the catalog already": 1,
        "of the type Poll, which the dialect smmbros cannot carry": 2,
        'of the type "Auto Likes", which is not sold here': 1,
        'denied by word "casino"': 1,
        "without the text": 1,
        "quarantined": 1,
    }
    found = importable(catalog("standard"), "acme", offers, "")
    assert [each.ref.offer for each in found.offers] == ["2", "3", "5", "7", "9"]


def hints(offered: Offer, dialect: str) -> list[str]:
    text = entry_text(entry(7, offered, BOOK[dialect]))
    (read,) = tomllib.loads(text)["services"]
    assert read == {
        "id": 7,
        "name": offered.listing.name,
        "category": "Any",
        "offers": [f"acme:{offered.ref.offer}"],
    }
    return [line.split(" ")[1] for line in text.splitlines() if line.startswith("#")]


def test_a_hint_stands_where_the_list_does_not_say() -> None:
    assert hints(offer(1), "standard") == ["refill", "cancel", "drip_feed"]
    assert hints(offer(1, "Package"), "standard") == ["refill", "cancel"]
    assert hints(offer(1), "smmia") == ["drip_feed"]
    known = replace(offer(1).listing, refill=False, cancel=True, drip_feed=False)
    assert hints(replace(offer(1), listing=known), "standard") == []
    assert hints(offer(1, ServiceType.SUBSCRIPTIONS), "smmia") == ["posts_max"]
    assert hints(offer(1, ServiceType.SUBSCRIPTIONS), "standard") == ["refill", "cancel"]


@pytest.mark.parametrize("dialect", ["standard", "smmia"])
def test_hints_are_taken_as_they_stand(dialect: str) -> None:
    text = entry_text(entry(7, offer(1, ServiceType.SUBSCRIPTIONS), BOOK[dialect])).replace(
        "\n# ", "\n"
    )
    services = f"{text}type = 'Subscriptions'\n"
    parse(Documents(PROVIDERS.format(dialect), services, MARKUP))


def test_odd_names_are_made_fit_for_a_document() -> None:
    odd = entry(7, offer(1, name='He said "a\\b" \x7f \u202eé\n\n[[services]]'), BOOK["smmia"])
    assert odd.name == 'He said "a\\b" é [[services]]'
    parse(Documents(PROVIDERS.format("smmia"), entry_text(odd), MARKUP))
    nameless = entry(7, offer(1, name="\x00"), BOOK["smmia"])
    assert (nameless.name, len(entry(7, offer(1, name="x" * 999), BOOK["smmia"]).name)) == (
        "Offer 1",
        300,
    )
