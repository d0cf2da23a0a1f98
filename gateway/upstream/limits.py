"""What bounds the calls to a provider: time and size (money.md 3), and what he says he takes.

The latter in the words of his refusals and headers (protocol.md 4.2, "Limits that panels state").
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NANOSECONDS = 1_000_000_000
_SECOND = timedelta(seconds=1)
TOLD_SECONDS_MAX = 3_600  # no provider makes us wait longer than this, whatever he says
TEXT_CHARACTERS_MAX = 1_000

_UNIT = r"(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?)\b"
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3_600}
# 50/minute; up to 120 per minute; 300 requests per hour; 30 calls every 10 seconds
_PACE = re.compile(
    r"(?<![\d.,])(\d{1,6})\s{0,3}(?:(?:api|calls?|req|requests?|orders?|queries|times)\s{0,3}){0,2}"
    r"(?:/|per\b|an?\b|each\b|every\b)\s{0,3}(?:(\d{1,4})\s?)?" + _UNIT,
    re.ASCII | re.IGNORECASE,
)
# Try again in 15 minutes; please wait 30 seconds; retry after 10 s
_WAIT = re.compile(
    r"\b(?:again|retry|wait)\b\D{0,30}?(\d{1,6})\s?" + _UNIT, re.ASCII | re.IGNORECASE
)
_WHOLE = re.compile(r"[0-9]{1,10}")
_EPOCH_SECONDS_MIN = 1_000_000_000  # a larger X-RateLimit-Reset is a moment, a smaller one a wait


class Busy(Exception):  # noqa: N818  a state, not an error of ours
    """No place came free in time, or the wire is closed: nothing was sent."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of each call to one provider.

    `total_milliseconds` None = the provider's own `timeout_seconds`; the waits for a free slot and
    for a place in the provider's budget are part of it. An idle connection is used again for
    `idle_milliseconds` at most, and never for an add. `reads_max` calls that read run at once,
    beside the adds, which the provider's `in_flight_max` bounds.
    """

    connect_milliseconds: int = 5_000
    write_milliseconds: int = 5_000
    read_milliseconds: int = 30_000
    slot_milliseconds: int = 2_000
    place_milliseconds: int = 5_000
    idle_milliseconds: int = 2_000
    total_milliseconds: int | None = None
    reads_max: int = 2
    reply_bytes_max: int = 256 * 1024
    services_bytes_max: int = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Pace:
    """At most so many calls in so many seconds, both at least 1."""

    calls: int
    seconds: int = 60

    @property
    def gap_nanoseconds(self) -> int:
        """From one call to the next when they are evenly spread: no window holds more."""
        return -(-self.seconds * NANOSECONDS // self.calls)

    def times(self, over: int, under: int) -> "Pace":
        """This pace by a fraction, in whole calls, at least one."""
        return Pace(max(self.calls * over // under, 1), self.seconds)

    def bounded(self, other: "Pace | None") -> "Pace":
        """The slower of the two, which keeps both; None is no bound."""
        return other if other and other.gap_nanoseconds > self.gap_nanoseconds else self

    def __str__(self) -> str:
        calls = "1 call" if self.calls == 1 else f"{self.calls} calls"
        spans = {60: "a minute", 3_600: "an hour"}
        return f"{calls} {spans.get(self.seconds) or f'in {self.seconds} seconds'}"


def stated_pace(text: str) -> Pace | None:
    """The pace that a refusal names ("Limit 50/minute"), the slowest of several.

    Per minute or longer: one a second is 60 a minute. Beyond an hour nothing is believed.
    """
    found: Pace | None = None
    for calls, times, unit in _PACE.findall(text[:TEXT_CHARACTERS_MAX]):
        seconds = int(times or 1) * _UNIT_SECONDS[unit[0].lower()]
        if not int(calls) or not 1 <= seconds <= TOLD_SECONDS_MAX:
            continue
        pace = Pace(int(calls), seconds) if seconds >= 60 else Pace(int(calls) * 60 // seconds)
        found = pace.bounded(found)
    return found


def stated_wait_seconds(text: str) -> int | None:
    """How long a refusal says to wait ("Try again in 15 minutes"), at most an hour."""
    told = _WAIT.search(text[:TEXT_CHARACTERS_MAX])
    if told is None:
        return None
    return min(int(told[1]) * _UNIT_SECONDS[told[2][0].lower()], TOLD_SECONDS_MAX)


def headed_wait_seconds(headers: Mapping[str, str], now: datetime) -> int | None:
    """How long an answer's headers say to wait, 0 to an hour; None when they do not plainly say.

    `Retry-After` in whole seconds or as the HTTP date of RFC 9110, else `X-RateLimit-Reset` (a
    wait, or a moment in Unix seconds) where `X-RateLimit-Remaining` is 0. `headers` finds names in
    any case, as the transport's do; `now` is aware.
    """
    seconds = _seconds(headers.get("retry-after", "").strip(), now)
    if seconds is None and headers.get("x-ratelimit-remaining", "").strip() == "0":
        reset = headers.get("x-ratelimit-reset", "").strip()
        if _WHOLE.fullmatch(reset):
            moment = int(reset) - int(now.timestamp())
            seconds = moment if int(reset) >= _EPOCH_SECONDS_MIN else int(reset)
    return None if seconds is None else min(max(seconds, 0), TOLD_SECONDS_MAX)


def _seconds(text: str, now: datetime) -> int | None:
    if _WHOLE.fullmatch(text):
        return int(text)
    try:
        moment = datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return None
    # rounded up: a moment too early is refused again
    return -((now - moment) // _SECOND)
