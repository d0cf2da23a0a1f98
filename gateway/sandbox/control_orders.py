"""POST /truth: how an order, its children and its refills stand from now on."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from gateway.dialects.json_text import Json
from gateway.domain.observations import RefillWord, Word
from gateway.sandbox.orders import Order, Stand
from gateway.sandbox.panel import Panel
from gateway.sandbox.readings import Wrong, amount_of, text_of, whole_of

START_COUNT_MAX = 2**31
OF_AN_ORDER = ("order", "refill", "status", "remains", "charge", "start_count", "children")

Change = Callable[[], None]
Meaning = TypeVar("Meaning", Word, RefillWord)

_WORDS = {word.lower(): word for word in Word}
_REFILL_WORDS = {word.lower(): word for word in RefillWord}
_OF_CHILDREN = ("remains", "charge", "start_count")


def change_order(panel: Panel, asked: Mapping[str, Json]) -> Change:
    """Set an order by hand, or have further children of it begin at once. Raises Wrong.

    What is left out follows from the status. Of an order with children only the status can be set.
    """
    now = panel.clock()
    panel.orders.settle(now)
    order = panel.orders.find(str(asked["order"]))
    if order is None:
        raise Wrong(f"there is no order {asked['order']}")
    if order.family is not None or "children" in asked:
        return _family(panel, order, asked)
    at = order.stand(now)
    word = _word(asked["status"], _WORDS) if "status" in asked else at.word
    usual = {Word.COMPLETED: 0, Word.CANCELED: order.quantity}.get(word, at.remains)
    remains = whole_of("remains", asked.get("remains", usual), order.quantity)
    charge = order.charge_at(word, remains)
    if "charge" in asked:
        charge = amount_of("charge", asked["charge"])
    start_count = at.start_count
    if "start_count" in asked:
        start_count = whole_of("start_count", asked["start_count"], START_COUNT_MAX)
    stand = Stand(word, remains, start_count, charge)
    return lambda: panel.orders.set_by_hand(order, stand)


def change_refill(panel: Panel, asked: Mapping[str, Json]) -> Change:
    """Set a refill's status by hand. Raises Wrong."""
    refill = panel.voice.refills.find(str(asked["refill"]))
    if refill is None:
        raise Wrong(f"there is no refill {asked['refill']}")
    if "status" not in asked or any(name in asked for name in (*_OF_CHILDREN, "children")):
        raise Wrong("a refill has a status and nothing else")
    word = _word(asked["status"], _REFILL_WORDS)

    def apply() -> None:
        refill.by_hand = word

    return apply


def _family(panel: Panel, order: Order, asked: Mapping[str, Json]) -> Change:
    family = order.family
    if family is None:
        raise Wrong(f"order {order.id} is not made of others")
    if any(name in asked for name in _OF_CHILDREN):
        raise Wrong(f"order {order.id} has children: {', '.join(_OF_CHILDREN)} are theirs")
    word = _word(asked["status"], _WORDS) if "status" in asked else None
    children = whole_of("children", asked.get("children", 0), family.left)

    def apply() -> None:
        for _ in range(children):
            family.begin(panel.clock())
        if word is not None:
            family.set_by_hand(word)

    return apply


def _word(value: Json, words: Mapping[str, Meaning]) -> Meaning:
    text = text_of("status", value)
    if text.lower() not in words:
        raise Wrong(f"there is no status {text}: one of {', '.join(words.values())}")
    return words[text.lower()]
