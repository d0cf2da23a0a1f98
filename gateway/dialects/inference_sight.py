"""Finding the parts of a panel's answers, whatever their names are there."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.dialects.dialect import Dialect
from gateway.dialects.evidence import IMPOSSIBLE, Answers, Question, found, kind_of
from gateway.dialects.json_text import Json
from gateway.dialects.values import amount

MIXED = "mixed"
ROWS_LOOKED_AT_MAX = 2_000

Row = dict[str, Json]
Names = Mapping[str, tuple[str, ...]]

# what panels call things; the names in dialects come first
_SEEN_NAMES: Names = {
    "amount": ("balance", "funds", "credit", "credits", "amount", "user_balance"),
    "currency": ("currency", "currency_code"),
    "offer": ("service", "id", "service_id", "serviceId", "sid"),
    "name": ("name", "title", "service_name", "service"),
    "kind_word": ("type", "service_type", "serviceType", "kind"),
    "category": ("category", "category_name", "categoryName", "cat", "group"),
    "rate": ("rate", "price", "cost", "rate_per_1000", "price_per_1000"),
    "quantity_min": ("min", "min_order", "min_quantity", "minimum", "quantity_min"),
    "quantity_max": ("max", "max_order", "max_quantity", "maximum", "quantity_max"),
    "drip_feed": ("dripfeed", "drip_feed", "dripFeed", "drip-feed", "is_dripfeed"),
    "refill": ("refill", "is_refill", "refillable", "can_refill"),
    "cancel": ("cancel", "is_cancel", "cancelable", "cancellable", "can_cancel"),
    "description": ("description", "desc", "details"),
    "order": ("order", "order_id", "orderId", "id"),
    "status": ("status", "order_status", "state"),
    "charge": ("charge", "cost", "price", "spent"),
    "start_count": ("start_count", "start_counter", "startCount"),
    "remains": ("remains", "remain", "remaining", "left"),
}
NEEDED_OF_SERVICES = ("offer", "rate", "quantity_min", "quantity_max")
LISTED = (
    *("offer", "name", "kind_word", "category", "rate", "quantity_min", "quantity_max"),
    *("drip_feed", "refill", "cancel", "description"),
)
FLAGS = ("drip_feed", "refill", "cancel")
OF_AN_ORDER = ("order", "status", "charge", "start_count", "remains", "currency")


@dataclass(frozen=True, slots=True)
class Found:
    """Rows, the keys that lead to them, and the name that each thing has in them."""

    path: tuple[str, ...]
    rows: tuple[Row, ...]
    keys: Mapping[str, str]

    def kind(self, thing: str) -> str:
        """The kind of a thing's values, as `kind_of` names it; empty where it is nowhere."""
        kinds = {kind_of(row.get(self.keys[thing])) for row in self.rows if thing in self.keys}
        kinds.discard("null")
        return MIXED if len(kinds) > 1 else "".join(kinds)


@dataclass(frozen=True, slots=True)
class Batch:
    """The answer to a batch, `list` or `map`: the rows that tell of an order, and the others."""

    shape: str
    path: tuple[str, ...]
    rows: Found
    refusals: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """What was found in all answers; None for what was not.

    `always`: the keys that some dialect writes into every row of services.
    """

    answers: Answers
    always: frozenset[str]
    balance: Found | None
    services: Found | None
    order: Found | None
    orders: Batch | None
    unknown_orders: Batch | None


def look(answers: Answers, dialects: Collection[Dialect]) -> Sight:
    """Everything that can be found under the names of these dialects, or under usual ones."""
    names = _names(dialects)
    return Sight(
        answers,
        frozenset(name for each in dialects for name in each.spelling.services.always),
        _object(answers, Question.BALANCE, names, ("amount", "currency"), ("amount",)),
        _services(answers, names),
        _object(answers, Question.ORDER, names, OF_AN_ORDER, ("status", "remains")),
        _batch(answers, Question.ORDERS, names),
        _batch(answers, Question.UNKNOWN_ORDERS, names),
    )


