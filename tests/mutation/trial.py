"""Running tests against mutants: each in a fork of one process that has collected them all."""

import gc
import importlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import pytest

from tests.mutation.mutants import ROOT, Mutant, plant

CPU_SECONDS_LEAST = 3
WALL_SECONDS_MAX = 300
EXAMPLES = 30  # of each property; rules that only more of them find are better pinned by a case
SETTINGS = "_hypothesis_internal_use_settings"  # what @settings leaves at a test
SLOWER_BY = 2  # a mutant may take so much longer than the code while it is traced


class Verdict(Enum):
    """What became of a mutant; one that never ends is as good as killed."""

    KILLED = "killed"
    SURVIVED = "survived"
    TIMED_OUT = "timed out"


Batch = tuple[Iterable[Mutant], Sequence[str]]


@dataclass
class Trial:
    """A pytest plugin that runs the tests against every mutant instead of once.

    Each batch is mutants, made when their turn comes, and the test files that are for them.
    With `warm` the first test is run once by the process itself, so that its forks find the
    servers up.
    """

    batches: Iterable[Batch]
    tell: Callable[[Mutant, Verdict], None]
    warm: bool = False
    broken: list[str] = field(default_factory=list[str])
    _failed: bool = False

    def pytest_configure(self) -> None:
        """The same examples each time, no search for the smallest one, no word on slowness."""
        hypothesis: Any = importlib.import_module("hypothesis")  # only now: pytest rewrites it
        hypothesis.settings.register_profile(
            "mutants",
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
        )
        hypothesis.settings.load_profile("mutants")

    def pytest_collection_modifyitems(self, items: Sequence[pytest.Item]) -> None:
        """Not even those that ask for many examples have more: the whole must end in minutes."""
        hypothesis: Any = importlib.import_module("hypothesis")
        for item in items:
            test: Any = getattr(item, "function", None)
            asked = getattr(test, SETTINGS, None)
            if asked is not None and asked.max_examples > EXAMPLES:
                setattr(test, SETTINGS, hypothesis.settings(asked, max_examples=EXAMPLES))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A failure anywhere, of fixtures too, is a failure."""
        if report.failed:
            self._failed = True
            self.broken.append(report.nodeid)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """For each batch first the code as it is, to learn which test meets which function."""
        first, last = session.items[0], session.items[-1]
        if self.warm:
            self._run([first], last)
        for mutants, files in self.batches:
            items = [item for item in session.items if item.nodeid.startswith(tuple(files))]
            known = self._rehearse(items)
            if known is None:
                break
            gc.freeze()  # or the forks copy whatever their collector looks at
            for mutant in mutants:
                chosen = _chosen(mutant, known)
                verdict = self._try(mutant, chosen, items, known) if chosen else Verdict.SURVIVED
                if verdict is Verdict.TIMED_OUT and self.warm:  # it may have left rows behind
                    self._fork(lambda: self._run([first], last), WALL_SECONDS_MAX)
                self.tell(mutant, verdict)
        if self.warm:
            self._run([first], None)
        return True

    def _rehearse(self, items: Sequence[pytest.Item]) -> "list[_Meeting] | None":
        """None where a test fails without any mutant; then nothing can be said."""
        if not items:
            return []
        with tempfile.NamedTemporaryFile(mode="r") as told:

            def rehearse() -> bool:
                pairs = zip(items, [*items[1:], items[0]], strict=True)
                found = [_met(lambda pair=pair: self._run(pair[:1], pair[1])) for pair in pairs]
                Path(told.name).write_text(json.dumps([found, self.broken]))
                return not self.broken

            self._fork(rehearse, WALL_SECONDS_MAX * 10)
            written = told.read()
        if not written:
            raise RuntimeError("the tests did not come to their end without any mutant")
        found, self.broken = json.loads(written)
        return None if self.broken else [_Meeting(met, seconds) for met, seconds in found]

    def _try(
        self,
        mutant: Mutant,
        chosen: Sequence[int],
        items: Sequence[pytest.Item],
        known: "Sequence[_Meeting]",
    ) -> Verdict:
        def attempt() -> bool:
            try:
                plant(mutant)
            except Exception:  # noqa: BLE001  what cannot even be imported is seen at once
                return False
            return self._run([items[at] for at in chosen], items[chosen[-1] - 1])

        seconds = sum(known[at].seconds for at in chosen)
        ended = self._fork(attempt, CPU_SECONDS_LEAST + int(seconds * SLOWER_BY))
        if ended is None:
            return Verdict.TIMED_OUT
        return Verdict.SURVIVED if ended else Verdict.KILLED

    def _run(self, items: Sequence[pytest.Item], after: pytest.Item | None) -> bool:
        """Whether all pass; what the session has set up stays while `after` is still to come."""
        self._failed = False
        for item, following in zip(items, [*items[1:], after], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._failed:
                return False
        return True

    def _fork(self, run: Callable[[], bool], cpu_seconds: int) -> bool | None:
        """What `run` says in a process of its own; None: its time was over."""
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            _end(run, cpu_seconds)
        deadline = time.monotonic() + max(WALL_SECONDS_MAX, cpu_seconds)
        while True:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.WEXITSTATUS(status) == 0 if os.WIFEXITED(status) else None
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return None
            time.sleep(0.005)


@dataclass(frozen=True)
class _Meeting:
    """Which functions of the house a test came by, as path:name, and how long it took."""

    met: Sequence[str]
    seconds: float


def _chosen(mutant: Mutant, known: Sequence[_Meeting]) -> list[int]:
    """The tests that meet what was changed, the quickest first; of a constant any may know."""
    place = f"{mutant.path}:{mutant.within}"
    if mutant.within:
        met = [place in each.met for each in known]
        asked = [at for at, each in enumerate(met) if each]
    else:
        met = [any(one.startswith(place) for one in each.met) for each in known]
        asked = list(range(len(known)))
    return sorted(asked, key=lambda at: (not met[at], known[at].seconds))


def _met(run: Callable[[], object]) -> tuple[list[str], float]:
    seen: set[Any] = set()

    def note(frame: FrameType, _event: str, _argument: object) -> None:
        seen.add(frame.f_code)

    began = time.process_time()
    sys.settrace(note)
    try:
        run()
    finally:
        sys.settrace(None)
    took = time.process_time() - began
    home = f"{ROOT / 'gateway'}{os.sep}"
    places = {
        f"{Path(code.co_filename).relative_to(ROOT).as_posix()}:"
        + code.co_qualname.partition(".<locals>")[0]
        for code in seen
        if code.co_filename.startswith(home)
    }
    return sorted(places), took


def _end(run: Callable[[], bool], cpu_seconds: int) -> NoReturn:
    """Never returns into what the parent was doing."""
    status = 1
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
        status = 0 if run() else 1
    except BaseException:  # noqa: BLE001  whatever it is, it is no pass
        status = 1
    finally:
        os._exit(status)
