"""Follow orders upstream: ask in batches, post the difference to where the books should stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic_ns

from gateway.dialects.book import spoken_by
from gateway.dialects.spelling import Action
from gateway.domain.catalog import Provider
from gateway.domain.following import (
    Booking,
    booking,
    pace_seconds,
    spelled,
    standing_still,
    vanished,
    worth_keeping,
)
from gateway.domain.observations import Observation, Refused, Unclear
from gateway.domain.orders import POLLED, State
from gateway.domain.parts import Part, look
from gateway.domain.refusals import Code
from gateway.domain.targets import Class, Finding
from gateway.domain.wholes import Whole, from_row, from_runs
from gateway.operations import Backends
from gateway.storage import discrepancies, ledger, parts, polling, requests
from gateway.storage.database import Connection
from gateway.storage.ledger import Posting
from gateway.storage.parts import Known, Looked, PartKey
from gateway.storage.polling import Followed, Seen
from gateway.storage.requests import Turn
from gateway.upstream.batches import ask_each, lease_seconds, one_round
from gateway.upstream.panels import KeyMissing

ACTOR = "poll"
BATCH = 100
UNREADABLE_AGAIN_SECONDS = 60
REFILLING_SECONDS_MAX = 300
CLOSE_DAYS = 30
CLOSE_BATCH = 500

_LESS_MAY_HELP = frozenset({Code.ORDER_NOT_FOUND, Code.TOO_MANY_IDS, Code.TOO_LARGE})

Said = Mapping[PartKey, Observation | Refused]


@dataclass(frozen=True, slots=True)
class _Round:
    """What one settling works with: locked orders, their parts, since when a refill is open."""

    provider: Provider
    followed: Mapping[int, Followed]
    parts: dict[int, dict[int, Known]]
    refilling: Mapping[int, timedelta]

    def known(self, order: int) -> list[Part]:
        """The parts of an order, as they were seen last."""
        return [each.part for _, each in sorted(self.parts.get(order, {}).items())]


@dataclass(frozen=True, slots=True)
class _Judged:
    """An order after a look, what is booked for it, and all that is odd about it."""

    followed: Followed
    seen: Seen
    booked: Booking
    findings: tuple[Finding, ...]


async def poll(
    backends: Backends, provider: Provider, nanoseconds: Callable[[], int] = monotonic_ns
) -> int:
    """One look at the orders of a provider, and their parts, that are due; how many were due.

    At most a batch; after half a minute no further call begins.
    """
    # nobody else may look meanwhile, so that an older answer never comes after a newer one
    lease = lease_seconds(provider.timeout_seconds)
    async with backends.database.transaction() as connection:
        due = await parts.due(connection, provider.name, BATCH // 2, lease)
        due |= await polling.due(connection, provider.name, BATCH - len(due), lease)
    if not due:
        return 0
    answers = await _ask(backends, provider, list(due), one_round(nanoseconds))
    said = {due[number]: answer for number, answer in answers.items() if number in due}
    unsaid = [key for key in due.values() if key not in said]
    async with backends.database.transaction() as connection:
        await _settle(connection, provider, said)
        await parts.look_later(connection, unsaid, UNREADABLE_AGAIN_SECONDS)
        orders = [key.order for key in unsaid if not key.part]
        await polling.look_later(connection, orders, UNREADABLE_AGAIN_SECONDS)
    return len(due)


async def close_old(backends: Backends) -> int:
    """End for good what ended thirty days ago and is explained (T17); how many."""
    async with backends.database.transaction() as connection:
        return await polling.close_old(connection, CLOSE_DAYS, CLOSE_BATCH)


async def _ask(
    backends: Backends, provider: Provider, numbers: Sequence[str], goes_on: Callable[[], bool]
) -> dict[str, Observation | Refused]:
    """What is said of single orders; what is said of a whole call is said of none of them."""
    said: dict[str, Observation | Refused] = {}
    try:
        panel = backends.panels.of(provider)
    except KeyMissing:
        return said

    async def ask(batch: Sequence[str]) -> Mapping[str, Observation | Refused] | Refused | Unclear:
        answer = await panel.status(batch)
        if isinstance(answer, Mapping):
            said.update(answer)
        elif isinstance(answer, Refused) and answer.code not in _LESS_MAY_HELP:
            return Unclear(answer.text)  # the halves of the batch would hear the same
        return answer

    await ask_each(ask, numbers, spoken_by(provider).batch_max(Action.STATUS), goes_on)
    return said


async def _settle(connection: Connection, provider: Provider, said: Said) -> None:
    """Judge every observation under its order's lock, and post only differences (T15)."""
    if not said:
        return
    locked = await polling.lock(connection, {key.order for key in said})
    # one that is not polled any more was closed while its provider answered
    live = {order: each for order, each in locked.items() if each.standing.state in POLLED}
    await parts.look_later(connection, [key for key in said if key.order not in live], None)
    composed = [order for order, each in live.items() if _composed(each)]
    known = await parts.load(connection, composed)
    round_ = _Round(provider, live, known, await requests.refilling(connection, live))
    stirred = await _look_at_parts(connection, round_, said)
    judged: list[_Judged] = []
    for order, each in live.items():
        answer = said.get(PartKey(order))
        if isinstance(answer, Refused):
            found = vanished(answer, each.age)
            await discrepancies.record(connection, provider.name, order, found)
            await polling.look_later(connection, [order], _pace(round_, each, each.standing.state))
        elif answer is not None:
            foreign = await _note_children(connection, round_, each, answer)
            whole = from_row(each.standing, round_.known(order), answer)
            judged.append(
                _judge(round_, each, replace(whole, findings=(*whole.findings, *foreign)))
            )
        elif each.standing.self_run:
            runs = round_.known(order)
            whole = from_runs(each.standing, runs, more=each.more, unproven=each.unproven)
            judged.append(_judge(round_, each, whole))
    await _write(connection, provider, judged)
    # what a child brought counts with its parent's next row
    await polling.look_later(connection, [each for each in stirred if PartKey(each) not in said], 0)


