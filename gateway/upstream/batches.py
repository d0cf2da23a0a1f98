"""Asking about many ids: in batches, and in halves where a whole batch is refused (3.3, S5)."""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from gateway.domain.observations import Refused, Unclear
from gateway.domain.refusals import Code
from gateway.upstream.limits import NANOSECONDS

ROUND_SECONDS = 30
SETTLING_SECONDS = 20

T = TypeVar("T")

# what is said of the call and not of its ids
OF_THE_CALL = frozenset(
    {
        *(Code.BAD_KEY, Code.KEY_SCOPE, Code.BAD_ACTION, Code.NOT_POST),
        *(Code.RATE_LIMIT, Code.MAINTENANCE),
    }
)


def lease_seconds(timeout_seconds: int) -> int:
    """For how long what one round asks about is nobody else's: until its last call is settled."""
    return ROUND_SECONDS + timeout_seconds + SETTLING_SECONDS


def one_round(nanoseconds: Callable[[], int]) -> Callable[[], bool]:
    """Whether a call may still begin: for half a minute from now."""
    until = nanoseconds() + ROUND_SECONDS * NANOSECONDS
    return lambda: nanoseconds() < until


async def ask_each(
    ask: Callable[[Sequence[str]], Awaitable[Mapping[str, T | Refused] | Refused | Unclear]],
    ids: Sequence[str],
    batch_max: int,
    goes_on: Callable[[], bool],
) -> dict[str, T | Refused | Unclear]:
    """What is said of each id. One of which nothing was said is absent.

    After an answer to the whole call that no other batch would change, the rest is not asked; nor
    is it when, after the first call, it does not go on.
    """
    unique, step = list(dict.fromkeys(ids)), max(batch_max, 1)
    waiting = deque(unique[at : at + step] for at in range(0, len(unique), step))
    found: dict[str, T | Refused | Unclear] = {}
    more = True
    while waiting and more:
        batch = waiting.popleft()
        answer = await ask(batch)
        more = goes_on()
        if isinstance(answer, Mapping):
            found.update(answer)
            continue
        of_the_call = isinstance(answer, Unclear) or answer.code in OF_THE_CALL
        if of_the_call or len(batch) == 1:
            found.update(dict.fromkeys(batch, answer))
        else:
            half = len(batch) // 2
            waiting.extend((batch[:half], batch[half:]))
        more = more and not of_the_call
    return found
