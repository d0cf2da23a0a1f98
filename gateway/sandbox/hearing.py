"""Understanding a request as a panel of one dialect does: by its own words and fields alone."""

from urllib.parse import unquote_plus

from gateway.dialects.dialect import Dialect
from gateway.dialects.fields import missing
from gateway.dialects.messages import (
    Ask,
    AskCancel,
    AskRefill,
    AskRefillStatus,
    AskStatus,
    Fields,
)
from gateway.dialects.spelling import Action, Ids
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code, Refusal
from gateway.domain.services import ServiceType

_SINGLE = {Action.REFILL_STATUS: "refill"}


class Ear:
    """Hears only what the page of a dialect documents.

    That are its actions, batches, intervals and delays, and no field under the standard's name
    where it has another.
    """

    def __init__(self, dialect: Dialect) -> None:
        requests = dialect.spelling.requests
        self._dialect = dialect
        self._requests = requests
        self._actions = {word: action for action, word in requests.actions.items()}
        self._unknown = {action: self._unknown_to(action) for action in requests.actions}

    def action(self, fields: Fields) -> Action | None:
        """Which action is asked for; None when there is none of that word."""
        word = fields.get("action", "")
        return self._actions.get(word) if isinstance(word, str) else None

    def read(self, action: Action | None, fields: Fields) -> Ask:
        """What is asked for. Raises Refusal."""
        if action is None:
            raise Refusal(Code.BAD_ACTION)
        unknown = self._unknown[action]
        if unknown:
            fields = {name: each for name, each in fields.items() if name not in unknown}
        ask = self._dialect.read_request(fields)
        if isinstance(ask, AskStatus | AskRefill | AskCancel):
            self._check(self._requests.ids[action], ask.orders, many=ask.many)
        elif isinstance(ask, AskRefillStatus):
            self._check(self._requests.ids[action], ask.refills, many=ask.many)
        return ask

    def placement(self, offer: str, kind: ServiceType, fields: Fields, posts_max: int) -> Placement:
        """What an `add` orders; a subscription without posts has a bound of `posts_max`.

        Raises Refusal.
        """
        requests = self._requests
        if requests.encoded_twice:
            fields = {name: _decoded(value) for name, value in fields.items()}
        bound = posts_max if kind is ServiceType.SUBSCRIPTIONS else None
        placement = self._dialect.read_placement(int(offer), kind, fields, bound)
        if requests.intervals and placement.interval_minutes not in {None, *requests.intervals}:
            raise Refusal(Code.BAD_PARAMS, "interval")
        if requests.delays and placement.detail("delay") not in {"", *map(str, requests.delays)}:
            raise Refusal(Code.BAD_PARAMS, "delay")
        return placement

    def _check(self, ids: Ids, asked: tuple[str, ...], *, many: bool) -> None:
        if many and ids.many is None:
            raise missing(str(ids.one))
        if not many and ids.one is None:
            raise missing(str(ids.many))
        if len(asked) > ids.batch_max:
            raise Refusal(Code.TOO_MANY_IDS)

    def _unknown_to(self, action: Action) -> frozenset[str]:
        """The standard's names of fields that have another name there."""
        if action is Action.ADD:
            names = self._requests.names
            return frozenset(names).difference(names.values())
        ids = self._requests.ids.get(action)
        if ids is None:
            return frozenset()
        single = _SINGLE.get(action, "order")
        usual = {single: ids.one, f"{single}s": ids.many}
        return frozenset(name for name, theirs in usual.items() if theirs).difference(
            usual.values()
        )


def _decoded(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return unquote_plus(value)
    return tuple(unquote_plus(each) for each in value)
