"""Failpoints: what can go wrong before and after every crossing of a boundary (money.md 8).

They stand at the boundary itself: the transaction, the cache, the wire, the spill file. So none can
be forgotten, and operations read as if there were none. Nothing is armed unless GATEWAY_FAILPOINT
or a campaign says so, and then a crossing costs a look at one name.
"""

import asyncio
import atexit
import inspect
import os
import re
import signal
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from types import FrameType
from typing import TypeVar

T = TypeVar("T")

COUNT = "count"
EXIT_CODE = 86
DELAY_SECONDS_MAX = 3_600
_SPELLING = (
    "a failpoint is OPERATION:BOUNDARY:before|after=ACTION[@PASSAGE], for example "
    "dispatch.settle:database.commit:before=kill@3; * stands for anything; the actions are error, "
    f"delay:SECONDS, exit and kill; several are parted by commas; `{COUNT}` alone lists passages"
)
_RULE = re.compile(
    r"(?P<name>[\w.*]+:[a-z.*]+:(?:before|after|\*))=(?P<action>error|exit|kill|delay:"
    r"(?P<seconds>[0-9]{1,4}(?:\.[0-9]{1,3})?))(?:@(?P<passage>[1-9][0-9]{0,8}))?",
    re.ASCII,
)
_OPERATIONS = "gateway.operations."
_HOUSE = "gateway."


class Misspelled(ValueError):  # noqa: N818  told to whoever spelled it
    """What was given is no failpoint; the text says how one is spelled."""


class Injected(ConnectionError):  # noqa: N818  not an error of ours
    """A failpoint's `error`: the crossing failed as a connection does that breaks."""


class Side(StrEnum):
    """On which side of a crossing."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done at the failpoints whose name fits: at their n-th passage, or at every one."""

    name: str
    action: str
    delay_milliseconds: int = 0
    passage: int | None = None


class Armed:
    """The failpoints of this process while any are armed or counted."""

    def __init__(self, rules: tuple[Rule, ...], seen: Callable[[str], None] | None) -> None:
        self.passages: Counter[str] = Counter()
        self._rules = rules
        self._met: Counter[Rule] = Counter()
        self._seen = seen

    async def pass_by(self, boundary: str, side: Side) -> None:
        """Note a passage and do what is armed there. Raises `Injected`."""
        if milliseconds := self.met(boundary, side):
            await asyncio.sleep(milliseconds / 1_000)

    def met(self, boundary: str, side: Side) -> int:
        """The same, but for the delay: for how many milliseconds to wait there."""
        name = f"{_operation(inspect.currentframe())}:{boundary}:{side}"
        self.passages[name] += 1
        if self._seen and self.passages[name] == 1:
            self._seen(name)
        milliseconds = 0
        for rule in self._rules:
            if fnmatchcase(name, rule.name):
                self._met[rule] += 1
                if rule.passage in (None, self._met[rule]):
                    milliseconds += _do(rule, name)
        return milliseconds


class _Nothing:
    """An await that neither waits nor costs."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, None]:
        return
        yield


_NOTHING = _Nothing()
_NOWHERE = nullcontext()
_armed: Armed | None = None


def arm(spelled: str, seen: Callable[[str], None] | None = None) -> None:
    """Arm what is spelled, in place of what was; an empty text arms nothing. Raises `Misspelled`.

    `seen` is called with each failpoint's name when it is passed for the first time.
    """
    global _armed
    rules = _rules(spelled)
    _armed = Armed(rules, seen) if spelled or seen else None
    if spelled == COUNT:
        atexit.register(_tell)


def passages() -> dict[str, int]:
    """How often each failpoint was passed since they were armed, by name."""
    return dict(sorted(_armed.passages.items())) if _armed else {}


def crossing(boundary: str, call: Awaitable[T]) -> Awaitable[T]:
    """A call over a boundary, `database.commit` or the like, between its two failpoints."""
    return call if _armed is None else _cross(_armed, boundary, call)


def passing(boundary: str, side: Side) -> Awaitable[None]:
    """One failpoint alone, where the crossing is not one call."""
    return _NOTHING if _armed is None else _armed.pass_by(boundary, side)


def across(boundary: str) -> AbstractContextManager[None]:
    """The block that crosses a boundary, between its two failpoints, where nothing may await."""
    return _NOWHERE if _armed is None else _across(_armed, boundary)


@contextmanager
def _across(armed: Armed, boundary: str) -> Generator[None]:
    # an event that nobody sets: in a thread that may wait, as its file may
    never = threading.Event()
    never.wait(armed.met(boundary, Side.BEFORE) / 1_000)
    yield
    never.wait(armed.met(boundary, Side.AFTER) / 1_000)


async def _cross(armed: Armed, boundary: str, call: Awaitable[T]) -> T:
    try:
        await armed.pass_by(boundary, Side.BEFORE)
    except BaseException:
        if isinstance(call, Coroutine):
            call.close()
        raise
    done = await call
    await armed.pass_by(boundary, Side.AFTER)
    return done


def _do(rule: Rule, name: str) -> int:
    if rule.action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif rule.action == "exit":
        os._exit(EXIT_CODE)
    elif rule.action == "error":
        raise Injected(f"the failpoint {name}")
    return rule.delay_milliseconds


def _operation(frame: FrameType | None) -> str:
    """Who crosses: the nearest function of an operation, else the nearest behind the boundary."""
    behind, nearest, boundary = "", "", ""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(_OPERATIONS):
            return _spelled(module, frame)
        if not behind and module.startswith(_HOUSE) and module != __name__:
            boundary = boundary or module
            nearest = nearest or _spelled(module, frame)
            behind = _spelled(module, frame) if module != boundary else ""
        frame = frame.f_back
    return behind or nearest


def _spelled(module: str, frame: FrameType) -> str:
    """`dispatch.claim`; where function and module are namesakes the name stands once."""
    last = module.rpartition(".")[2]
    function = frame.f_code.co_qualname.partition(".<")[0].replace("._", ".").lstrip("_")
    return last if function == last else f"{last}.{function}"


def _rules(spelled: str) -> tuple[Rule, ...]:
    if spelled in ("", COUNT):
        return ()
    return tuple(_rule(each.strip()) for each in spelled.split(","))


def _rule(spelled: str) -> Rule:
    found = _RULE.fullmatch(spelled)
    if found is None:
        raise Misspelled(f"{spelled!r} is no failpoint: {_SPELLING}")
    seconds = Decimal(found["seconds"] or 0)
    if seconds > DELAY_SECONDS_MAX:
        raise Misspelled(f"{spelled!r} waits longer than {DELAY_SECONDS_MAX} seconds")
    return Rule(
        found["name"],
        found["action"].partition(":")[0],
        int(seconds * 1_000),
        int(found["passage"]) if found["passage"] else None,
    )


def _tell() -> None:
    for name, count in passages().items():
        sys.stderr.write(f"{count:8} {name}\n")
