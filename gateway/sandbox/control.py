"""POST /truth: people and tests decide what happens next in the pretend provider."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from gateway.dialects.fields import ID_PATTERN
from gateway.dialects.json_text import Json, read
from gateway.domain.catalog import Listing
from gateway.domain.money import read_amount
from gateway.domain.observations import Word
from gateway.domain.placements import QUANTITY_MAX
from gateway.domain.services import read_type
from gateway.sandbox.fates import Fates
from gateway.sandbox.faults import Faults, Waits
from gateway.sandbox.orders import Stand
from gateway.sandbox.panel import Panel
from gateway.sandbox.shares import read_share

START_COUNT_MAX = 2**31
KEY_CHARACTERS_MAX = 256

Change = Callable[[], None]


class Wrong(Exception):  # noqa: N818  an expected no to a control body
    """The body asks for something that does not exist or cannot be; nothing was changed."""


def change(panel: Panel, body: bytes) -> Sequence[str]:
    """Do all that a JSON object asks for, or nothing; returns the names of what was changed.

    `order` with `status`, `remains`, `charge`, `start_count`; `services`, `faults`, `fates`,
    `pace_seconds`, `waits`, `key`, `balance`. Raises Wrong.
    """
    asked = read(body)
    if not isinstance(asked, dict) or not asked:
        raise Wrong("the body must be a JSON object that says what to change")
    unknown = [name for name in asked if name not in _READERS and name not in _OF_AN_ORDER]
    if unknown:
        known = ", ".join((*_READERS, *_OF_AN_ORDER))
        raise Wrong(f"unknown: {', '.join(unknown)}; there are {known}")
    if "order" not in asked and any(name in asked for name in _OF_AN_ORDER):
        raise Wrong(f"{', '.join(_OF_AN_ORDER)} belong to an order: name it as `order`")
    try:
        changes = {
            name: _READERS[name](panel, value) for name, value in asked.items() if name in _READERS
        }
        if "order" in asked:
            changes["order"] = _order(panel, asked)
    except ValueError as error:
        raise Wrong(str(error)) from None
    for apply in changes.values():
        apply()
    return list(changes)


def _order(panel: Panel, asked: Mapping[str, Json]) -> Change:
    now = panel.clock()
    panel.orders.settle(now)
    order = panel.orders.find(str(asked["order"]))
    if order is None:
        raise Wrong(f"there is no order {asked['order']}")
    at = order.stand(now)
    word = _word(asked["status"]) if "status" in asked else at.word
    usual = {Word.COMPLETED: 0, Word.CANCELED: order.quantity}.get(word, at.remains)
    remains = _whole("remains", asked.get("remains", usual), order.quantity)
    charge = order.charge_at(word, remains)
    if "charge" in asked:
        charge = _amount("charge", asked["charge"])
    start_count = at.start_count
    if "start_count" in asked:
        start_count = _whole("start_count", asked["start_count"], START_COUNT_MAX)
    stand = Stand(word, remains, start_count, charge)
    return lambda: panel.orders.set_by_hand(order, stand)


def _services(panel: Panel, asked: Json) -> Change:
    services = _object("services", asked)
    gone = [offer for offer, fields in services.items() if fields is None]
    for offer in gone:
        if panel.offered(offer) is None:
            raise Wrong(f"services: there is no {offer}")
    listings = [
        _listing(panel, offer, _object(f"services.{offer}", fields))
        for offer, fields in services.items()
        if fields is not None
    ]
    return lambda: panel.offer(listings, gone)


def _listing(panel: Panel, offer: str, fields: Mapping[str, Json]) -> Listing:
    if not ID_PATTERN.fullmatch(offer):
        raise Wrong(f"services.{offer}: an id is a whole number")
    unknown = [name for name in fields if name not in _TEXTS and name not in _FLAGS]
    unknown = [name for name in unknown if name not in {"rate", "min", "max", "type"}]
    if unknown:
        raise Wrong(f"services.{offer}: unknown {', '.join(unknown)}")
    listing = panel.offered(offer)
    if listing is None:
        missing = [name for name in ("name", "rate", "min", "max") if name not in fields]
        if missing:
            raise Wrong(f"services.{offer} is new and lacks {', '.join(missing)}")
        listing = Listing(offer, "", "New", "Default", Decimal(0), 1, 1)
    for name, value in fields.items():
        listing = _changed(listing, name, value)
    if not 0 < listing.quantity_min <= listing.quantity_max:
        raise Wrong(f"services.{offer}: min must be from 1 to max")
    return listing


def _changed(listing: Listing, name: str, value: Json) -> Listing:
    where = f"services.{listing.offer}.{name}"
    if name == "rate":
        return replace(listing, rate=_amount(where, value))
    if name == "min":
        return replace(listing, quantity_min=_whole(where, value, QUANTITY_MAX))
    if name == "max":
        return replace(listing, quantity_max=_whole(where, value, QUANTITY_MAX))
    if name in _FLAGS:
        if not isinstance(value, bool):
            raise Wrong(f"{where} must be true or false")
        return replace(listing, **{_FLAGS[name]: value})
    text = _text(where, value)
    if name == "type":
        if read_type(text) is None:
            raise Wrong(f"{where}: {text} is not a type that the sandbox can take")
        return replace(listing, kind_word=text)
    return replace(listing, **{name: text})


def _faults(panel: Panel, asked: Json) -> Change:
    shares = _shares("faults", asked)
    Faults({**panel.faults.shares, **shares})
    return lambda: panel.faults.share(shares)


def _fates(panel: Panel, asked: Json) -> Change:
    shares = _shares("fates", asked)
    Fates(shares)
    return lambda: panel.fates.share(shares)


def _pace(panel: Panel, asked: Json) -> Change:
    milliseconds = int(_amount("pace_seconds", asked) * 1000)
    Fates(pace_milliseconds=milliseconds)
    return lambda: panel.fates.walk(milliseconds)


def _waits(panel: Panel, asked: Json) -> Change:
    waits = panel.faults.waits
    for name, value in _object("waits", asked).items():
        if name not in Waits.__slots__:
            raise Wrong(f"waits: unknown {name}; there are {', '.join(Waits.__slots__)}")
        waits = replace(waits, **{name: _whole(f"waits.{name}", value, QUANTITY_MAX)})

    def apply() -> None:
        panel.faults.waits = waits

    return apply


def _key(panel: Panel, asked: Json) -> Change:
    key = _text("key", asked)
    if not 0 < len(key) <= KEY_CHARACTERS_MAX:
        raise Wrong(f"key must have 1 to {KEY_CHARACTERS_MAX} characters")
    return lambda: panel.change_key(key)


def _balance(panel: Panel, asked: Json) -> Change:
    balance = _amount("balance", asked)

    def apply() -> None:
        panel.orders.balance = balance

    return apply


_READERS: Mapping[str, Callable[[Panel, Json], Change]] = {
    "services": _services,
    "faults": _faults,
    "fates": _fates,
    "pace_seconds": _pace,
    "waits": _waits,
    "key": _key,
    "balance": _balance,
}
_OF_AN_ORDER = ("order", "status", "remains", "charge", "start_count")
_TEXTS = ("name", "category", "description")
_FLAGS = {"dripfeed": "drip_feed", "refill": "refill", "cancel": "cancel"}
_WORDS = {word.lower(): word for word in Word}


def _object(name: str, value: Json) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise Wrong(f"{name} must be an object")
    return value


def _shares(name: str, value: Json) -> Mapping[str, Decimal]:
    shares = _object(name, value).items()
    return {each: read_share(f"{name}.{each}", _text(name, share)) for each, share in shares}


def _text(name: str, value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Wrong(f"{name} must be a text or a number")
    return str(value)


def _whole(name: str, value: Json, whole_max: int) -> int:
    text = _text(name, value)
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= whole_max):
        raise Wrong(f"{name} must be a whole number from 0 to {whole_max}")
    return int(text)


def _amount(name: str, value: Json) -> Decimal:
    amount = read_amount(_text(name, value))
    if amount is None or amount < 0:
        raise Wrong(f"{name} must be an amount from 0 up, such as 0.27")
    return amount


def _word(value: Json) -> Word:
    text = _text("status", value)
    if text.lower() not in _WORDS:
        raise Wrong(f"there is no status {text}: one of {', '.join(Word)}")
    return _WORDS[text.lower()]
