"""A list in pages: all of it or nothing."""

from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.dialects.dialect import Dialect
from gateway.dialects.json_text import Json, write
from gateway.dialects.messages import ServicesRead
from gateway.dialects.standard import STANDARD
from gateway.domain.catalog import Listing
from gateway.domain.observations import Refused, Unclear
from gateway.domain.refusals import Code
from gateway.upstream.client import ProviderClient
from gateway.upstream.limits import Limits
from gateway.upstream.pages import PAGES_MAX, Pages
from tests.upstream.calling import KEY, PATIENT
from tests.upstream.misbehaving import answers, misbehaving, reply

PAGED = Dialect(
    replace(STANDARD.spelling, services=replace(STANDARD.spelling.services, page_size=2))
)


def listing(number: int) -> Listing:
    return Listing(str(number), "Followers", "A", "Default", Decimal(1), 1, 10)


def page(*numbers: int, skipped: int = 0) -> ServicesRead:
    rows = tuple((f"row {each}", "no id") for each in range(skipped))
    return ServicesRead(tuple(listing(each) for each in numbers), rows)


def test_a_list_that_comes_in_one() -> None:
    pages = Pages(None, 1_000)
    assert pages.take(page(1, 2, 3), 10) == page(1, 2, 3)


def test_pages_until_one_is_not_full() -> None:
    pages = Pages(2, 1_000)
    assert pages.take(page(1, 2), 10) is None
    assert (pages.rows, pages.bytes_left) == (2, 990)
    assert pages.take(page(3, skipped=1), 10) is None
    assert pages.rows == 4
    assert pages.take(page(), 10) == page(1, 2, 3, skipped=1)


def test_a_panel_that_does_not_page_after_all() -> None:
    assert Pages(2, 1_000).take(page(1, 2, 3), 10) == page(1, 2, 3)


def test_a_row_that_moved_to_the_next_page_is_one_row() -> None:
    pages = Pages(2, 1_000)
    assert pages.take(page(1, 2), 10) is None
    assert pages.take(page(2, 3), 10) is None
    assert pages.take(page(4), 10) == page(1, 2, 3, 4)


def test_a_panel_that_always_gives_the_first_page() -> None:
    pages = Pages(2, 1_000)
    pages.take(page(1, 2), 10)
    assert pages.take(page(1, 2), 10) == Unclear("page 2 of the list brings nothing new")


def test_neither_pages_nor_bytes_without_end() -> None:
    pages = Pages(1, 10**9)
    for number in range(PAGES_MAX - 1):
        assert pages.take(page(number), 10) is None
    assert isinstance(pages.take(page(PAGES_MAX), 10), Unclear)
    assert isinstance(Pages(1, 10).take(page(1), 10), Unclear)


@pytest.mark.parametrize("answer", [Unclear("HTTP 502"), Refused(Code.RATE_LIMIT, "slow down")])
def test_a_page_that_breaks_breaks_the_list(answer: Refused | Unclear) -> None:
    pages = Pages(1, 1_000)
    assert pages.broken(answer) is answer
    pages.take(page(1), 10)
    broken = pages.broken(answer)
    assert isinstance(broken, Unclear)
    assert broken.why.startswith("page 2 of the list: ")


def row(number: int) -> dict[str, Json]:
    return {
        "service": number,
        "name": "Followers",
        "type": "Default",
        "category": "A",
        "rate": "1",
        "min": "1",
        "max": "10",
    }


def rows(*numbers: int) -> bytes:
    return reply(write([row(number) for number in numbers]))


async def services(limits: Limits, *replies: bytes) -> tuple[list[bytes], object]:
    async with misbehaving(answers(*replies)) as panel:
        caller = ProviderClient(panel.provider(), PAGED, KEY, limits)
        read = await caller.services()
        await caller.close()
        return panel.requests, read


async def test_pages_on_the_wire() -> None:
    requests, read = await services(PATIENT, rows(1, 2), rows(3, 4), rows(5))
    assert isinstance(read, ServicesRead)
    assert [each.offer for each in read.listings] == ["1", "2", "3", "4", "5"]
    offsets = [b"offset=%d" % at in sent for at, sent in zip((0, 2, 4), requests, strict=True)]
    assert offsets == [True] * 3


async def test_a_page_that_fails_on_the_wire_is_never_a_shorter_list() -> None:
    _, read = await services(PATIENT, rows(1, 2), reply(b"<html>", 502))
    assert read == Unclear("page 2 of the list: HTTP 502: HTTP 502")


async def test_all_pages_together_have_the_bytes_of_one_list() -> None:
    limits = replace(PATIENT, services_bytes_max=400)
    _, read = await services(limits, rows(1, 2), rows(3, 4), rows(5))
    assert isinstance(read, Unclear)
    assert "over" in read.why
