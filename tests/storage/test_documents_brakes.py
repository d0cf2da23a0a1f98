"""`[brakes]` in markup.toml."""

from decimal import Decimal

import pytest

from gateway.domain.brakes import BRAKES, Brakes
from gateway.storage.documents import DocumentErrors, Documents, parse

HEAD = 'currency = "USD"\n[[rules]]\npercent = "5"\n[brakes]\n'


def brakes(*lines: str) -> Brakes:
    return parse(Documents("", "", HEAD + "\n".join(lines))).markup.brakes


def test_what_is_not_said_holds_as_it_is() -> None:
    assert brakes() == BRAKES == Brakes()
    assert brakes("orders_min = 50") == Brakes(orders_min=50)


def test_all_can_be_said() -> None:
    assert brakes(
        'refund_above = "0"',
        'turned_percent = "2.5"',
        "orders_min = 1",
        'rate_up_percent = "10"',
        'rate_down_percent = "20"',
        "overcharged_times = 7",
        'overcharged_above = "3"',
        'decided_alone_max = "0.5"',
    ) == Brakes(
        *(Decimal(0), Decimal("2.5"), 1, Decimal(10), Decimal(20), 7, Decimal(3), Decimal("0.5"))
    )


@pytest.mark.parametrize(
    "line",
    [
        'refund_above = "-1"',
        "refund_above = 1.5",
        'turned_percent = "0"',
        "orders_min = 0",
        'orders_min = "20"',
        'rate_up_percent = "0"',
        "overcharged_times = 0",
        "refunds_above = 1",
    ],
)
def test_what_makes_no_sense_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(DocumentErrors) as refused:
        brakes(line)
    (error,) = refused.value.errors
    assert (error.file, error.line) == ("markup.toml", 5)
