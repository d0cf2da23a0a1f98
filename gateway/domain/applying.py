"""On what terms a revision becomes the active one, and why it may not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """What whoever applies has said.

    `note`: why; `base`: the revision that the change was made of, None = whichever is active;
    `losses_agreed`: that services may be sold at a loss by it.
    """

    note: str = ""
    base: int | None = None
    losses_agreed: bool = False


UNTOLD = Terms()
"""Whoever applies has said nothing."""


class Overtaken(Exception):  # noqa: N818  an expected no
    """Another revision is active than the one that the change was made of."""

    def __init__(self, active: int) -> None:
        self.active = active
        super().__init__(f"revision {active} was made active meanwhile: nothing was applied")


class LosesMoney(Exception):  # noqa: N818  an expected no
    """Services would lose money by it, and nobody agreed to that."""

    def __init__(self, services: tuple[int, ...]) -> None:
        self.services = services
        super().__init__(f"{len(services)} services would lose money: nothing was applied")
