"""Ask providers for the refills and cancels that customers asked for (protocol.md 6.2).

Asking again is harmless, so what is not answered plainly is asked again, at a slower pace.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from gateway import clock
from gateway.dialects.book import spoken_by
from gateway.dialects.dialect import Dialect
from gateway.dialects.spelling import Action
from gateway.domain.catalog import Provider
from gateway.domain.observations import Refused, Taken, Unclear
from gateway.domain.requests import Kind, RequestState, Step, forwarded
from gateway.operations import Backends
from gateway.storage import forwarding, unseen
from gateway.storage.forwarding import Due
from gateway.upstream.batches import ask_each, lease_seconds, one_round
from gateway.upstream.panels import KeyMissing

BATCH = 100
_ACTION = {Kind.REFILL: Action.REFILL, Kind.CANCEL: Action.CANCEL}
_BEST_FIRST = (RequestState.SENT, RequestState.ASKED, RequestState.REJECTED)

Answers = Mapping[str, Taken | Refused | Unclear]


async def forward(
    backends: Backends, provider: Provider, nanoseconds: Callable[[], int] = clock.nanoseconds
) -> int:
    """Ask a provider for what is due, at most a batch of requests; how many were due.

    After half a minute no further call begins, and what was not asked is due again at once.
    """
    lease = lease_seconds(provider.timeout_seconds)
    async with backends.database.transaction() as connection:
        due = await forwarding.due(connection, provider.name, BATCH, lease)
    goes_on = one_round(nanoseconds)
    groups = _groups(due, spoken_by(provider)) if due else []
    while groups and goes_on():
        group = groups.pop(0)
        answers = await _ask(backends, provider, group, goes_on)
        await _settle(backends, provider, group, answers)
    if groups:
        async with backends.database.transaction() as connection:
            await forwarding.give_back(connection, [each.id for group in groups for each in group])
    return len(due)


def _groups(due: Sequence[Due], dialect: Dialect) -> list[list[Due]]:
    """Requests of one kind that one call can hold; one that is too much by itself stands alone."""
    groups: list[list[Due]] = []
    for kind, action in _ACTION.items():
        room = 0
        for each in due:
            if each.kind is not kind:
                continue
            if not groups or groups[-1][0].kind is not kind or len(each.ids) > room:
                groups.append([])
                room = dialect.batch_max(action)
            groups[-1].append(each)
            room -= len(each.ids)
    return groups


async def _ask(
    backends: Backends, provider: Provider, group: Sequence[Due], goes_on: Callable[[], bool]
) -> Answers:
    kind = group[0].kind
    ids = [number for each in group for number in each.ids]
    try:
        panel = backends.panels.of(provider)
    except KeyMissing as error:
        return dict.fromkeys(ids, Unclear(str(error)))
    ask = panel.refill if kind is Kind.REFILL else panel.cancel
    return await ask_each(ask, ids, spoken_by(provider).batch_max(_ACTION[kind]), goes_on)


async def _settle(
    backends: Backends, provider: Provider, group: Sequence[Due], answers: Answers
) -> None:
    by_id = spoken_by(provider).refill_status_usable
    steps = {each.id: _step(each, answers, provider, by_id=by_id) for each in group}
    async with backends.database.transaction() as connection:
        await forwarding.lock_orders(connection, [each.order for each in group])
        written = await forwarding.save(
            connection, [(request, RequestState.ASKED, step) for request, step in steps.items()]
        )
        taken = [
            each.order
            for each in group
            if each.id in written and steps[each.id].state is RequestState.SENT
        ]
        await forwarding.look_soon(connection, taken, provider.poll_seconds)
        for each in group:
            if sentence := steps[each.id].unseen:
                await unseen.note(connection, provider.name, each.kind, sentence)


def _step(due: Due, answers: Answers, provider: Provider, *, by_id: bool) -> Step:
    """What follows for one request; where runs stand behind it, from the best of their answers."""
    steps = [
        forwarded(due.kind, answers.get(number), due.tries, due.order_age) for number in due.ids
    ]
    if not steps:
        return Step(RequestState.SENT, note="nothing of it is under way")
    best = min(steps, key=lambda step: _BEST_FIRST.index(step.state))
    if best.state is not RequestState.SENT:
        return best
    named = by_id and due.kind is Kind.REFILL and len(due.ids) == 1
    request = best.request if named and best.request not in due.ids else None
    return replace(best, request=request, wait=timedelta(seconds=provider.poll_seconds))
