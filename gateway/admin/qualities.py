"""How well an offer served, in the columns of a table."""

from collections.abc import Sequence
from datetime import timedelta

from gateway.admin.grids import Cell, Column
from gateway.admin.rendering import lasts
from gateway.domain.quality import Quality

QUALITY = (
    Column("start", right=True, sort="start"),
    Column("completion", right=True, sort="end"),
    Column("partial", right=True, sort="partial"),
    Column("refused", right=True, sort="refused"),
)
NOTE = "Start, completion, partial and refused: as the offer served this service in 30 days."


def cells_of(quality: Quality | None) -> Sequence[Cell]:
    """One for each of `QUALITY`; nothing where nothing is known."""
    if quality is None:
        return (Cell(None),) * len(QUALITY)
    return (
        Cell(_lasts(quality.start_seconds)),
        Cell(_lasts(quality.end_seconds)),
        Cell(quality.partial_percent, share=True),
        Cell(quality.refused_percent, share=True),
    )


def _lasts(seconds: int | None) -> str | None:
    return None if seconds is None else lasts(timedelta(seconds=seconds))
