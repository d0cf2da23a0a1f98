"""What tells whether an order in doubt was accepted: ids, charges and the balance (money.md 4).

A provider is believed only as far as its normal traffic has shown that it can be.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from gateway.domain.money import EXACT, LEDGER_STEP, share_up
from gateway.domain.observations import Observation, Word
from gateway.domain.orders import State
from gateway.domain.spans import Span
from gateway.domain.targets import ROUNDING_MAX

SAMPLES_MIN = 200
REACH_SAMPLES = 100
REACH_MIN = 500
REACH_MAX = 100_000

LOWERED = frozenset({Word.PARTIAL, Word.CANCELED})


@dataclass(frozen=True, slots=True)
class Sample:
    """An add that was answered with an id, None where that is no number: from when to when."""

    number: int | None
    began: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Calibration:
    """What normal traffic shows of a provider's ids: whether they rise with time."""

    samples: int
    inversions: int

    @property
    def rising(self) -> bool:
        """Whether a later add has always had a greater id, in enough of them to believe it."""
        return self.samples >= SAMPLES_MIN and not self.inversions


@dataclass(frozen=True, slots=True)
class Window:
    """Between which ids, both exclusive, that of an attempt must lie; None = not bounded."""

    low: int | None = None
    high: int | None = None

    def holds(self, number: int) -> bool:
        """Whether an id may be of this attempt."""
        above = self.low is None or number > self.low
        return above and (self.high is None or number < self.high)


@dataclass(frozen=True, slots=True)
class Suspect:
    """An attempt whose outcome is not proven, or one that is being sent just now.

    `cost` is in the provider's currency; `exact`: a status would name just it as the charge.
    `ripe`: as much time has passed as the provider may take to execute it after all. `covered`:
    each id in its window was asked for after it had been given away. `soon`: below this id lies
    what was executed at once, None = not known yet.
    """

    order: int
    number: int
    run: int
    state: State
    cost: Decimal
    quantity: int
    exact: bool
    window: Window
    ripe: bool
    covered: bool
    soon: int | None = None

    @property
    def being_sent(self) -> bool:
        """Whether its answer may still come, so that nothing can be said of it yet."""
        return self.state is State.SENDING


@dataclass(frozen=True, slots=True)
class Orphan:
    """An order that the provider shows to our key and that none of ours knows."""

    number: int
    charge: Decimal | None
    word: Word | None
    remains: int | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """An order of ours whose id and cost are known, asked for together with unknown ids."""

    number: str
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Controls:
    """What the controls of one look showed.

    `scoped`: our orders were told and ids that nobody has were not. `charges`: each charge was the
    cost that we know, but for the rounding. `decimals`: up to so many are told without any; -1 =
    none are known to be.
    """

    scoped: bool
    charges: bool
    why: str = ""
    decimals: int = -1


@dataclass(frozen=True, slots=True)
class Scales:
    """The balance equation, as far as it can be used.

    `unexplained`: what the provider took beyond all that we booked, None = not known or not quiet.
    `since_all_ripe`: read after every suspect's answer could only have come earlier.
    """

    unexplained: Decimal | None = None
    since_all_ripe: bool = False
    note: str = "the balance was not compared"

    @property
    def usable(self) -> bool:
        """Whether it says anything of the suspects."""
        return self.unexplained is not None and self.since_all_ripe


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is known when a provider's suspects are judged.

    `gone`: attempts that were disproved lately, which a slow provider may have executed since.
    """

    suspects: tuple[Suspect, ...]
    orphans: tuple[Orphan, ...] = ()
    calibration: Calibration = field(default_factory=lambda: Calibration(0, 0))
    controls: Controls = field(default_factory=lambda: Controls(scoped=False, charges=False))
    scales: Scales = field(default_factory=Scales)
    gone: tuple[Suspect, ...] = ()

    @property
    def ids_speak(self) -> bool:
        """Whether asking for neighbouring ids proves anything here (E1)."""
        return self.calibration.rising and self.controls.scoped


def calibrate(samples: Iterable[Sample]) -> Calibration:
    """Count how often an add that began after another had ended was given a smaller id.

    An id that is no number does not rise.
    """
    begun = sorted(samples, key=lambda each: each.began)
    ended = sorted(begun, key=lambda each: each.ended)
    inversions, greatest, at = 0, -1, 0
    for each in begun:
        while at < len(ended) and ended[at].ended < each.began:
            greatest = max(greatest, ended[at].number or -1)
            at += 1
        inversions += each.number is None or each.number < greatest
    return Calibration(len(begun), inversions)


def reach(samples: Sequence[Sample], now: datetime) -> Span | None:
    """The ids among which orders of ours may be that are not known any more; None = not to tell.

    From the last ones that are known to twice as far as the ids grew in as much time before.
    """
    rising = sorted(
        ((each.number, each.began) for each in samples if each.number is not None),
        key=lambda each: each[1],
    )[-REACH_SAMPLES:]
    if not rising:
        return None
    lowest, top = min(number for number, _ in rising), max(number for number, _ in rising)
    took, since = rising[-1][1] - rising[0][1], now - rising[-1][1]
    grown = (top - lowest) * since // took if took else 0
    ahead = max(REACH_MIN, min(2 * grown, REACH_MAX))
    return Span(lowest, top + ahead)


def check_controls(
    ours: Sequence[tuple[Control, Observation | None]], nobodys: Sequence[bool]
) -> Controls:
    """What a look proves, by what it said of our orders and whether it denied nobody's ids.

    None: it did not tell of an order that is ours.
    """
    if not ours or any(seen is None for _, seen in ours):
        return Controls(scoped=False, charges=False, why="status does not tell of our own orders")
    if not nobodys or not all(nobodys):
        return Controls(scoped=False, charges=False, why="status does not deny unknown ids")
    whole = [
        (control, seen.charge)
        for control, seen in ours
        if seen is not None and seen.word not in LOWERED
    ]
    told = [(charge, control.cost) for control, charge in whole if charge is not None]
    if not whole or len(told) < len(whole) or not all(near(*each) for each in told):
        return Controls(scoped=True, charges=False, why="charges are not told exactly")
    exact = all(charge == cost for charge, cost in told)
    decimals = max(_decimals(cost) for _, cost in told) if exact else -1
    return Controls(scoped=True, charges=True, decimals=decimals)


def near(charge: Decimal, cost: Decimal) -> bool:
    """Equal but for the provider's rounding."""
    return abs(EXACT.subtract(charge, cost)) <= ROUNDING_MAX


def charged_alike(suspect: Suspect, orphan: Orphan, decimals: int) -> bool | None:
    """Whether an unknown order bears the charge that a suspect would; None = not to tell.

    One that ended partly is charged for what was delivered; one that was canceled says nothing. Up
    to so many decimals are told without rounding.
    """
    if orphan.charge is None or not suspect.exact:
        return None
    if orphan.charge == suspect.cost:
        return True
    if near(orphan.charge, suspect.cost) and _decimals(suspect.cost) > decimals:
        return True
    if orphan.word not in LOWERED or orphan.charge > suspect.cost:
        return False
    left = orphan.remains
    if left is None or not 0 < left < suspect.quantity:
        return None
    part = share_up(suspect.cost, suspect.quantity - left, suspect.quantity, LEDGER_STEP)
    return near(orphan.charge, part)


def _decimals(amount: Decimal) -> int:
    """How many decimals an amount has, without zeros at its end."""
    exponent = amount.normalize(EXACT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
