"""The same story for a gateway that sends again whatever got no good answer, as most do.

It keeps no attempts and asks for no evidence: after a time-out, a broken answer or a crash its
queue delivers the order once more, and after some tries the customer gets his money back.
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from gateway.dialects.standard import STANDARD
from gateway.domain.observations import Accepted
from gateway.domain.placements import Placement
from gateway.simulation.clock import Clock
from gateway.simulation.faults import CRASHES, NEVER_SENT, Dice, Fault
from gateway.simulation.panels import KEY, ScriptedPanel
from gateway.simulation.setting import Setting
from gateway.simulation.shop import SOLD, wish
from gateway.upstream.played import Played

TRIES_MAX = 5
PAUSE = timedelta(seconds=30)
AFTERWARDS = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class NaiveStory:
    """What became of the same orders. `doubled`: how often one was taken once too many."""

    orders: int
    active: int
    refunded: int
    doubled: int
    wrong_refunds: int


async def naive(setting: Setting) -> NaiveStory:
    """The whole of it; nothing but the panel is asked."""
    clock = Clock()
    panel = ScriptedPanel("acme", setting, clock)
    dice = Dice(setting.faults, setting.chance("faults"))
    chance = setting.chance("customers")
    refunded: set[str] = set()
    for number in range(1, setting.orders + 1):
        placement = wish(chance, number)
        if not await _place(panel, clock, dice, placement):
            refunded.add(placement.link)
    await clock.jump(clock.now + AFTERWARDS)
    taken = panel.taken()
    return NaiveStory(
        orders=setting.orders,
        active=setting.orders - len(refunded),
        refunded=len(refunded),
        doubled=sum(len(each) - 1 for each in taken.values()),
        wrong_refunds=sum(link in taken for link in refunded),
    )


async def _place(panel: ScriptedPanel, clock: Clock, dice: Dice, placement: Placement) -> bool:
    """Send until it is accepted; False when it was given up."""
    form = STANDARD.write_add(SOLD[placement.service - 1].offer, placement)
    body = urlencode({**form, "key": KEY}).encode()
    for _ in range(TRIES_MAX):
        fault = Fault.CRASH_BEFORE_CLAIM if dice.before_claim() else dice.of_attempt()
        if fault not in NEVER_SENT:
            panel.expect(placement.link, fault)
            played = await panel.play(body)
            if fault not in CRASHES and _accepted(played):
                return True
        await clock.jump(clock.now + PAUSE)
    return False


def _accepted(played: Played) -> bool:
    if played.broken is not None:
        return False
    return isinstance(STANDARD.read_add(played.status, played.body), Accepted)
