"""Charts as bars within a picture: drawn here, described in words, the figures beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.money import EXACT, ZERO

HEIGHT = 160
BAR_WIDTH = 10
GAP = 8
_WHOLE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one kind, one for each step. `tone`: how its bars look, beside its label."""

    label: str
    tone: str
    values: Sequence[Decimal]
    figures: Sequence[str]


@dataclass(frozen=True, slots=True)
class Bar:
    """One value: where it stands, how it looks, and its figure in words."""

    x: int
    y: int
    height: int
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars in a picture of so many units; `zero` is the height of nothing, measured from above.

    `words` say what somebody sees who looks at it; `first` and `last`: its steps at the edges.
    """

    name: str
    words: str
    bars: Sequence[Bar]
    legend: Sequence[tuple[str, str]]
    width: int
    zero: int
    first: str
    last: str
    height: int = HEIGHT
    bar_width: int = BAR_WIDTH


def chart(name: str, steps: Sequence[str], series: Sequence[Series], words: str) -> Chart:
    """Groups of bars, a group for each step; what is below 0 hangs below the line."""
    values = [each for one in series for each in one.values]
    high, low = max((ZERO, *values)), min((ZERO, *values))
    span = EXACT.subtract(high, low) or _WHOLE
    zero = _units(high, span)
    pace = BAR_WIDTH * len(series) + GAP
    bars = [
        _bar(one, place, step, (pace * place + GAP // 2 + BAR_WIDTH * number, zero, span))
        for number, one in enumerate(series)
        for place, step in enumerate(steps)
        if one.values[place] != ZERO
    ]
    return Chart(
        name=name,
        words=words,
        bars=bars,
        legend=[(one.label, one.tone) for one in series],
        width=max(1, pace * len(steps)),
        zero=zero,
        first=steps[0] if steps else "",
        last=steps[-1] if steps else "",
    )


def _bar(one: Series, place: int, step: str, frame: tuple[int, int, Decimal]) -> Bar:
    x, zero, span = frame
    value = one.values[place]
    # whatever is not nothing is seen
    height = max(1, _units(abs(value), span))
    below = value < ZERO
    tone = f"{one.tone} below" if below else one.tone
    words = f"{step}: {one.label} {one.figures[place]}"
    return Bar(x, zero if below else zero - height, height, tone, words)


def _units(value: Decimal, span: Decimal) -> int:
    share = EXACT.divide(EXACT.multiply(value, Decimal(HEIGHT)), span)
    return int(share.to_integral_value(context=EXACT))
