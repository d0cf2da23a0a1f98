"""What needs a person, and in which order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.domain.health import Gate, Health, Recent
from gateway.domain.needs import (
    Kind,
    Loss,
    Odd,
    of_loss,
    of_odd,
    of_orders,
    of_proposal,
    of_provider,
    of_restored,
    of_sentences,
    ranked,
)
from gateway.domain.open_orders import Braked, Counted, Doubtful, OpenOrders, Proposed, Sending
from gateway.domain.targets import Class

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
CALM = OpenOrders((), Sending(0, 0), (), Braked(0, Decimal(0), None), Decimal(0), 0)
GATE = Gate("acme", 0, None, "", None, "", "", Decimal(5), "USD", NOW, NOW, NOW, "", 0, 0)
WELL = Health(
    "acme",
    "USD",
    GATE,
    Recent("acme", 300, 98, 1, 1, 0),
    Decimal(0),
    Decimal(0),
    Decimal("1.0"),
    Decimal(0),
)
ODD = Odd(Class.REFUND_OWED, "acme", 3, 2, Decimal(7), NOW - 200 * HOUR, whole=False)


def test_nothing_is_needed_when_all_is_well() -> None:
    assert of_orders(CALM, NOW) == []
    assert of_provider(WELL, NOW) == []
    assert (WELL.refused_percent, WELL.uncertain_percent) == (Decimal(1), Decimal(1))


def test_losses_come_first_then_doubt_by_its_money_then_what_stands_still_then_age() -> None:
    doubt = (
        Doubtful("unconfirmed", "USD", 2, Decimal("0.84"), NOW),
        Doubtful("review", "USD", 1, Decimal(50), NOW - HOUR),
    )
    counted = (Counted("queued", "acme", 9, 2, NOW),)
    braked = Braked(1, Decimal(30), NOW - 7 * HOUR)
    orders = replace(CALM, doubtful=doubt, braked=braked, counted=counted, stuck=1)
    proposed = Proposed(7, "ann", None, NOW, Decimal(60))
    gate = replace(
        GATE,
        breaker_until=NOW,
        trips=1,
        paused_until=NOW + HOUR,
        sync_error="no list",
        quarantined=1,
        waiting=1,
    )
    ill = replace(WELL, gate=gate, days_left=Decimal("0.9"))
    odd = [of_odd(ODD), of_odd(replace(ODD, kind=Class.FORMAT, whole=True, since=NOW))]
    found = [
        of_sentences("acme", 2, NOW - 300 * HOUR),
        *of_provider(ill, NOW),
        *(each for each in odd if each),
        of_restored("an earlier state", NOW),
        *of_orders(orders, NOW),
        of_proposal(proposed, "USD"),
        of_loss(Loss(41, "Likes", Decimal("-0.1")), "USD"),
        of_loss(Loss(42, "Fans", Decimal("-0.2")), "USD"),
    ]
    kinds = [need.kind for need in ranked(found)]
    assert kinds[:9] == [
        *(Kind.LOSS, Kind.LOSS, Kind.PROPOSAL, Kind.REVIEW, Kind.UNCONFIRMED),
        *(Kind.HALTED, Kind.STOPPED, Kind.BALANCE, Kind.SENTENCES),
    ]
    assert kinds[9:] == [
        *(Kind.DISCREPANCY, Kind.REFUNDS, Kind.SYNC),
        *(Kind.BREAKER, Kind.LATE, Kind.OFFERS, Kind.PAUSED),
    ]
    assert ranked(found)[0].subject == "service:42"
    assert {need.kind: need.count for need in found}[Kind.LATE] == 3


@pytest.mark.parametrize(
    ("kind", "lasting", "needed"),
    [
        (Class.REFUND_OWED, 0, None),
        (Class.REFUND_OWED, 2, (Kind.DISCREPANCY, 2)),
        (Class.ROUNDING, 2, None),
        (Class.STUCK, 2, None),
        (Class.FORMAT, 0, (Kind.DISCREPANCY, 3)),
        (Class.NET, 0, (Kind.HALTED, 3)),
    ],
)
def test_a_discrepancy_waits_for_a_person_by_class_and_age(
    kind: Class, lasting: int, needed: tuple[Kind, int] | None
) -> None:
    found = of_odd(replace(ODD, kind=kind, lasting=lasting))
    assert (found and (found.kind, found.count)) == needed
