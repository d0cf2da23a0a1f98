"""POST /truth: people and tests decide what happens next in the pretend provider."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from gateway.dialects.json_text import Json, read
from gateway.domain.placements import QUANTITY_MAX
from gateway.sandbox.control_orders import OF_AN_ORDER, change_order, change_refill
from gateway.sandbox.control_services import change_services
from gateway.sandbox.fates import Fates
from gateway.sandbox.faults import Faults, Waits
from gateway.sandbox.panel import Panel
from gateway.sandbox.readings import (
    Wrong,
    amount_of,
    flag_of,
    object_of,
    shares_of,
    text_of,
    whole_of,
)

KEY_CHARACTERS_MAX = 256

Change = Callable[[], None]


def change(panel: Panel, body: bytes) -> Sequence[str]:
    """Do all that a JSON object asks for, or nothing; returns the names of what was changed.

    `order` with `status`, `remains`, `charge`, `start_count`, `children` (that many more of them);
    `refill` with `status`; `services`, `faults`, `fates`, `pace_seconds`, `waits`, `key`,
    `balance`, `terms`. Raises Wrong.
    """
    asked = read(body)
    if not isinstance(asked, dict) or not asked:
        raise Wrong("the body must be a JSON object that says what to change")
    _check_names(asked)
    try:
        changes = {
            name: _READERS[name](panel, value) for name, value in asked.items() if name in _READERS
        }
        if "order" in asked:
            changes["order"] = change_order(panel, asked)
        if "refill" in asked:
            changes["refill"] = change_refill(panel, asked)
    except ValueError as error:
        raise Wrong(str(error)) from None
    for apply in changes.values():
        apply()
    return list(changes)


def _check_names(asked: Mapping[str, Json]) -> None:
    unknown = [name for name in asked if name not in _READERS and name not in OF_AN_ORDER]
    if unknown:
        known = ", ".join((*_READERS, *OF_AN_ORDER))
        raise Wrong(f"unknown: {', '.join(unknown)}; there are {known}")
    named = [name for name in ("order", "refill") if name in asked]
    if not named and any(name in asked for name in OF_AN_ORDER):
        raise Wrong(f"{', '.join(OF_AN_ORDER[2:])} belong to an order: name it as `order`")
    if len(named) > 1:
        raise Wrong("one order or one refill at a time")


def _faults(panel: Panel, asked: Json) -> Change:
    shares = shares_of("faults", asked)
    Faults({**panel.faults.shares, **shares})
    return lambda: panel.faults.share(shares)


def _fates(panel: Panel, asked: Json) -> Change:
    shares = shares_of("fates", asked)
    Fates(shares)
    return lambda: panel.fates.share(shares)


def _pace(panel: Panel, asked: Json) -> Change:
    milliseconds = int(amount_of("pace_seconds", asked) * 1000)
    Fates(pace_milliseconds=milliseconds)
    return lambda: panel.fates.walk(milliseconds)


def _waits(panel: Panel, asked: Json) -> Change:
    waits = panel.faults.waits
    for name, value in object_of("waits", asked).items():
        if name not in Waits.__slots__:
            raise Wrong(f"waits: unknown {name}; there are {', '.join(Waits.__slots__)}")
        waits = replace(waits, **{name: whole_of(f"waits.{name}", value, QUANTITY_MAX)})

    def apply() -> None:
        panel.faults.waits = waits

    return apply


def _key(panel: Panel, asked: Json) -> Change:
    key = text_of("key", asked)
    if not 0 < len(key) <= KEY_CHARACTERS_MAX:
        raise Wrong(f"key must have 1 to {KEY_CHARACTERS_MAX} characters")
    return lambda: panel.change_key(key)


def _balance(panel: Panel, asked: Json) -> Change:
    balance = amount_of("balance", asked)

    def apply() -> None:
        panel.orders.balance = balance

    return apply


def _terms(panel: Panel, asked: Json) -> Change:
    changed = panel.terms
    for name, value in object_of("terms", asked).items():
        if name in {"statuses", "plain_parents"}:
            changed = replace(changed, **{name: flag_of(f"terms.{name}", value)})
        elif name in {"calls_per_minute", "page_size"}:
            bound = None if value is None else whole_of(f"terms.{name}", value, QUANTITY_MAX)
            changed = replace(changed, **{name: bound or None})
        else:
            known = "statuses, plain_parents, calls_per_minute, page_size"
            raise Wrong(f"terms: unknown {name}; there are {known}")

    def apply() -> None:
        # a key may be changed by the same body
        panel.terms = replace(changed, key=panel.terms.key)

    return apply


_READERS: Mapping[str, Callable[[Panel, Json], Change]] = {
    "services": change_services,
    "faults": _faults,
    "fates": _fates,
    "pace_seconds": _pace,
    "waits": _waits,
    "key": _key,
    "balance": _balance,
    "terms": _terms,
}
