"""What a kill campaign is to do, and what it found out (money.md 8, F3)."""

from dataclasses import dataclass, field

from gateway.campaign.stage import SERVICES
from gateway.campaign.verdict import Verdict

RECOVERY_SECONDS_MAX = 10
MISSES_MAX = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: kills for each failpoint that fits the pattern, within so much time.

    `names`: these alone, without a search for all. `services` that are ordered in turn.
    """

    rounds: int
    seed: int
    only: str = "*"
    limit_seconds: int = 3_600
    names: tuple[str, ...] = ()
    services: tuple[int, ...] = SERVICES


@dataclass(slots=True)
class Tally:
    """One failpoint: how often it killed and was not reached; then from the start to sending."""

    name: str
    kills: int = 0
    misses: int = 0
    passages: int = 1
    recovery_milliseconds_max: int = 0

    @property
    def given_up(self) -> bool:
        """It was passed once, but is met again hardly ever."""
        return self.misses >= MISSES_MAX * (self.kills + 1)


@dataclass(slots=True)
class Report:
    """All that a campaign found out.

    `unclean`: lives that ended by an error of their own; `silent`: kills after which nothing was
    ever sent; `unmet`: how failpoints begin that the search for all did not find.
    """

    rounds: int
    seed: int
    seconds: int
    unclean: int
    silent: int = 0
    tallies: list[Tally] = field(default_factory=list[Tally])
    verdict: Verdict | None = None
    unmet: list[str] = field(default_factory=list[str])

    @property
    def kills(self) -> int:
        """Over all failpoints."""
        return sum(each.kills for each in self.tallies)

    @property
    def recovery_milliseconds_max(self) -> int:
        """The longest time from a start after a kill until something was sent."""
        return max((each.recovery_milliseconds_max for each in self.tallies), default=0)

    @property
    def whole(self) -> bool:
        """Every failpoint killed as often as was asked for."""
        return all(each.kills >= self.rounds for each in self.tallies)

    @property
    def breaks(self) -> list[str]:
        """What must never be, in words."""
        found = list(self.verdict.breaks) if self.verdict else ["it came to no end"]
        slow = self.recovery_milliseconds_max >= RECOVERY_SECONDS_MAX * 1_000
        late = f"nothing was sent for {self.recovery_milliseconds_max} ms after a start"
        if not self.kills:
            found.append("nothing was killed")
        found += [f"nothing met {each}, which is there" for each in self.unmet]
        if self.silent:
            found.append(f"nothing was ever sent again after {self.silent} kills")
        if self.unclean:
            found.append(f"{self.unclean} victims ended by an error of their own")
        return [*found, late] if slow else found
