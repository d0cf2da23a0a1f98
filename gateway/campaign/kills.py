"""The kill campaign: SIGKILL at every failpoint, many times each (money.md 8, F3).

Failpoints are found by passing them, so that none can be left out of a list. Whatever is killed
comes back as the next victim, which meets what the last one left behind.
"""

import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from random import Random

from gateway.campaign.lives import Ended, Lives
from gateway.campaign.stage import NANOSECONDS, Stage
from gateway.campaign.tallies import Plan, Report, Tally
from gateway.campaign.verdict import judge
from gateway.campaign.victim import Life, on_its_way
from gateway.domain.orders import State
from gateway.failpoints import COUNT

LIFE_SECONDS = 3
# what they leave behind: orders that will be in doubt, and a journal of replies
LEAVING = ("dispatch.send:http.request:after=kill", "dispatch.settle:database.begin:before=kill")
DISCOVERY = (COUNT, *LEAVING, COUNT, *LEAVING, COUNT)
DISCOVERY_SECONDS = 6
SAMPLES = 250
# whose rounds look at what has been in doubt for long, while nothing is being sent
OF_LONG_DOUBT = "investigate"
# and at what was proven not to have been taken
OF_THE_DISPROVED = "look_back"
OF_UNKNOWN_IDS = "look_back.look:"
UNSENT = "dispatch.send:http.request:before=kill@1"
INVESTIGATED = "investigate:database.begin:before"
CONNECT = ":http.connect:"
# one order in doubt between others, whose ids are its neighbours
DOUBT = "dispatch.send:http.reply:before=error@1"
PASSAGE_MAX = 4
LINKS = 4
WAITING_MAX = 50
DECIDED_BY_VICTIMS = 1
DOUBTFUL_MAX = 30
TIDY_EVERY = 10
SILENT_KILLS_MAX = 10
SETTLING_LIVES_MAX = 10
SETTLING_SECONDS = 20
SEARCHES_MAX = 4


