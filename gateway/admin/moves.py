"""Moving money in two steps: what would happen, then the same form again to make it so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from starlette.responses import Response

from gateway.admin.rendering import page
from gateway.admin.visits import Visit
from gateway.domain.spelling import in_words


@dataclass(frozen=True, slots=True)
class Move:
    """What is asked for. `title` says what, `whose` whose account it is and where that is shown.

    `before` and `after`: what the account's figure, called `figure`, is and would be. `to`: where
    it is made so, by a form of these `fields`; `back`: the way back. `warnings`: what else there is
    to know; `alone`: it can be booked without a second operator, if that is said.
    """

    title: str
    whose: tuple[str, str]
    amount: Decimal
    currency: str
    figure: str
    before: Decimal
    after: Decimal
    to: str
    back: str
    button: str
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    warnings: Sequence[str] = ()
    alone: bool = False

    @property
    def words(self) -> str:
        """The amount as it is read out, so that a slip of a digit is heard."""
        return in_words(self.amount, self.currency)


def confirm(visit: Visit, move: Move) -> Response:
    """The page that asks whether it is meant."""
    return page(visit, "move.html", move=move)
