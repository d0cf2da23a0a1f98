"""Ask providers how refills go, where they can tell (protocol.md 6.2)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from gateway import clock
from gateway.dialects.book import spoken_by
from gateway.dialects.spelling import Action
from gateway.domain.catalog import Provider
from gateway.domain.following import pace_seconds
from gateway.domain.observations import RefillSeen, Refused, Unclear
from gateway.domain.refusals import Code
from gateway.domain.requests import NOT_FOUND_GRACE, RequestState, Step, followed
from gateway.operations import Backends
from gateway.storage import forwarding, unseen
from gateway.storage.forwarding import DueRefill
from gateway.upstream.batches import ask_each, lease_seconds, one_round
from gateway.upstream.panels import KeyMissing

ACTION = "refill_status"
BATCH = 100
PACE_SECONDS_MAX = 300

Answers = Mapping[str, RefillSeen | Refused | Unclear]


async def follow(
    backends: Backends, provider: Provider, nanoseconds: Callable[[], int] = clock.nanoseconds
) -> int:
    """Ask after a provider's refills that are due, at most a batch; how many were due.

    Of a refill that he no longer knows, or cannot tell of, the order tells from now on.
    """
    lease = lease_seconds(provider.timeout_seconds)
    async with backends.database.transaction() as connection:
        due = await forwarding.due_refills(connection, provider.name, BATCH, lease)
        if due and not spoken_by(provider).refill_status_usable:
            await forwarding.follow_by_order(connection, [each.id for each in due])
            return len(due)
    if due:
        answers = await _ask(backends, provider, due, one_round(nanoseconds))
        await _settle(backends, provider, due, answers)
    return len(due)


async def _ask(
    backends: Backends, provider: Provider, due: Sequence[DueRefill], goes_on: Callable[[], bool]
) -> Answers:
    refills = [each.refill for each in due]
    try:
        panel = backends.panels.of(provider)
    except KeyMissing as error:
        return dict.fromkeys(refills, Unclear(str(error)))
    most = spoken_by(provider).batch_max(Action.REFILL_STATUS)
    return await ask_each(panel.refill_status, refills, most, goes_on)


async def _settle(
    backends: Backends, provider: Provider, due: Sequence[DueRefill], answers: Answers
) -> None:
    steps: list[tuple[int, RequestState, Step]] = []
    lost: list[int] = []
    async with backends.database.transaction() as connection:
        for each in due:
            answer = answers.get(each.refill)
            steps.append((each.id, each.state, followed(each.state, answer, _wait(provider, each))))
            if _is_lost(each, answer):
                lost.append(each.id)
        await forwarding.save(connection, steps)
        await forwarding.follow_by_order(connection, lost)
        for _, _, step in steps:
            if step.unseen:
                await unseen.note(connection, provider.name, ACTION, step.unseen)


def _is_lost(due: DueRefill, answer: RefillSeen | Refused | Unclear | None) -> bool:
    """Whether a provider does not know a refill, though he had the time to write it down."""
    unknown = isinstance(answer, Refused) and answer.code is Code.REFILL_NOT_FOUND
    return unknown and due.sent_for >= NOT_FOUND_GRACE


def _wait(provider: Provider, due: DueRefill) -> timedelta:
    pace = pace_seconds(provider.poll_seconds, due.sent_for, None)
    return timedelta(seconds=min(pace, max(provider.poll_seconds, PACE_SECONDS_MAX)))
