"""Follow orders upstream: ask in batches, post the difference to where the books should stand."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from gateway.domain.catalog import Provider
from gateway.domain.following import Booking, booking, pace_seconds
from gateway.domain.observations import Observation, Refused, Unclear
from gateway.domain.orders import END_OF, POLLED, State
from gateway.domain.refusals import Code
from gateway.domain.targets import Class, Finding
from gateway.operations import Backends
from gateway.storage import discrepancies, ledger, polling
from gateway.storage.ledger import Posting
from gateway.storage.polling import Followed, Seen
from gateway.upstream.panels import KeyMissing

ACTOR = "poll"
BATCH = 100
SETTLING_SECONDS = 20
UNREADABLE_AGAIN_SECONDS = 60
VANISHED_GRACE = timedelta(minutes=60)
CLOSE_DAYS = 30
CLOSE_BATCH = 500


async def poll(backends: Backends, provider: Provider) -> int:
    """One look at the orders of a provider that are due, at most a batch; how many were due."""
    async with backends.database.transaction() as connection:
        # nobody else may look meanwhile, so that an older answer never comes after a newer one
        lease = provider.timeout_seconds + SETTLING_SECONDS
        due = await polling.due(connection, provider.name, BATCH, lease)
    if not due:
        return 0
    try:
        answer = await backends.panels.of(provider).status(list(due))
    except KeyMissing as error:
        answer = Unclear(str(error))
    if isinstance(answer, (Refused, Unclear)):
        async with backends.database.transaction() as connection:
            await polling.look_later(connection, list(due.values()), UNREADABLE_AGAIN_SECONDS)
        return len(due)
    seen = {due[number]: each for number, each in answer.items() if number in due}
    await _settle(backends, provider, seen)
    return len(due)


async def close_old(backends: Backends) -> int:
    """End for good what ended thirty days ago and is explained (T17); how many."""
    async with backends.database.transaction() as connection:
        return await polling.close_old(connection, CLOSE_DAYS, CLOSE_BATCH)


async def _settle(
    backends: Backends, provider: Provider, seen: Mapping[int, Observation | Refused]
) -> None:
    """Judge every observation under its order's lock, and post only differences (T15)."""
    saved: list[Seen] = []
    postings: list[Posting] = []
    observed: dict[int, Sequence[Finding]] = {}
    async with backends.database.transaction() as connection:
        for order, followed in (await polling.lock(connection, list(seen))).items():
            answer = seen[order]
            if followed.standing.state not in POLLED:
                continue  # it was closed while its provider answered
            if isinstance(answer, Refused):
                found = _vanished(followed, answer)
                await discrepancies.record(connection, provider.name, order, found)
                await polling.look_later(connection, [order], _pace(provider, followed))
                continue
            booked = booking(
                followed.standing,
                followed.terms,
                followed.customer,
                answer,
                key=f"seen:{followed.seen + 1}",
                equal_for=_equal_for(followed, answer),
            )
            saved.append(_saved(provider, followed, answer, booked))
            postings += [Posting(entry, order) for entry in booked.entries]
            observed[order] = booked.findings
            await discrepancies.record(connection, provider.name, order, booked.findings)
        if saved:
            await polling.save(connection, saved)
            await discrepancies.clear(connection, observed)
        await ledger.post(connection, postings, actor=ACTOR)


def _saved(provider: Provider, followed: Followed, seen: Observation, booked: Booking) -> Seen:
    before = followed.standing
    return Seen(
        order=before.id,
        before=before.state,
        state=booked.state,
        progress=booked.progress,
        charged_quantity=booked.charged_quantity,
        cost_booked=booked.cost_booked,
        seen=followed.seen + 1,
        seen_as=_spell(seen),
        start_count=seen.start_count,
        remains=seen.remains if seen.word in END_OF else _while_running(before.quantity, seen),
        poll_seconds=_pace(provider, followed, booked.state),
        reason=_spell(seen),
        evidence={
            "status": seen.word or seen.raw_word,
            "charge": None if seen.charge is None else str(seen.charge),
            "remains": seen.remains,
            "currency": seen.currency,
        },
    )


def _pace(provider: Provider, followed: Followed, now: State | None = None) -> int:
    before = followed.standing.state
    if (now or before) is State.ACTIVE:
        return pace_seconds(provider.poll_seconds, followed.age, None)
    ended_for = followed.ended_for if now in (None, before) else timedelta()
    return pace_seconds(provider.poll_seconds, followed.age, ended_for)


def _while_running(quantity: int, seen: Observation) -> int | None:
    """`remains` 0 before the end is not known in some panels, and never means done."""
    return seen.remains if seen.remains and 0 < seen.remains <= quantity else None


def _equal_for(followed: Followed, seen: Observation) -> timedelta:
    return followed.equal_for if followed.seen_as == _spell(seen) else timedelta()


def _spell(seen: Observation) -> str:
    charge = "?" if seen.charge is None else format(seen.charge, "f")
    remains = "?" if seen.remains is None else str(seen.remains)
    return f"{seen.word or seen.raw_word} charge {charge} remains {remains}"[:200]


def _vanished(followed: Followed, refused: Refused) -> list[Finding]:
    """A provider that no longer knows an order: never a refund by itself (money.md 7, D6)."""
    if refused.code is Code.ORDER_NOT_FOUND and followed.age < VANISHED_GRACE:
        return []
    return [Finding(Class.VANISHED, f"status refused: {refused.text}")]
