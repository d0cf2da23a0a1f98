"""A provider's table for providers.toml, as text: what is known of it and what was seen."""

import json
from dataclasses import MISSING, dataclass, fields
from typing import cast

from gateway.domain.catalog import Provider, Quirks

_NOT_SHOWN = frozenset({"name", "document", "quirks"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What a probe saw. `dialect` None: not decided. `currency`: as its balance says, else empty;
    `says_always`: in words that are the same whatever it bills in.
    """

    dialect: str | None
    currency: str = ""
    says_always: bool = False


def draft(provider: Provider, seen: Seen, *, configured: bool) -> str:
    """A `[providers.NAME]` table, with what its document says already where there is one."""
    lines = {
        each.name: getattr(provider, each.name)
        for each in fields(Provider)
        if each.name not in _NOT_SHOWN
        and (each.default is MISSING or getattr(provider, each.name) != each.default)
    }
    notes: dict[str, str] = {}
    lines["dialect"] = seen.dialect or provider.dialect
    if seen.dialect is None:
        notes["dialect"] = "not decided"
    if configured:
        lines |= _quirks(provider.quirks)
    else:
        lines.pop("timeout_seconds", None)
        lines["currency"], notes["currency"] = _currency(provider, seen)
    rows = (
        f"{name} = {toml(value)}" + (f"   # {notes[name]}" if name in notes else "")
        for name, value in lines.items()
    )
    return "\n".join((f"[providers.{provider.name}]", *rows))


def toml(value: object) -> str:
    """One value as TOML spells it; a panel's texts with their meanings as an inline table."""
    if isinstance(value, tuple):
        values = cast("tuple[object, ...]", value)
        pairs = [cast("tuple[object, object]", each) for each in values if isinstance(each, tuple)]
        if pairs:
            entries = (f"{toml(text)} = {toml(code)}" for text, code in pairs)
            return "{ " + ", ".join(entries) + " }"
        return "[" + ", ".join(toml(each) for each in values) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _currency(provider: Provider, seen: Seen) -> tuple[str, str]:
    """The currency of a panel that nobody has described, and where it was seen."""
    if not seen.currency:
        return provider.currency, "it does not say which"
    if seen.says_always:
        return seen.currency, "it says so whatever it bills in: look at an invoice"
    return seen.currency, "as its balance says"


def _quirks(quirks: Quirks) -> dict[str, object]:
    return {
        each.name: getattr(quirks, each.name)
        for each in fields(Quirks)
        if getattr(quirks, each.name) != each.default
    }
