"""Refills and cancels that customers ask for: who may, and what follows each answer (6.2)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from gateway.domain.observations import RefillSeen, RefillWord, Refused, Taken, Unclear
from gateway.domain.orders import ENDED, State
from gateway.domain.refusals import Code, Refusal

REFILLS_MAX = 3
CANCELS_MAX = 10
NOT_FOUND_GRACE = timedelta(minutes=60)
NOTE_CHARACTERS_MAX = 500
_BACK_OFF_SECONDS = 10
_BACK_OFF_SECONDS_MAX = 3_600


class Kind(StrEnum):
    """What can be asked for."""

    REFILL = "refill"
    CANCEL = "cancel"


class RequestState(StrEnum):
    """Where a request stands: recorded, taken note of upstream, under way, ended well or not."""

    ASKED = "asked"
    SENT = "sent"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    REJECTED = "rejected"


OVER = frozenset({RequestState.COMPLETED, RequestState.REJECTED})

WORD_OF = {
    RequestState.ASKED: RefillWord.PENDING,
    RequestState.SENT: RefillWord.PENDING,
    RequestState.IN_PROGRESS: RefillWord.IN_PROGRESS,
    RequestState.COMPLETED: RefillWord.COMPLETED,
    RequestState.REJECTED: RefillWord.REJECTED,
}
_STATE_OF = {
    RefillWord.PENDING: RequestState.SENT,
    RefillWord.IN_PROGRESS: RequestState.IN_PROGRESS,
    RefillWord.COMPLETED: RequestState.COMPLETED,
    RefillWord.REJECTED: RequestState.REJECTED,
}
_ALREADY = {Kind.REFILL: Code.REFILL_IN_PROGRESS, Kind.CANCEL: Code.CANCEL_IN_PROGRESS}
_PASSING = frozenset(
    {
        *(Code.RATE_LIMIT, Code.MAINTENANCE, Code.UNAVAILABLE),
        # ours to put right, not the order's fault
        *(Code.BAD_KEY, Code.KEY_SCOPE),
    }
)


@dataclass(frozen=True, slots=True)
class Past:
    """What was asked for an order before, of one kind: how often, and whether one has not ended."""

    times: int = 0
    open: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """What is granted for an order. `possible`: its provider can be asked.

    `closed_too`: he can still be asked how a refill went when the order is no longer followed.
    """

    possible: bool
    days: int | None = None
    after_hours: int = 0
    partial: bool = False
    closed_too: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Where a request stands after an answer, and how long until its next look.

    `note` is for operators; None leaves what was noted. `unseen`: its refusal was never seen.
    """

    state: RequestState
    wait: timedelta = timedelta()
    request: str | None = None
    note: str | None = None
    unseen: str = ""


def why_no_refill(
    state: State, closed_from: State | None, ended_for: timedelta | None, past: Past, grant: Grant
) -> Refusal | None:
    """Why an order gets no refill now; None = it does."""
    if past.open:
        return Refusal(Code.REFILL_IN_PROGRESS)
    why = no_refill_in_words(state, closed_from, ended_for, past, grant)
    return Refusal(Code.REFILL_REFUSED) if why else None


def no_refill_in_words(
    state: State, closed_from: State | None, ended_for: timedelta | None, past: Past, grant: Grant
) -> str:
    """The same for operators, who are told which rule it is; empty = it gets one."""
    end = closed_from if grant.closed_too and closed_from else state
    if past.open:
        return "a refill is under way already"
    if not grant.possible:
        return "its provider, its offer or its service grants no refill"
    if past.times >= REFILLS_MAX:
        return f"{REFILLS_MAX} refills were asked for, and there are no more"
    if ended_for is None:
        return f"it is {state}: only what has ended is refilled"
    if end is not State.COMPLETED and not (end is State.PARTIAL and grant.partial):
        return f"it is {end}: refilled is only what is completed{' or partial' * grant.partial}"
    return _out_of_time(ended_for, grant)