def _names(dialects: Iterable[Dialect]) -> Names:
    names: dict[str, dict[str, None]] = {thing: {} for thing in _SEEN_NAMES}
    for dialect in dialects:
        spelling = dialect.spelling
        statuses, balances = spelling.statuses, spelling.balances
        keys = {
            **spelling.services.keys,
            "amount": balances.amount,
            "order": statuses.order,
            "status": statuses.status,
            "charge": statuses.charge,
            "start_count": statuses.start_count,
            "remains": statuses.remains,
        }
        for thing, key in keys.items():
            if key:
                names[thing].update(dict.fromkeys((key.name, *key.also_read)))
    return {thing: (*{**names[thing], **dict.fromkeys(_SEEN_NAMES[thing])},) for thing in names}


def _object(
    answers: Answers,
    question: Question,
    names: Names,
    things: Sequence[str],
    needed: Sequence[str],
) -> Found | None:
    answer = answers.of(question)
    where = answer and found(answer.body, lambda value: _has(value, names, needed))
    if not where or not isinstance(where[1], dict):
        return None
    return _found(where[0], [where[1]], names, things)


def _has(value: Json, names: Names, needed: Sequence[str]) -> bool:
    return isinstance(value, dict) and all(
        any(name in value and not isinstance(value[name], dict | list) for name in names[thing])
        for thing in needed
    )


def _services(answers: Answers, names: Names) -> Found | None:
    """Half of the rows must look like offers: what panels put between them are separators."""

    def fits(value: Json) -> bool:
        rows = value[:ROWS_LOOKED_AT_MAX] if isinstance(value, list) else []
        offers = [row for row in rows if _has(row, names, NEEDED_OF_SERVICES)]
        return bool(offers) and 2 * len(offers) >= len(rows)

    answer = answers.of(Question.SERVICES)
    where = answer and found(answer.body, fits)
    if not where or not isinstance(where[1], list):
        return None
    rows = [row for row in where[1][:ROWS_LOOKED_AT_MAX] if isinstance(row, dict)]
    return _found(where[0], rows, names, LISTED)


def _found(
    path: tuple[str, ...], rows: Sequence[Row], names: Names, things: Sequence[str]
) -> Found:
    """Each thing under the first of its names that any row has; no key stands for two things."""
    present = {name for row in rows for name in row}
    keys: dict[str, str] = {}
    for thing in things:
        for name in names[thing]:
            if name in present and name not in keys.values() and _could_be(thing, name, rows):
                keys[thing] = name
                break
    return Found(path, tuple(rows), keys)


def _could_be(thing: str, name: str, rows: Sequence[Row]) -> bool:
    """An id has no blanks and an amount is one, whatever their keys are called."""
    values = [row[name] for row in rows if name in row]
    if thing in {"offer", "order"}:
        return not any(isinstance(value, str) and " " in value.strip() for value in values)
    return thing not in {"amount", "rate"} or any(amount(value) is not None for value in values)


def _batch(answers: Answers, question: Question, names: Names) -> Batch | None:
    """A list of objects, or a map whose keys are ids that were asked for."""
    asked = {*answers.orders, *IMPOSSIBLE}

    def fits(value: Json) -> bool:
        if isinstance(value, dict):
            return bool(value) and asked.issuperset(value)
        return isinstance(value, list) and all(isinstance(row, dict) for row in value)

    answer = answers.of(question)
    where = answer and found(answer.body, fits)
    if not where:
        return None
    path, body = where
    rows: list[Json] = [*body.values()] if isinstance(body, dict) else []
    shape = "map"
    if isinstance(body, list):
        shape, rows = "list", body
    told = [row for row in rows if _has(row, names, ("status", "remains"))]
    refusals = tuple(row for row in rows if row not in told)
    orders = [row for row in told if isinstance(row, dict)]
    return Batch(shape, path, _found(path, orders, names, OF_AN_ORDER), refusals) if rows else None
