"""`make mutants`: how many small wrongs in the money code and the customers' filters are noticed.

Without arguments all of them, else those whose path contains one. Ends with 1 where less
than 85 % of the mutants are killed, in the money code or among the filters.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from tests.mutation import mutants
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.filters import FILTERS, TESTS, WHOLE
from tests.mutation.mutants import ROOT, Mutant
from tests.mutation.trial import Batch, Trial, Verdict

KILLED_PERCENT_LEAST = 85
MONEY = (
    "accepting",
    "brakes",
    "breaker",
    "closing",
    "equation",
    "equation_classes",
    "evidence",
    "following",
    "groups",
    "judging",
    "lanes",
    "money",
    "orders",
    "outcomes",
    "owners",
    "parts",
    "postings",
    "pricing",
    "provider_statements",
    "pursuit",
    "second",
    "sending",
    "statements",
    "tallies",
    "targets",
    "wholes",
)


class Tally:
    """Verdicts by file, told as they come."""

    def __init__(self) -> None:
        self.by_file: dict[str, Counter[Verdict | None]] = {}
        self.unmet = set(EQUIVALENT)

    def tell(self, mutant: Mutant, verdict: Verdict) -> None:
        """None counts what is equivalent: nobody can kill it."""
        spelled = (mutant.path, mutant.was, mutant.now)
        known = spelled in EQUIVALENT
        self.unmet.discard(spelled)
        counted = None if known and verdict is Verdict.SURVIVED else verdict
        if mutant.path not in self.by_file:
            _say(f"{mutant.path} ...")
        self.by_file.setdefault(mutant.path, Counter())[counted] += 1
        if counted is Verdict.SURVIVED:
            _say(str(mutant))

    def percent(self) -> int:
        """How many of a hundred that could be killed were, rounded down."""
        counts = sum(self.by_file.values(), Counter[Verdict | None]())
        tried = counts.total() - counts[None]
        return 100 * (tried - counts[Verdict.SURVIVED]) // tried if tried else 100

    def table(self) -> None:
        """A line a file."""
        _say(f"{'':36}{'killed':>8}{'timed out':>11}{'survived':>10}{'equivalent':>12}{'share':>8}")
        for path, counts in sorted(self.by_file.items()):
            _say(_row(path, counts))
        _say(_row("together", sum(self.by_file.values(), Counter[Verdict | None]())))
        for path, was, now in sorted(self.unmet):
            if path in self.by_file:
                _say(f"said to be equivalent, and no mutant any more: {path}: {was} -> {now}")


def _row(title: str, counts: Counter[Verdict | None]) -> str:
    killed, late, survived = (
        counts[each] for each in (Verdict.KILLED, Verdict.TIMED_OUT, Verdict.SURVIVED)
    )
    share = 100 * (killed + late) / max(1, killed + late + survived)
    return f"{title:36}{killed:8}{late:11}{survived:10}{counts[None]:12}{share:7.1f}%"


def main(only: Sequence[str]) -> int:
    """0 where enough was killed."""
    if not any(_asked(path, only) for path in (*_paths(), *WHOLE, *(each[0] for each in FILTERS))):
        _say(f"no file that is mutated has {' or '.join(only)} in its path")
        return 1
    good = [_money(only), _filters(only)]
    return 0 if all(good) else 1


def _money(only: Sequence[str]) -> bool:
    there = [path for path in _paths() if _asked(path, only)]
    tests = {path: _tests_of(path) for path in there}
    batches = ((mutants.of(path), tests[path]) for path in there)
    every = {each for files in tests.values() for each in files}
    return _tried("the money code", batches, sorted(every), warm=False)


def _paths() -> list[str]:
    return [f"gateway/domain/{name}.py" for name in MONEY]


def _asked(path: str, only: Sequence[str]) -> bool:
    return not only or any(part in path for part in only)


def _tests_of(path: str) -> list[str]:
    """What mirrors a file of the house, with its aspects."""
    files = (ROOT / "tests/domain").glob(f"test_{Path(path).stem}*.py")
    return sorted(file.relative_to(ROOT).as_posix() for file in files)


def _filters(only: Sequence[str]) -> bool:
    by_hand = [mutants.planted(*each) for each in FILTERS if _asked(each[0], only)]
    by_rule = [mutant for path in WHOLE if _asked(path, only) for mutant in mutants.of(path)]
    found = [*by_hand, *by_rule]
    tests = TESTS if found else ()
    return _tried("the customers' filters", [(found, TESTS)], tests, warm=True)


def _tried(title: str, batches: Iterable[Batch], tests: Sequence[str], *, warm: bool) -> bool:
    if not tests:
        return True
    began, tally = time.monotonic(), Tally()
    trial = Trial(batches, tally.tell, warm=warm)
    ended = pytest.main(["-q", "-s", "--tb=no", "--assert=plain", *tests], plugins=[trial])
    if ended in (
        pytest.ExitCode.INTERRUPTED,
        pytest.ExitCode.INTERNAL_ERROR,
        pytest.ExitCode.USAGE_ERROR,
    ):
        return False
    if trial.broken:
        _say(f"without any mutant these fail: {', '.join(trial.broken[:5])}")
        return False
    tally.table()
    _say(f"{title}: {tally.percent()} % killed in {time.monotonic() - began:.0f} s")
    return tally.percent() >= KILLED_PERCENT_LEAST


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
