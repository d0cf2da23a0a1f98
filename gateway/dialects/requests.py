"""Reading a customer's request, the same for every dialect (protocol.md 1.1, 1.2)."""

from collections.abc import Mapping

from gateway.dialects.fields import ABSENT_WORDS, ALIASES, ID_PATTERN, incorrect, needed, text_of
from gateway.dialects.messages import Ask, AskAdd, AskBalance, AskServices, AskStatus, Fields
from gateway.domain.refusals import Code, Refusal

IDS_MAX = 100

_ACTIONS: Mapping[str, str] = {
    "services": "services",
    "packages": "services",
    "add": "add",
    "status": "status",
    "orders": "statuses",
    "statuses": "statuses",
    "multi_status": "statuses",
    "multi-status": "statuses",
    "balance": "balance",
}


def read_request(fields: Fields) -> Ask:
    """What a request asks for.

    Raises Refusal: unknown action, no service id or none that could be one, over 100 orders. An
    order id of another shape is kept as it came: it is refused by itself, not with its batch.
    """
    word = text_of(fields, "action")
    match _ACTIONS.get(word.lower()) if word else None:
        case "services":
            return AskServices()
        case "balance":
            return AskBalance()
        case "add":
            return _read_add(fields)
        case "status":
            return _read_status(fields, batch=False)
        case "statuses":
            return _read_status(fields, batch=True)
        case _:
            raise Refusal(Code.BAD_ACTION)


def _read_add(fields: Fields) -> AskAdd:
    service = needed(fields, "service")
    if not ID_PATTERN.fullmatch(service):
        raise incorrect("service")
    return AskAdd(service, fields)


def _read_status(fields: Fields, *, batch: bool) -> AskStatus:
    plural, _ = _ids(fields, "orders")
    if plural:
        return AskStatus(_bounded(plural), many=True)
    single, is_list = _ids(fields, "order")
    if not single:
        raise Refusal(Code.MISSING, "orders" if batch else "order")
    return AskStatus(_bounded(single), many=batch or is_list)


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
