"""A slice of the kill campaign: real processes, each killed once at a handful of failpoints."""

from pathlib import Path

import pytest

from gateway.campaign.kills import Campaign
from gateway.campaign.lives import Lives, lives
from gateway.campaign.stage import KEY, KEYS, Stage, Witness, stage
from gateway.campaign.tallies import Plan, Report, Tally
from gateway.campaign.verdict import Verdict, judge
from gateway.campaign.victim import Life
from gateway.embedded import Servers
from gateway.operations.claim import claim
from gateway.operations.dispatch import send, settle
from gateway.operations.investigate import POLICY
from gateway.storage import ledger, settling
from gateway.wiring import Addresses

NAMES = (
    "add:database.commit:after",
    "claim:database.commit:after",
    "dispatch.send:http.request:after",
    "dispatch.settle:database.begin:before",
    "dispatch.settle:database.commit:after",
    "poll:database.commit:before",
)


@pytest.fixture
def addresses(database_url: str, servers: Servers) -> Addresses:
    """An own database and the shared cache."""
    return Addresses(database_url, servers.redis_url, "a secret of the tests")


async def test_nothing_is_lost_whatever_is_killed(addresses: Addresses, tmp_path: Path) -> None:
    told: list[int] = []
    plan = Plan(rounds=1, seed=1, names=NAMES, services=(1,))
    async with stage(addresses, 1) as made, lives(addresses, tmp_path, KEYS) as victims:
        await _failpoints_are_found(made, victims)
        report = await Campaign(made, victims, plan, lambda kills, _: told.append(kills)).run()
    assert report.breaks == []
    assert {each.name: each.kills for each in report.tallies} == dict.fromkeys(NAMES, 1)
    assert report.whole
    assert told[-1] == len(NAMES)
    assert 0 < report.recovery_milliseconds_max < 10_000
    assert report.verdict
    assert report.verdict.booked >= len(NAMES)


async def _failpoints_are_found(made: Stage, victims: Lives) -> None:
    life = Life("count", 20, 1, made.customer, made.new_links(2), (1,), settles=True)
    ended = await victims.live(life)
    assert ended.code == 0
    assert len(ended.answered) == 2
    assert set(NAMES) <= ended.passed
    assert ended.counted["claim:database.commit:after"] > 0


async def test_what_a_wrong_gateway_leaves_behind_is_seen(addresses: Addresses) -> None:
    async with stage(addresses, 1) as made:
        await made.order(2)
        made.answered.add(999)
        for link in ("https://a.example/1", "https://a.example/strange", "https://a.example/1"):
            asked = {"service": "101", "link": link, "quantity": "1000"}
            made.panel.answer(made.panel.hear({"key": KEY, "action": "add", **asked}))
        first, strange, again = (each.id for each in made.panel.orders)
        verdict = await judge(made)
    assert verdict.invariants
    assert verdict.states == {"queued": 2}
    assert verdict.breaks == [
        "https://a.example/1 was sent 2 times",
        "order 1 is still queued",
        "order 2 is still queued",
        f"order 1 is queued, and {first} there",
        f"{strange} was booked there for https://a.example/strange, which nobody ordered",
        f"order 1 is queued, and {again} there",
        "order 999 was answered and is lost",
    ]


async def test_what_was_never_booked_there_is_seen(addresses: Addresses) -> None:
    async with stage(addresses, 1) as made:
        await made.order(2)
        (departure,) = await claim(made.backends, "acme", 1, 1)
        returned = await send(made.backends, departure)
        await settle(made.backends, [returned])
        assert (await judge(made)).breaks == ["order 2 is still queued"]
        made.panel = Witness(2)
        assert (await judge(made)).breaks == [
            "order 1 is active, but nothing was booked there for it",
            "order 2 is still queued",
        ]


async def test_what_was_refunded_unproven_may_be_there(addresses: Addresses) -> None:
    async with stage(addresses, 1) as made:
        await made.order(2)
        for number in (1, 2):
            asked = {"service": "101", "link": f"https://a.example/{number}", "quantity": "1000"}
            made.panel.answer(made.panel.hear({"key": KEY, "action": "add", **asked}))
        async with made.backends.database.transaction() as connection:
            for order, actor in ((1, POLICY), (2, "resolver")):
                locked = await settling.lock(connection, [order])
                postings = await settling.fail(
                    connection, [locked[order]], actor=actor, reason="no proof"
                )
                await ledger.post(connection, postings, actor=actor)
        verdict = await judge(made)
    (_, second) = (each.id for each in made.panel.orders)
    assert verdict.breaks == [f"order 2 is failed (resolver: no proof), and {second} there"]
    assert verdict.refunded == 1


def report(tally: Tally, verdict: Verdict | None, unclean: int = 0) -> Report:
    return Report(1, 1, 1, unclean, 0, [tally], verdict)


@pytest.mark.parametrize(("kills", "misses"), [(0, 5), (1, 10), (10, 55)])
def test_what_is_met_less_than_once_in_five_times_is_given_up(kills: int, misses: int) -> None:
    assert Tally("a:b.c:before", kills=kills, misses=misses).given_up
    assert not Tally("a:b.c:before", kills=kills, misses=misses - 1).given_up


SOUND = Verdict(1, 1, {}, {}, [])


def test_what_breaks_a_campaign() -> None:
    killed = Tally("a:b.c:before", kills=1, recovery_milliseconds_max=9_999)
    assert report(killed, SOUND).breaks == []
    assert report(killed, Verdict(1, 1, {}, {}, ["lost"])).breaks == ["lost"]
    assert report(killed, None).breaks
    assert report(killed, SOUND, unclean=1).breaks
    assert report(Tally("a:b.c:before"), SOUND).breaks == ["nothing was killed"]
    silent = Report(1, 1, 1, 0, 2, [killed], SOUND)
    assert silent.breaks == ["nothing was ever sent again after 2 kills"]
    partly = Report(1, 1, 1, 0, 0, [killed], SOUND, ["look_back.look:"])
    assert partly.breaks == ["nothing met look_back.look:, which is there"]
    slow = Tally("a:b.c:before", kills=1, recovery_milliseconds_max=10_000)
    assert report(slow, SOUND).breaks == ["nothing was sent for 10000 ms after a start"]
