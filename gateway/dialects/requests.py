"""Reading a customer's request, the same for every dialect (protocol.md 1.1, 1.2)."""

from collections.abc import Callable, Mapping

from gateway.dialects.fields import (
    ABSENT_WORDS,
    ALIASES,
    ID_PATTERN,
    incorrect,
    needed,
    renamed,
    text_of,
)
from gateway.dialects.messages import (
    Ask,
    AskAdd,
    AskBalance,
    AskCancel,
    AskRefill,
    AskRefillStatus,
    AskServices,
    AskStatus,
    Fields,
)
from gateway.dialects.spelling import Action, Requests
from gateway.domain.refusals import Code, Refusal

IDS_MAX = 100

_ACTIONS: Mapping[str, Action] = {
    **{action.value: action for action in Action},
    "packages": Action.SERVICES,
}
_BATCHES = frozenset({"orders", "statuses", "multi_status", "multi-status"})


def in_standard_names(requests: Requests, fields: Fields) -> Fields:
    """A request with the standard's words in the place of a dialect's own."""
    actions = {word: action for action, word in requests.actions.items()}
    word = fields.get("action", "")
    action = actions.get(word) if isinstance(word, str) else None
    if action is None:
        return fields
    own = {requests.names.get("service", "service"): "service"}
    if ids := requests.ids.get(action):
        name = "refill" if action is Action.REFILL_STATUS else "order"
        own |= {ids.one or name: name, ids.many or f"{name}s": f"{name}s"}
    return {**renamed(fields, own), "action": action.value}


def read_request(fields: Fields) -> Ask:
    """What a request asks for.

    Raises Refusal: unknown action, no service id or none that could be one, over 100 ids. An id of
    another shape is kept as it came: it is refused by itself, not with its batch.
    """
    word = (text_of(fields, "action") or "").lower()
    if word in _BATCHES:
        ids, _ = _asked(fields, "order", batch=True)
        return AskStatus(ids, many=True)
    action = _ACTIONS.get(word)
    if action is None:
        raise Refusal(Code.BAD_ACTION)
    return _READS[action](fields)


def _read_add(fields: Fields) -> AskAdd:
    service = needed(fields, "service")
    if not ID_PATTERN.fullmatch(service):
        raise incorrect("service")
    return AskAdd(service, fields)


def _asked(fields: Fields, name: str, *, batch: bool = False) -> tuple[tuple[str, ...], bool]:
    """The ids, and whether rows of many are wanted; the plural wins over the single field."""
    plural, _ = _ids(fields, f"{name}s")
    if plural:
        return _bounded(plural), True
    single, is_list = _ids(fields, name)
    if not single:
        raise Refusal(Code.MISSING, f"{name}s" if batch else name)
    return _bounded(single), is_list


def _ids(fields: Fields, name: str) -> tuple[tuple[str, ...], bool]:
    """The ids under a field's names, each once, and whether they came as a list."""
    found: tuple[str, ...] = ()
    is_list = False
    for alias in ALIASES[name]:
        value = fields.get(alias, "")
        text = value if isinstance(value, str) else ",".join(value)
        pieces = (piece.strip() for piece in text.split(","))
        ids = tuple(dict.fromkeys(piece for piece in pieces if piece not in ABSENT_WORDS))
        if ids and found and ids != found:
            raise incorrect(name)
        if not all(map(str.isprintable, ids)):  # it could not be told back
            raise incorrect(name)
        found = ids or found
        is_list = is_list or "," in text or not isinstance(value, str)
    return found, is_list


def _bounded(ids: tuple[str, ...]) -> tuple[str, ...]:
    if len(ids) > IDS_MAX:
        raise Refusal(Code.TOO_MANY_IDS)
    return ids


_READS: Mapping[Action, Callable[[Fields], Ask]] = {
    Action.SERVICES: lambda _: AskServices(),
    Action.BALANCE: lambda _: AskBalance(),
    Action.ADD: _read_add,
    Action.STATUS: lambda fields: AskStatus(*_asked(fields, "order")),
    Action.REFILL: lambda fields: AskRefill(*_asked(fields, "order")),
    Action.REFILL_STATUS: lambda fields: AskRefillStatus(*_asked(fields, "refill")),
    Action.CANCEL: lambda fields: AskCancel(*_asked(fields, "order")),
}