def _composed(followed: Followed) -> bool:
    """Whether it can have parts."""
    return followed.standing.runs is not None or followed.standing.subscribes


async def _look_at_parts(connection: Connection, round_: _Round, said: Said) -> set[int]:
    """Write down what was said of parts; the orders to which it matters."""
    looked: list[Looked] = []
    stirred: set[int] = set()
    for key, answer in said.items():
        known = round_.parts.get(key.order, {}).get(key.part)
        if known is None:
            continue
        order = round_.followed[key.order].standing
        after = look(order, known.part, answer, equal_for=known.equal_for, age=known.age)
        round_.parts[key.order][key.part] = replace(known, part=after.part)
        if after.matters:
            stirred.add(key.order)
        looked.append(
            Looked(key, after.part, after.same, _pace_of_part(round_, key, known, after.part))
        )
    await parts.save(connection, looked)
    return stirred


async def _note_children(
    connection: Connection, round_: _Round, followed: Followed, row: Observation
) -> tuple[Finding, ...]:
    """Children that a provider names for the first time are looked at from now on.

    Those that are not the order's are found again as long as they are named.
    """
    order = followed.standing
    if not row.children or not _composed(followed):
        return ()
    quantity = None if order.subscribes else followed.run_quantity
    provider = round_.provider.name
    foreign = await parts.name(connection, order.id, provider, row.children, quantity)
    round_.parts.update(await parts.load(connection, [order.id]))
    return tuple(
        Finding(Class.FOREIGN, f"child {number} is known already, of order {owner}")
        for number, owner in foreign.items()
        if owner != order.id
    )


def _judge(round_: _Round, followed: Followed, whole: Whole) -> _Judged:
    before, seen = followed.standing, whole.seen
    booked = standing_still(before)
    if seen is not None:
        key, same = f"seen:{followed.seen + 1}", followed.seen_as == spelled(seen)
        equal_for = followed.equal_for if same else timedelta()
        booked = booking(
            before, followed.terms, followed.customer, seen, key=key, equal_for=equal_for
        )
    findings = (*booked.findings, *whole.findings)
    if before.id in round_.refilling and booked.state is State.ACTIVE:
        findings = tuple(each for each in findings if each.kind is not Class.BACKWARDS)
    row = Seen(
        order=before.id,
        before=before.state,
        state=booked.state,
        progress=booked.progress,
        charged_quantity=booked.charged_quantity,
        cost_booked=booked.cost_booked,
        seen=followed.seen + 1,
        seen_as=spelled(seen) if seen else followed.seen_as,
        seen_word=whole.word,
        start_count=seen.start_count if seen else None,
        remains=worth_keeping(before.quantity, seen) if seen else None,
        delivered=whole.delivered,
        parts=whole.started,
        poll_seconds=_pace(round_, followed, booked.state),
        evidence=_evidence(seen) if seen else None,
    )
    return _Judged(followed, row, booked, findings)


async def _write(connection: Connection, provider: Provider, judged: Sequence[_Judged]) -> None:
    if not judged:
        return
    for each in judged:
        await discrepancies.record(connection, provider.name, each.seen.order, each.findings)
    await polling.save(connection, [each.seen for each in judged])
    await discrepancies.clear(connection, {each.seen.order: _still(each) for each in judged})
    await requests.seen(connection, [_turn(each) for each in judged])
    postings = [Posting(entry, each.seen.order) for each in judged for entry in each.booked.entries]
    await ledger.post(connection, postings, actor=ACTOR)


def _still(judged: _Judged) -> tuple[Finding, ...]:
    """What stays open: an id that a provider gave twice for a run is not explained by others."""
    if judged.followed.unproven is None:
        return judged.findings
    return (*judged.findings, Finding(Class.FOREIGN, ""))


def _turn(judged: _Judged) -> Turn:
    before, after = judged.followed.standing, judged.booked
    refunded = after.charged_quantity < before.charged_quantity
    return Turn(before.id, before.state, after.state, refunded=refunded)


def _pace(round_: _Round, followed: Followed, now: State) -> int:
    before = followed.standing.state
    ended_for = None
    if now is not State.ACTIVE:
        ended_for = followed.ended_for if now is before else timedelta()
    seconds = pace_seconds(round_.provider.poll_seconds, followed.age, ended_for)
    return _quick(round_, followed.standing.id, seconds)


def _pace_of_part(round_: _Round, key: PartKey, known: Known, now: Part) -> int | None:
    ended_for = None
    if now.ended:
        ended_for = known.ended_for or timedelta()
        if ended_for > timedelta(days=CLOSE_DAYS) and key.order not in round_.refilling:
            return None
    seconds = pace_seconds(round_.provider.poll_seconds, known.age, ended_for)
    return _quick(round_, key.order, seconds)


def _quick(round_: _Round, order: int, seconds: int) -> int:
    """While a refill is open its order tells how it goes, and is looked at like a new one."""
    if (open_for := round_.refilling.get(order)) is None:
        return seconds
    poll_seconds = round_.provider.poll_seconds
    pace = min(pace_seconds(poll_seconds, open_for, None), REFILLING_SECONDS_MAX)
    return min(seconds, max(poll_seconds, pace))


def _evidence(seen: Observation) -> dict[str, str | int | None]:
    return {
        "status": seen.word or seen.raw_word,
        "charge": None if seen.charge is None else str(seen.charge),
        "remains": seen.remains,
        "currency": seen.currency,
    }
