"""What a campaign's report looks like, for people and for programs."""

import json
from typing import Any

import pytest

from gateway.campaign.tallies import Report, Tally
from gateway.campaign.verdict import Verdict
from gateway.cli.campaign import show

TALLY = Tally("dispatch.settle:database.commit:before", 50, 2, 3, 740)


def report(*breaks: str) -> Report:
    states = {"active": 3, "completed": 4}
    verdict = Verdict(7, 7, states, {"I1 entries whole": 0}, breaks)
    return Report(rounds=50, seed=7, seconds=31, unclean=0, tallies=[TALLY], verdict=verdict)


def shown(capsys: pytest.CaptureFixture[str], made: Report) -> str:
    show(made, json=False)
    return " ".join(capsys.readouterr().out.split())


def test_a_sound_campaign(capsys: pytest.CaptureFixture[str]) -> None:
    said = shown(capsys, report())
    assert "dispatch.settle:database.commit:before │ 50 │ 2 │ 740" in said
    assert "7 orders here (3 active, 4 completed), 7 booked at the provider" in said
    assert "50 kills at 1 failpoints in 31 s, seed 7; sending again after 740 ms at most" in said
    assert said.endswith("nothing lost, nothing sent twice, the books are exact")


def test_a_broken_one(capsys: pytest.CaptureFixture[str]) -> None:
    show(report("x was sent 2 times"), json=False)
    captured = capsys.readouterr()
    assert "x was sent 2 times" in captured.err
    assert captured.out.rstrip().endswith("BROKEN")


def test_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    show(report("x was sent 2 times"), json=True)
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (told["kills"], told["whole"], told["seed"]) == (50, True, 7)
    assert told["recovery_milliseconds_max"] == 740
    assert told["breaks"] == ["x was sent 2 times"]
    assert told["tallies"][0]["name"] == TALLY.name
    assert told["verdict"]["invariants"] == {"I1 entries whole": 0}