def _out_of_time(ended_for: timedelta, grant: Grant) -> str:
    if grant.days is not None and ended_for > timedelta(days=grant.days):
        return f"it ended more than {grant.days} days ago"
    early = ended_for < timedelta(hours=grant.after_hours)
    return f"it ended less than {grant.after_hours} hours ago" if early else ""


def why_no_cancel(state: State, past: Past, *, possible: bool) -> Refusal | None:
    """Why an order cannot be canceled; None = it is tried. Before the start nobody is asked."""
    if past.open:
        return Refusal(Code.CANCEL_IN_PROGRESS)
    if state is State.ACTIVE:
        return None if possible and past.times < CANCELS_MAX else Refusal(Code.CANCEL_REFUSED)
    if state in (State.QUEUED, State.SENDING, State.UNCONFIRMED, State.REVIEW):
        return None
    return Refusal(Code.CANCEL_REFUSED)


def turned(
    kind: Kind, state: RequestState, before: State, after: State, *, refunded: bool, by_id: bool
) -> RequestState:
    """Where an open request stands after an observation of its order.

    `by_id`: the provider tells of this refill by an id of its own, so that the order's word does
    not count.
    """
    if kind is Kind.CANCEL:
        if after in (State.CANCELED, State.PARTIAL, State.FAILED):
            return RequestState.COMPLETED
        return RequestState.REJECTED if after is State.COMPLETED else state
    if refunded or after in (State.CANCELED, State.FAILED):
        return RequestState.REJECTED
    if by_id or state is RequestState.ASKED:
        return state
    if after is State.ACTIVE:
        return RequestState.IN_PROGRESS
    if after in ENDED and (state is RequestState.IN_PROGRESS or before is State.ACTIVE):
        return RequestState.COMPLETED
    return state


def forwarded(
    kind: Kind, answer: Taken | Refused | Unclear | None, tries: int, order_age: timedelta
) -> Step:
    """What follows when a provider was asked for the n-th time; None = he said nothing of it.

    `order_age` since the provider took the order.
    """
    if isinstance(answer, Taken):
        return Step(RequestState.SENT, request=answer.request)
    if isinstance(answer, Refused) and answer.code is _ALREADY[kind]:
        return Step(RequestState.SENT, note=answer.text)
    again = Step(RequestState.ASKED, back_off(tries), note=_words(answer))
    if not isinstance(answer, Refused) or answer.code in _PASSING:
        return again
    if answer.code is Code.ORDER_NOT_FOUND and order_age < NOT_FOUND_GRACE:
        return again
    unseen = answer.text if answer.code is None else ""
    return Step(RequestState.REJECTED, note=answer.text, unseen=unseen)


def followed(
    state: RequestState, answer: RefillSeen | Refused | Unclear | None, wait: timedelta
) -> Step:
    """What follows when a provider was asked how a refill goes; nothing but a known word counts."""
    if isinstance(answer, RefillSeen):
        if answer.word is None:
            note = f"unknown status {answer.raw_word!r}"
            return Step(state, wait, note=note, unseen=answer.raw_word)
        return Step(_STATE_OF[answer.word], wait, note=answer.raw_word or None)
    unseen = answer.text if isinstance(answer, Refused) and answer.code is None else ""
    return Step(state, wait, note=_words(answer), unseen=unseen)


def back_off(tries: int) -> timedelta:
    """How long a request waits after its n-th try: 20 seconds at first, at most an hour."""
    seconds = _BACK_OFF_SECONDS * 2 ** min(max(tries, 1), 10)
    return timedelta(seconds=min(seconds, _BACK_OFF_SECONDS_MAX))


def _words(answer: Refused | Unclear | None) -> str:
    if answer is None:
        return "the answer did not mention it"
    return answer.text if isinstance(answer, Refused) else answer.why
