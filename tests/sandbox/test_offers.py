from gateway.dialects.book import BOOK
from gateway.domain.services import TYPE_RULES, ServiceType, read_type
from gateway.sandbox.offers import BUILT_IN, BY_ID, many
from gateway.sandbox.panel import Panel


def test_every_dialect_offers_each_of_its_types_and_no_other() -> None:
    for dialect in BOOK.values():
        panel = Panel(dialect)
        kinds = {
            read_type(each.kind_word) for each in (*BUILT_IN, *BY_ID) if panel.offered(each.offer)
        }
        assert kinds == set(dialect.spelling.requests.types), dialect.name


def test_the_built_in_offers_have_stable_ids_of_their_own() -> None:
    offers = [int(each.offer) for each in BUILT_IN]
    assert offers == sorted(set(offers))
    assert not {each.offer for each in BUILT_IN} & {each.offer for each in BY_ID}
    first = [each.offer for each in BUILT_IN if int(each.offer) < 400 and each.offer != "109"]
    assert first == [
        *("101", "102", "103", "104", "105", "106", "107", "108", "201", "202", "301", "302"),
    ]
    assert [each.name for each in many(12)] == [
        f"{next(like.name for like in BUILT_IN if like.offer == offer)}, no. {number}"
        for number, offer in enumerate(first, start=1)
    ]


def test_all_kinds_of_flags_can_be_tried() -> None:
    flags = {
        (each.drip_feed, each.refill, each.cancel)
        for each in BUILT_IN
        if each.kind_word == ServiceType.DEFAULT
    }
    assert len(flags) == 8
    for each in (*BUILT_IN, *BY_ID):
        kind = read_type(each.kind_word)
        assert kind
        assert TYPE_RULES[kind].drip_feed or not each.drip_feed
        assert (each.quantity_max == 1) == TYPE_RULES[kind].flat
