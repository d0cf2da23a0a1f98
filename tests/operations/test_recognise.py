"""Replies belong to attempts that are on record as they were sent, and to no others."""

from dataclasses import replace

from gateway.domain.catalog import OfferRef
from gateway.operations.claim import claim
from gateway.operations.recognise import recognise
from gateway.storage.attempts import Sent
from gateway.storage.claims import AttemptKey
from tests.operations.shop import Shop


async def test_a_number_alone_is_not_enough(shop: Shop) -> None:
    await shop.place(*(shop.placement() for _ in range(3)))
    departures = await claim(shop.backends, "acme", 1, 10)
    sent = [Sent(each.key, each.ref, each.placement.link) for each in departures]
    assert await recognise(shop.backends, sent) == {each.key for each in departures}
    first = sent[0]
    others = [
        replace(first, link=sent[1].link),
        replace(first, ref=OfferRef("beta", "101")),
        replace(first, ref=OfferRef("acme", "104")),
        replace(first, key=replace(first.key, number=2)),
        replace(first, key=replace(first.key, run=2)),
        replace(first, key=AttemptKey(4_000_000_000, 1)),
    ]
    assert await recognise(shop.backends, others) == set()
    assert await recognise(shop.backends, [*others, first]) == {first.key}
    assert await recognise(shop.backends, []) == set()
    await shop.send()
