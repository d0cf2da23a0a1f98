"""Follow orders upstream: ask in batches, post the difference to where the books should stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from gateway import clock
from gateway.domain.brakes import Brakes
from gateway.domain.catalog import Provider
from gateway.domain.following import vanished
from gateway.domain.observations import Observation, Refused
from gateway.domain.orders import POLLED
from gateway.domain.targets import VANISHED_TIMES
from gateway.domain.wholes import Whole, from_row, from_runs
from gateway.operations import Backends
from gateway.storage import (
    braking,
    denials,
    discrepancies,
    goodwill,
    ledger,
    oddities,
    parts,
    polling,
    requests,
)
from gateway.storage.database import Connection
from gateway.storage.judging import (
    CLOSE_DAYS,
    DENIED_SECONDS_MAX,
    Judged,
    Round,
    judge,
    pace,
    soon,
)
from gateway.storage.ledger import Posting
from gateway.storage.looking import Said, look_at_parts, may_have_parts, note_children
from gateway.storage.oddities import Odd
from gateway.storage.parts import Asked, PartKey
from gateway.storage.polling import Followed
from gateway.storage.shelf import BELL
from gateway.upstream.batches import lease_seconds, one_round
from gateway.upstream.statuses import ask_statuses

ACTOR = "poll"
BATCH = 100
UNREADABLE_AGAIN_SECONDS = 60
CLOSE_BATCH = 500

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Heard:
    """The answers of one round, and what was asked about in vain."""

    said: Mapping[Asked, Observation | Refused]
    unsaid: Sequence[Asked]

    @property
    def unseen(self) -> list[int]:
        """Orders of which, or of a part of which, there is no observation."""
        refused = (asked for asked, answer in self.said.items() if isinstance(answer, Refused))
        return sorted({asked.key.order for asked in (*refused, *self.unsaid)})


async def poll(
    backends: Backends, provider: Provider, nanoseconds: Callable[[], int] = clock.nanoseconds
) -> int:
    """One look at the orders of a provider, and their parts, that are due; how many were due.

    At most a batch; after half a minute no further call begins.
    """
    # nobody else may look meanwhile; who settles later all the same finds that it was seen since
    lease = lease_seconds(provider.timeout_seconds)
    async with backends.database.transaction() as connection:
        due = await parts.due(connection, provider.name, BATCH // 2, lease)
        due |= await polling.due(connection, provider.name, BATCH - len(due), lease)
    if not due:
        return 0
    goes_on = one_round(nanoseconds)
    answers = await ask_statuses(backends.panels, provider, list(due), goes_on)
    said = {due[number]: answer for number, answer in answers.items() if number in due}
    heard = _Heard(said, [asked for asked in due.values() if asked not in said])
    brakes = backends.shelf.stock.catalog.markup.brakes
    async with backends.database.transaction() as connection:
        odd = await _settle(connection, provider, brakes, heard)
        await parts.look_later(
            connection, [asked.key for asked in heard.unsaid], UNREADABLE_AGAIN_SECONDS
        )
        orders = [asked.key.order for asked in heard.unsaid if not asked.key.part]
        await polling.look_later(connection, orders, UNREADABLE_AGAIN_SECONDS)
    for what in odd.alarms:
        log.warning("odd provider", provider=provider.name, odd=what)
    if odd.paused:
        await backends.cache.ring(BELL)
        await backends.shelf.refresh()
    return len(due)


async def close_old(backends: Backends) -> int:
    """End for good what ended thirty days ago and is explained (T17); how many."""
    async with backends.database.transaction() as connection:
        return await polling.close_old(connection, CLOSE_DAYS, CLOSE_BATCH)


async def _settle(connection: Connection, provider: Provider, brakes: Brakes, heard: _Heard) -> Odd:
    """Judge every observation under its order's lock, and post only differences (T15)."""
    overdue = await braking.overdue(connection, heard.unseen)
    if not heard.said and not overdue:
        return Odd()
    asked = {each.key.order for each in heard.said} | overdue.keys()
    locked = await polling.lock(connection, asked)
    # one that is not polled any more was closed while its provider answered
    live = {order: each for order, each in locked.items() if each.standing.state in POLLED}
    gone = [each.key for each in heard.said if each.key.order not in live]
    await parts.look_later(connection, gone, None)
    composed = [order for order, each in live.items() if may_have_parts(each.standing)]
    known = await parts.load(connection, composed)
    round_ = Round(provider, live, known, await requests.refilling(connection, live))
    said = {each.key: answer for each, answer in heard.said.items() if round_.is_new(each)}
    told = {key.order for key in said}
    observed = {key.order for key, answer in said.items() if isinstance(answer, Observation)}
    round_ = replace(round_, observed=observed)
    denied = await _denied(connection, said)
    stirred = await look_at_parts(connection, round_, said, denied)
    judged: list[Judged] = []
    for order, each in live.items():
        answer = said.get(PartKey(order))
        if order in overdue and not isinstance(answer, Observation):
            judged.append(judge(round_, each, _as_it_was(each, overdue[order])))
        elif isinstance(answer, Refused):
            await _deny(connection, round_, each, answer, denied[PartKey(order)])
        elif order in told and (whole := await _whole(connection, round_, each, answer)):
            judged.append(judge(round_, each, whole))
    judged = await braking.brake(connection, round_, brakes, judged)
    odd = await _write(connection, provider, brakes, judged)
    # what a child brought counts with its parent's next row
    await polling.look_later(connection, [each for each in stirred if PartKey(each) not in said], 0)
    return odd


