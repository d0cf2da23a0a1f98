"""Above a limit a second operator is asked, whichever way the money goes."""

from decimal import Decimal

import pytest

from gateway.domain.second import second_needed


@pytest.mark.parametrize(
    ("amount", "today", "needed"),
    [
        ("50", "0", False),
        ("50.000000000001", "0", True),
        ("-50.000000000001", "0", True),
        ("20", "30", False),
        ("20.01", "30", True),
        ("-20.01", "30", True),
        ("0.000000000001", "99999999999999999999999999", True),
    ],
)
def test_what_one_may_move_alone(amount: str, today: str, needed: bool) -> None:  # noqa: FBT001  a case
    assert second_needed(Decimal(amount), Decimal(today)) is needed
    assert not second_needed(Decimal(amount), Decimal(today), Decimal(10) ** 27)