class Campaign:
    """Kills until every failpoint had its turns or the time is over; `progress` hears of each."""

    def __init__(
        self, stage: Stage, lives: Lives, plan: Plan, progress: Callable[[int, int], None]
    ) -> None:
        self._stage = stage
        self._lives = lives
        self._plan = plan
        self._progress = progress
        self._chance = Random(plan.seed)  # noqa: S311  chance that a seed can replay
        self._tallies = {name: Tally(name) for name in plan.names}
        self._waiting: list[Tally] = []
        self._alive_since = 0
        self._unclean = 0
        self._lived = 0

    async def run(self) -> Report:
        """The whole campaign, from the search for failpoints to the verdict. Raises `Lost`."""
        began = time.monotonic_ns()
        until = began + self._plan.limit_seconds * NANOSECONDS
        if not self._plan.names:
            await self._discover()
        while (tally := self._next()) and time.monotonic_ns() < until:
            await self._kill(tally)
            if len(self._waiting) > SILENT_KILLS_MAX:
                # killed again and again before it could send: does it, if it is left alone?
                await self._live("", SETTLING_SECONDS)
            wanted = len(self._fitting()) * self._plan.rounds
            self._progress(sum(each.kills for each in self._fitting()), wanted)
        await self._settle()
        return Report(
            rounds=self._plan.rounds,
            seed=self._plan.seed,
            seconds=(time.monotonic_ns() - began) // NANOSECONDS,
            unclean=self._unclean,
            silent=len(self._waiting),
            unmet=[] if self._plan.names or self._met(OF_UNKNOWN_IDS) else [OF_UNKNOWN_IDS],
            tallies=sorted(self._fitting(), key=lambda each: each.name),
            verdict=await judge(self._stage),
        )

    def _fitting(self) -> list[Tally]:
        only = self._plan.only
        return [each for name, each in self._tallies.items() if fnmatchcase(name, only)]

    def _next(self) -> Tally | None:
        """One of those that had the fewest turns."""
        left = [
            each for each in self._fitting() if each.kills < self._plan.rounds and not each.given_up
        ]
        fewest = min((each.kills + each.misses for each in left), default=0)
        behind = [each for each in left if each.kills + each.misses == fewest]
        return self._chance.choice(behind) if behind else None

    async def _discover(self) -> None:
        """Pass everything that can be passed, from an empty house to a calibrated one."""
        for failpoint in DISCOVERY:
            await self._live(failpoint, DISCOVERY_SECONDS)
        for _ in range(0, SAMPLES, WAITING_MAX):
            await self._stage.order(WAITING_MAX, self._plan.services)
            await self._live("", SETTLING_SECONDS, orders=0)
        self._stage.panel.closes = True
        await self._long_doubt()
        await self._live(COUNT, DISCOVERY_SECONDS, orders=0)
        for _ in range(SEARCHES_MAX):
            await self._disproved(unknown=True)
            await self._live(f"{INVESTIGATED}=delay:1", DISCOVERY_SECONDS, orders=0)
            if self._met(OF_UNKNOWN_IDS):
                return

    def _met(self, prefix: str) -> bool:
        return any(name.startswith(prefix) for name in self._tallies)

    async def _long_doubt(self) -> None:
        """Something has been in doubt for long, and nothing is being sent."""
        if await on_its_way(self._stage.backends):
            await self._live("", SETTLING_SECONDS, orders=0)
        if not await self._stage.decisions(1):
            await self._live(DOUBT, SETTLING_SECONDS)
        await self._stage.age()

    async def _disproved(self, *, unknown: bool) -> None:
        """Something was disproved; `unknown`: there is an id that may be its own."""
        if not await self._stage.disproved():
            await self._live(UNSENT, LIFE_SECONDS)
            await self._live("", SETTLING_SECONDS, orders=0)
            await self._stage.age()
            # their ids bound where its own would have to be
            await self._stage.order(LINKS, self._plan.services)
            await self._live("", SETTLING_SECONDS, orders=0)
            await self._stage.age()
            await self._live(COUNT, DISCOVERY_SECONDS, orders=0)
        if unknown:
            await self._live(DOUBT, SETTLING_SECONDS)
        await self._stage.age()

    async def _kill(self, tally: Tally) -> None:
        orders = await self._bring_about(tally)
        # what is seldom met, at its first passage if at all
        passage = 1 if tally.misses else self._chance.randint(1, tally.passages)
        failpoints = [f"{tally.name}=kill@{passage}"]
        if tally.misses and tally.name.startswith(OF_THE_DISPROVED):
            failpoints.append(f"{INVESTIGATED}=delay:1")
        ended = await self._live(",".join(failpoints), LIFE_SECONDS, orders)
        if not ended.killed:
            tally.misses += 1
            return
        tally.kills += 1
        self._waiting.append(tally)

    async def _bring_about(self, tally: Tally) -> int:
        """What leads to this failpoint; how many orders are to be made where it kills."""
        self._stage.panel.closes = CONNECT in tally.name
        if tally.name.startswith(OF_LONG_DOUBT):
            await self._long_doubt()
            return 0
        if tally.name.startswith(OF_THE_DISPROVED):
            # what is asked for is covered by whoever was not killed since
            unknown = tally.misses > tally.kills or tally.name.startswith(OF_UNKNOWN_IDS)
            await self._disproved(unknown=unknown)
            return 0
        if tally.misses % 2:
            # where there is much to be found
            for failpoint in LEAVING:
                await self._live(failpoint, LIFE_SECONDS)
        elif tally.misses:
            # where everything was sent just now, so that it is polls that come first
            await self._live("", SETTLING_SECONDS)
            return 0
        return LINKS

    async def _live(self, failpoint: str, seconds: int, orders: int = LINKS) -> Ended:
        """One life, with orders from the victim and from a door that lives on."""
        stage = self._stage
        if self._lived % TIDY_EVERY == 0 and await self._tidy():
            orders = 0
        self._lived += 1
        # in doubt is soon what need not be handed on first
        services = self._plan.services[: 1 if failpoint == DOUBT else None]
        if orders:
            await stage.order(orders // 2, services)
        life = Life(
            failpoint=failpoint,
            seconds=seconds,
            seed=self._chance.randrange(2**32),
            customer=stage.customer,
            links=stage.new_links(orders),
            services=services,
            decisions=await stage.decisions(DECIDED_BY_VICTIMS if orders else 0),
            settles=failpoint in ("", DOUBT),
        )
        stage.panel.asked_at = 0
        if orders:  # else there may be nothing to send
            self._alive_since = self._alive_since or time.monotonic_ns()
        ended = await self._lives.live(life)
        stage.answered.update(ended.answered)
        self._unclean += ended.code not in (0, -9)
        self._learn(ended)
        self._recovered()
        if ended.killed:
            self._alive_since = 0
        return ended

    async def _tidy(self) -> bool:
        """Decide what piles up in doubt; whether too much waits to be sent."""
        stage = self._stage
        await stage.decide((await stage.decisions(1_000))[DOUBTFUL_MAX:])
        return len(await stage.orders(State.QUEUED)) > WAITING_MAX

    def _learn(self, ended: Ended) -> None:
        if not self._plan.names:
            for name in sorted(ended.passed - self._tallies.keys()):
                self._tallies[name] = Tally(name)
        for name, passages in ended.counted.items():
            if name in self._tallies:
                self._tallies[name].passages = max(1, min(passages, PASSAGE_MAX))

    def _recovered(self) -> None:
        """What the last life sent ended the silence after all kills before it.

        It counts from the start of the first life after the last of them.
        """
        at = self._stage.panel.asked_at
        if at and self._alive_since:
            silence = (at - self._alive_since) // 1_000_000
            for tally in self._waiting:
                tally.recovery_milliseconds_max = max(tally.recovery_milliseconds_max, silence)
            self._waiting = []

    async def _settle(self) -> None:
        """Nobody is killed any more: until nothing is on its way."""
        for _ in range(SETTLING_LIVES_MAX):
            if not (self._waiting or await on_its_way(self._stage.backends)):
                return
            # no breaker is to stay open for longer than these lives last
            await self._stage.age()
            # orders show that sending goes on after the last kill
            if self._waiting:
                await self._live("", LIFE_SECONDS, orders=2)
            else:
                await self._live("", SETTLING_SECONDS, orders=0)