async def _denied(connection: Connection, said: Said) -> Mapping[PartKey, int]:
    told = [key for key, answer in said.items() if isinstance(answer, Observation)]
    await denials.forget(connection, told)
    return await denials.count(connection, [key for key in said if key not in set(told)])


async def _deny(
    connection: Connection, round_: Round, followed: Followed, answer: Refused, times: int
) -> None:
    """A provider that does not know an order: perhaps for the moment only, so it is asked again."""
    order = followed.standing
    found = vanished(answer, followed.age, times)
    await discrepancies.record(connection, round_.provider.name, order.id, found)
    seconds = pace(round_, followed, order.state)
    if times < VANISHED_TIMES:
        seconds = soon(round_, seconds, DENIED_SECONDS_MAX)
    await polling.look_later(connection, [order.id], seconds)


async def _whole(
    connection: Connection, round_: Round, followed: Followed, row: Observation | None
) -> Whole | None:
    """What is known of an order by now; None when nothing was said of it."""
    order = followed.standing
    if row is not None:
        foreign = await note_children(connection, round_, followed, row)
        whole = from_row(order, round_.known(order.id), row)
        return replace(whole, findings=(*whole.findings, *foreign))
    if not order.self_run:
        return None
    runs = round_.known(order.id)
    return from_runs(order, runs, more=followed.more, unproven=followed.unproven)


def _as_it_was(followed: Followed, seen: Observation) -> Whole:
    """By the last word of a provider who says no other, though a refund waits for it."""
    order = followed.standing
    left = order.quantity if seen.remains is None else seen.remains
    delivered = order.quantity - left if may_have_parts(order) else order.delivered
    return Whole(seen, order.parts, delivered, seen.word)


async def _write(
    connection: Connection, provider: Provider, brakes: Brakes, judged: Sequence[Judged]
) -> Odd:
    if not judged:
        return Odd()
    for each in judged:
        await discrepancies.record(connection, provider.name, each.seen.order, each.findings)
    await polling.save(connection, [each.seen for each in judged])
    await discrepancies.clear(connection, {each.seen.order: each.still for each in judged})
    await requests.seen(connection, [each.turn for each in judged])
    postings = [Posting(entry, each.seen.order) for each in judged for entry in each.booked.entries]
    postings += await goodwill.replaced(connection, judged)
    await ledger.post(connection, postings, actor=ACTOR)
    return await oddities.heed(connection, provider, brakes, judged)
