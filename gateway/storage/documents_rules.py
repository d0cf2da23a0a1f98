"""The rules of markup.toml as a form, and back into its text (pages.md)."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from gateway.domain.edits import (
    EDITS_MAX,
    MATCH_FIELDS,
    RULE_FIELDS,
    CannotEdit,
    RuleText,
    Value,
)
from gateway.storage.documents_blocks import Block, Kept, arrange, lay, rows_of
from gateway.storage.documents_written import Table, Values, as_text, key, read, rewrite, written

_NAME = "rules"
_ID = re.compile("[1-9][0-9]{0,15}", re.ASCII)


def rules_of(text: str) -> tuple[RuleText, ...]:
    """The rules as they stand in markup.toml. Raises `CannotEdit` where no form can show them."""
    return tuple(_form(place, row) for place, (_, row) in enumerate(_blocks(text)))


def with_rules(text: str, rules: tuple[RuleText, ...]) -> str:
    """The text with these rules in this order; what is as it was keeps its bytes and remarks.

    Raises `CannotEdit`.
    """
    if len(rules) > EDITS_MAX:
        raise CannotEdit(f"{len(rules):,} rules are too many: at most {EDITS_MAX:,}")
    blocks = _blocks(text)
    places = [rule.place for rule in rules if rule.place is not None]
    if len(set(places)) < len(places) or not set(places) <= set(range(len(blocks))):
        raise CannotEdit("the rules are not those of this document: load it again")
    wanted = [_wanted(rule, blocks) for rule in rules]
    if wanted == [Kept(place) for place in range(len(blocks))]:
        return text
    return arrange(lay(text, _NAME), wanted)


def _blocks(text: str) -> list[tuple[Block, Table]]:
    read_rows = read(text).get(_NAME, [])
    blocks = rows_of(lay(text, _NAME), read_rows, _NAME)
    return list(zip(blocks, cast("list[Table]", read_rows), strict=True))


def _form(place: int, row: Table) -> RuleText:
    match = row.get("match", {})
    if not isinstance(match, dict):
        raise CannotEdit(f"the match of rule {place + 1} is no table: edit the document itself")
    said = {
        name: as_text(table[name])
        for table, names in ((cast("Table", match), MATCH_FIELDS), (row, RULE_FIELDS))
        for name in names
        if name in table
    }
    return replace(RuleText(place), **said)


def _wanted(rule: RuleText, blocks: list[tuple[Block, Table]]) -> Kept | str:
    if rule.place is None:
        return _new(rule)
    block, row = blocks[rule.place]
    before = _form(rule.place, row)
    if rule == before:
        return Kept(rule.place)
    body = rewrite(block.body, (_NAME,), _changes(before, rule, row))
    return Kept(rule.place, body)


def _changes(before: RuleText, after: RuleText, row: Table) -> Values:
    was, will = before.values(), after.values()
    found: dict[str, Value | Mapping[str, Value] | None] = {}
    changed = [
        name for name in MATCH_FIELDS if was.get(("match", name)) != will.get(("match", name))
    ]
    if changed:
        match = dict(cast("dict[str, Value]", row.get("match", {})))
        for name in changed:
            if ("match", name) in will:
                match[name] = _value(name, will["match", name])
            else:
                match.pop(name, None)
        found["match"] = match or None
    # what a rule matches is read before what it does, also where both are new to it
    return found | {
        name: will.get((name,)) for name in RULE_FIELDS if was.get((name,)) != will.get((name,))
    }


def _new(rule: RuleText) -> str:
    said = rule.values()
    match = {path[-1]: _value(path[-1], text) for path, text in said.items() if len(path) == 2}
    lines = [f"[[{_NAME}]]"]
    lines += [f"match = {written(match)}"] if match else []
    lines += [f"{key(path[0])} = {written(text)}" for path, text in said.items() if len(path) == 1]
    return "\n".join(lines) + "\n"


def _value(name: str, text: str) -> Value:
    # what is no id is written as it was typed, and complained of where documents are read
    return int(text) if name == "service" and _ID.fullmatch(text) else text
