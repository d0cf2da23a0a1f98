"""What a trait of a panel is, and those of its balance and its list (protocol.md 7, Probe)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from gateway.dialects.dialect import Dialect
from gateway.dialects.inference_sight import FLAGS, Found, Sight
from gateway.dialects.listings import type_words
from gateway.dialects.spelling import Key, Literal
from gateway.dialects.values import WORD_CHARACTERS_MAX, line
from gateway.domain.services import plain_type

KINDS: Mapping[Literal, str] = {
    Literal.TEXT: "text",
    Literal.NUMBER: "number",
    Literal.BOOLEAN: "boolean",
}
NUMBERS = ("rate", "quantity_min", "quantity_max")
NAMED = ("offer", "name", "kind_word", "category", *NUMBERS)

_SHOWN_MAX = 8
_SAMPLE_CHARACTERS_MAX = 40


@dataclass(frozen=True, slots=True)
class Trait:
    """One feature. `seen`: what the panel does, empty when its answers do not tell.

    `fits` is asked for a dialect only once something was seen. `weight`: how much it tells;
    `firm`: a dialect that does otherwise cannot be the one.
    """

    feature: str
    weight: int
    seen: Callable[[Sight], str]
    fits: Callable[[Sight, Dialect], bool]
    firm: bool = False


def shown(texts: Iterable[str]) -> str:
    """Some texts in a row, and that there are more."""
    names = list(texts)
    more = [f"{len(names) - _SHOWN_MAX} more"] if len(names) > _SHOWN_MAX else []
    return ", ".join((*names[:_SHOWN_MAX], *more))


def place(path: tuple[str, ...]) -> str:
    """Where something stands in an answer."""
    return f"under {'.'.join(path)}" if path else "at the top"


def same(found: Found, thing: str, key: Key | None, literal: Literal | None = None) -> bool:
    """Whether a thing has the name and the kind that a dialect gives it."""
    if key is None or found.keys.get(thing) != key.name:
        return False
    return found.kind(thing) == KINDS[literal or key.literal]


def beside(found: Found) -> dict[str, str]:
    """The texts that stand beside what was looked for in a single object."""
    return {
        name: line(value, _SAMPLE_CHARACTERS_MAX)
        for name, value in found.rows[0].items()
        if isinstance(value, str) and name not in found.keys.values()
    }


def type_words_seen(sight: Sight) -> list[str]:
    """The type words of the list as they are written, each once."""
    found = sight.services
    if not found or "kind_word" not in found.keys:
        return []
    key = found.keys["kind_word"]
    words = (line(row.get(key), WORD_CHARACTERS_MAX) for row in found.rows)
    return [*dict.fromkeys(word for word in words if word)]


def _balance_seen(sight: Sight) -> str:
    if not sight.balance:
        return ""
    value = sight.balance.rows[0][sight.balance.keys["amount"]]
    words = f"{sight.balance.kind('amount')} {line(value, _SAMPLE_CHARACTERS_MAX)}"
    return f"{words} {place(sight.balance.path)}" if sight.balance.path else words


def _balance(sight: Sight, dialect: Dialect) -> bool:
    balances, seen = dialect.spelling.balances, sight.balance
    if seen is None or seen.path != balances.within:
        return False
    return same(seen, "amount", balances.amount)


def _beside_seen(sight: Sight) -> str:
    if not sight.balance:
        return ""
    markers = beside(sight.balance)
    return shown(f"{name} = {value}" for name, value in markers.items()) or "nothing"


def _beside(sight: Sight, dialect: Dialect) -> bool:
    return sight.balance is not None and beside(sight.balance) == dialect.spelling.balances.marker


def _list_at_seen(sight: Sight) -> str:
    return place(sight.services.path) if sight.services else ""


def _list_at(sight: Sight, dialect: Dialect) -> bool:
    return sight.services is not None and sight.services.path == dialect.spelling.services.within


def _names_seen(sight: Sight) -> str:
    if not sight.services:
        return ""
    return shown(sight.services.keys.get(thing, f"no {thing}") for thing in NAMED)


def _names(sight: Sight, dialect: Dialect) -> bool:
    keys = dialect.spelling.services.keys
    return sight.services is not None and all(
        sight.services.keys.get(thing) in (keys[thing].name, *keys[thing].also_read)
        for thing in NAMED
    )


def _ids_seen(sight: Sight) -> str:
    return sight.services.kind("offer") if sight.services else ""


def _ids(sight: Sight, dialect: Dialect) -> bool:
    literal = dialect.spelling.services.keys["offer"].literal
    return sight.services is not None and sight.services.kind("offer") == KINDS[literal]


def _numbers_seen(sight: Sight) -> str:
    if not sight.services:
        return ""
    return shown(dict.fromkeys(sight.services.kind(thing) for thing in NUMBERS))


def _numbers(sight: Sight, dialect: Dialect) -> bool:
    keys = dialect.spelling.services.keys
    return sight.services is not None and all(
        sight.services.kind(thing) == KINDS[keys[thing].literal] for thing in NUMBERS
    )


def _flags_of(sight: Sight) -> dict[str, str]:
    found = sight.services
    return {flag: found.kind(flag) for flag in FLAGS if found and found.kind(flag)}


def _flags_seen(sight: Sight) -> str:
    if not sight.services:
        return ""
    keys = sight.services.keys
    return shown(f"{kind} {keys[flag]}" for flag, kind in _flags_of(sight).items())


def _flags(sight: Sight, dialect: Dialect) -> bool:
    keys = dialect.spelling.services.keys
    wanted = {flag: KINDS[keys[flag].literal] for flag in FLAGS if flag in keys}
    return wanted.items() >= _flags_of(sight).items()  # a list need not have all of them


def _no_flags_seen(sight: Sight) -> str:
    return "none" if sight.services and not _flags_of(sight) else ""


def _no_flags(_sight: Sight, dialect: Dialect) -> bool:
    return not any(flag in dialect.spelling.services.keys for flag in FLAGS)


def _description_seen(sight: Sight) -> str:
    return sight.services.keys.get("description", "") if sight.services else ""


def _description(sight: Sight, dialect: Dialect) -> bool:
    key = dialect.spelling.services.keys.get("description")
    return key is not None and key.name == _description_seen(sight)


def _always_of(sight: Sight) -> set[str]:
    rows = sight.services.rows if sight.services else ()
    return {name for name in sight.always if any(name in row for row in rows)}


def _always_seen(sight: Sight) -> str:
    if not sight.services or not sight.always:
        return ""
    return shown(sorted(_always_of(sight))) or f"no {shown(sorted(sight.always))}"


def _always(sight: Sight, dialect: Dialect) -> bool:
    return _always_of(sight) == set(dialect.spelling.services.always)


def _types_seen(sight: Sight) -> str:
    return shown(type_words_seen(sight))


def _types(sight: Sight, dialect: Dialect) -> bool:
    services = dialect.spelling.services
    meant = type_words(services)
    words = [word for word in type_words_seen(sight) if plain_type(word) in meant]
    return bool(words) and all(
        services.types.get(meant[plain_type(word)]) == word for word in words
    )


TRAITS_OF_LISTS = (
    Trait("balance", 1, _balance_seen, _balance),
    Trait("beside the balance", 2, _beside_seen, _beside),
    Trait("services: where the list is", 3, _list_at_seen, _list_at, firm=True),
    Trait("services: keys", 2, _names_seen, _names, firm=True),
    Trait("services: ids", 2, _ids_seen, _ids),
    Trait("services: rate, min and max", 1, _numbers_seen, _numbers),
    Trait("services: flags", 4, _flags_seen, _flags),
    Trait("services: flags", 2, _no_flags_seen, _no_flags),  # many leave out what is not a yes
    Trait("services: description", 1, _description_seen, _description),
    Trait("services: further keys", 1, _always_seen, _always),
    Trait("services: words of types", 3, _types_seen, _types),
)
