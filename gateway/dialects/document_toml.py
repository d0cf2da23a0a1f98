"""Writing what a dialect's document says as TOML, each table with a line that explains it."""

import json
import re
from collections.abc import Iterator, Mapping

from gateway.dialects.document_values import Said

_Path = tuple[str, ...]

ABOUT: Mapping[_Path, str] = {
    ("key",): "The field of our key in every request.",
    ("intervals",): "The minutes between the runs of a drip-feed that it takes; none = any.",
    ("delays",): "The minutes of delay that its subscriptions take; none = any.",
    ("never_in_comments",): "Characters that a comment cannot carry there.",
    ("never_anywhere",): "Characters that no value can carry there.",
    ("encoded_twice",): "Whether it decodes values once too often.",
    ("constant_currency",): "Whether it names the same currency whatever it bills in.",
    ("refusals",): "How it refuses: the key of the text, and what else must be said.",
    ("actions",): "The word of each action; false = it has no such action.",
    ("fields",): "The fields of an order that have another name there.",
    ("ids",): "The fields that name orders or refills: one, many (false = none), how many at most.",
    ("types",): "The fields of each type of service; false = it has no such type.",
    ("services",): "The list of services: where it stands (within), in pages of how many rows.",
    ("services", "keys"): "The key of each value of a row, and how it is written; false = none.",
    ("services", "types"): "The word of each type.",
    ("services", "types_read"): "Further words of types, and what each means.",
    ("services", "always"): "What every row has besides.",
    ("add",): "The answer to an order that was taken.",
    ("add", "verdicts"): "Keys that, where they stand, must hold one of these words.",
    ("add", "marker"): "What stands beside the order's id.",
    ("status",): "The rows of status: a map by id or a list, and their keys; false = none.",
    ("status", "words"): "The word of each status.",
    ("status", "words_read"): "Further words of statuses, and what each means.",
    ("refill",): "A yes to refill: one = what answers a single order, false = a list of one row.",
    ("refill_status",): "The rows of refill_status.",
    ("refill_status", "words"): "The word of each status of a refill.",
    ("refill_status", "words_read"): "Further words of refills, and what each means.",
    ("cancel",): "A yes to cancel: one = what answers a single order, false = a list of one row.",
    ("balance",): "The answer to balance.",
    ("texts",): "The text of each refusal, {} for the bound or the field.",
    ("order_texts",): "Texts that differ where they answer a refill or a cancel.",
    ("row_texts",): "Texts that differ in the rows of many.",
    ("meanings",): "Sentences of this panel alone, and what each means.",
}
"""Each table of a document in a line; the keys at the top stand there as tables do."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def write_toml(said: Mapping[str, Said], within: _Path = ()) -> Iterator[str]:
    """The lines of a document, or of one table of it: single values first, as TOML wants it."""
    tables = {
        name: value
        for name, value in said.items()
        if isinstance(value, dict) and (*within, name) in ABOUT
    }
    for name, value in said.items():
        if name not in tables:
            if not within:
                yield from ("", f"# {ABOUT[name,]}")
            yield f"{_key(name)} = {_value(value)}"
    for name, table in tables.items():
        path = (*within, name)
        yield from ("", f"# {ABOUT[path]}", f"[{'.'.join(map(_key, path))}]")
        yield from write_toml(table, path)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: Said) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    pairs = ", ".join(f"{_key(name)} = {_value(each)}" for name, each in value.items())
    return f"{{ {pairs} }}" if pairs else "{}"


def _text(value: str) -> str:
    """A basic string of TOML. JSON escapes the same, but for DEL and halves of characters."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
