from decimal import Decimal

import pytest

from gateway.sandbox.faults import FAULTS, Fault, Faults, Moment, Waits
from gateway.sandbox.shares import read_shares


def test_each_fault_strikes_in_its_share_and_at_its_moment() -> None:
    shares = {"hang_after": "0.05", "liar": "0.2", "status_html": "0.5", "down": "0.01"}
    faults = Faults(read_shares(f"{name}={share}" for name, share in shares.items()), seed="1")
    adds = [faults.strike(Moment.ADD) for _ in range(4_000)]
    assert 150 < adds.count(Fault.HANG_AFTER) < 250
    assert 700 < adds.count(Fault.LIAR) < 900
    assert set(adds) == {None, Fault.HANG_AFTER, Fault.LIAR}
    assert {faults.strike(Moment.STATUS) for _ in range(100)} == {None, Fault.STATUS_HTML}
    assert {faults.strike(Moment.SERVICES) for _ in range(100)} == {None}
    assert Fault.DOWN in {faults.strike(Moment.CALL) for _ in range(2_000)}


def test_a_seed_replays_the_faults() -> None:
    shares = {Fault.SLOW.value: Decimal("0.3"), Fault.LIAR.value: Decimal("0.3")}
    first, again, other = (Faults(shares, seed) for seed in ("5", "5", "6"))
    drawn = [[each.strike(Moment.ADD) for _ in range(50)] for each in (first, again, other)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_shares_change_for_the_names_given_and_0_ends_one() -> None:
    faults = Faults({"liar": Decimal(1)})
    faults.share({"liar": Decimal(0), "slow": Decimal("0.5")})
    assert faults.shares == {"slow": Decimal("0.5")}
    with pytest.raises(ValueError, match="above 1"):
        faults.share({"liar": Decimal("0.6")})
    assert faults.shares == {"slow": Decimal("0.5")}


def test_an_unknown_fault_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match="unknown fault 'hang'") as refused:
        Faults({"hang": Decimal("0.1")})
    assert all(name in str(refused.value) for name in Fault)


@pytest.mark.parametrize("text", ["liar", "liar=", "liar=-0.1", "liar=1.01", "liar=NaN", "liar=x"])
def test_a_share_is_a_number_from_0_to_1(text: str) -> None:
    with pytest.raises(ValueError, match="liar"):
        read_shares([text])


def test_a_wait_has_bounds() -> None:
    with pytest.raises(ValueError, match="slow_milliseconds"):
        Waits(slow_milliseconds=-1)


def test_every_fault_strikes_at_one_moment_and_most_at_an_add() -> None:
    assert sorted(fault for faults in FAULTS.values() for fault in faults) == sorted(Fault)
    assert FAULTS[Moment.CALL] == {Fault.DOWN}
    assert FAULTS[Moment.REFILL_STATUS] == {Fault.REFILL_STATUS_HTML, Fault.REFILL_STATUS_SLOPPY}
    for moment in (Moment.REFILL, Moment.CANCEL):
        ends = {fault.removeprefix(f"{moment}_") for fault in FAULTS[moment]}
        assert ends == {"html", "empty", "reset", "garbled", "sloppy"}
