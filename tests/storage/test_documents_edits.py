"""Edits made through forms: what is not edited keeps its bytes, and no value leaves its quotes."""

import tomllib
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.edits import (
    AddProvider,
    AddServices,
    CannotEdit,
    Edit,
    NewEntry,
    OrderOffers,
    RemoveServices,
    RuleText,
    SetProvider,
    Switch,
    as_before,
)
from gateway.storage.documents import Documents
from gateway.storage.documents_edits import edited
from gateway.storage.documents_rules import rules_of, with_rules

MARKUP = """\
# What this file is about.

currency = "USD"   # ours
[deny]
words = ["[[rules]]"]

# for gold
[[rules]]
match = { group = "gold", service = 7 }   # by hand
percent = "15"  # agreed
# their own

# nobody's

# cheap
# things
[[rules]]
fixed = 3
[rules.match]   # below
cost_max = "0.10"

[[rules]]
match.category = \"\"\"
[[rules]]\"\"\"
rate = 1.5
[[rules]]
percent = '25'"""
SERVICES = """\
# The first.
[[services]]
id = 1
name = '[[services]]'
category = "A"
offers = [
  "acme:1",   # cheap
  "acme:2",
]
# refill = true

# The second.
[[services]]
id = 2_000
name = "B"
category = "A"
offers = ["acme:3"]
enabled = true   # for now
"""
PROVIDERS = '[providers.acme]\nurl = "https://a.example/"   # theirs\ndialect = "standard"\n'
DOCUMENTS = Documents(PROVIDERS, SERVICES, MARKUP)

ANYTHING = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ['"', "]]", '"\n[[rules]]\npercent = "0"\n#', "\\", "\x00\x7f\r\n", "'''", "\u2028", "7", " 7"]
)
RULES = st.builds(
    RuleText,
    **{field.name: st.just("") | ANYTHING for field in fields(RuleText) if field.name != "place"},
)
PLACES = st.lists(
    st.none() | st.integers(0, 3), max_size=6, unique_by=lambda each: each or object()
)


def said(rules: tuple[RuleText, ...]) -> list[dict[tuple[str, ...], str]]:
    return [rule.values() for rule in rules]


@given(PLACES, st.data())
def test_the_text_says_what_the_form_said(places: list[int | None], data: st.DataObject) -> None:
    before = rules_of(MARKUP)
    wanted: list[RuleText] = []
    for place in dict.fromkeys(places):
        change = place is None or data.draw(st.booleans())
        made = replace(data.draw(RULES), place=place) if change else before[place or 0]
        wanted.append(made)
    text = with_rules(MARKUP, tuple(wanted))
    assert said(rules_of(text)) == said(tuple(wanted))
    rest = {name: value for name, value in tomllib.loads(MARKUP).items() if name != "rules"}
    read = tomllib.loads(text)
    assert {name: value for name, value in read.items() if name != "rules"} == rest
    assert with_rules(text, rules_of(text)) == text
    for remark in ("# What this file is about.\n\n", "# nobody's\n", 'currency = "USD"   # ours\n'):
        assert text.count(remark) == 1


def test_nothing_edited_is_not_a_byte_changed() -> None:
    for text in (MARKUP, MARKUP.replace("\n", "\r\n"), MARKUP + "\n\n"):
        assert with_rules(text, rules_of(text)) == text


def test_remarks_move_with_their_rule() -> None:
    gold, cheap, odd, last = rules_of(MARKUP)
    dearer = replace(cheap, fixed="4", cost_max="0.20")
    text = with_rules(MARKUP, (dearer, replace(gold, percent="16", service="", group="vip"), last))
    assert text.endswith(
        '# cheap\n# things\n[[rules]]\nfixed = "4"\n[rules.match]   # below\n'
        'cost_max = "0.20"\n\n# nobody\'s\n\n'
        '# for gold\n[[rules]]\nmatch = { group = "vip" }   # by hand\n'
        "percent = \"16\"  # agreed\n# their own\n\n[[rules]]\npercent = '25'"
    )
    assert odd.category == "[[rules]]"


@pytest.mark.parametrize(
    ("text", "rules", "why"),
    [
        ('currency = "USD"\nrules = [{ percent = "1" }]', None, "not written as"),
        ("currency = [", None, "not TOML"),
        ("[[rules]]\nmatch = 5", None, "no table"),
        ('[[rules]]\npercent = ["1"]', None, "neither"),
        (MARKUP, (RuleText(4),), "load it again"),
        (MARKUP, (RuleText(0), RuleText(0)), "load it again"),
        (MARKUP, (RuleText(percent="1" * 10_001),), "longer than"),
        (MARKUP, (RuleText(group="\ud800"),), "half a character"),
        (MARKUP, (RuleText(percent="1"),) * 1_001, "too many"),
    ],
)
def test_what_no_form_can_edit_is_refused(
    text: str, rules: tuple[RuleText, ...] | None, why: str
) -> None:
    with pytest.raises(CannotEdit, match=why):
        with_rules(text, rules if rules is not None else rules_of(text))


def services(edit: Edit) -> str:
    return edited(DOCUMENTS, edit).services


def test_services_are_switched_ordered_and_removed_where_they_stand() -> None:
    off = services(Switch(frozenset({1, 2_000}), enabled=False))
    assert off == SERVICES.replace("enabled = true   #", "enabled = false   #").replace(
        "]\n# refill = true\n", "]\n# refill = true\nenabled = false\n"
    )
    assert services(Switch(frozenset({2_000}), enabled=True)) == SERVICES
    turned = services(OrderOffers(1, ("acme:2", "acme:1")))
    assert 'offers = ["acme:2", "acme:1"]\n# refill' in turned
    without = services(RemoveServices(frozenset({1})))
    assert without == "# The first.\n" + SERVICES[SERVICES.index("# The second") :]
    assert edited(DOCUMENTS, Switch(frozenset({1}), enabled=True)).markup is MARKUP


@given(ANYTHING, ANYTHING, st.lists(ANYTHING, max_size=2))
def test_hostile_names_stay_in_their_quotes(name: str, category: str, hints: list[str]) -> None:
    entry = NewEntry(5, name, category, ("acme:9", 'x"]'), tuple(hints))
    text = services(AddServices((entry,)))
    assert text.startswith(SERVICES)
    *before, last = tomllib.loads(text)["services"]
    assert before == tomllib.loads(SERVICES)["services"]
    assert last == {"id": 5, "name": name, "category": category, "offers": ["acme:9", 'x"]']}


@given(ANYTHING)
def test_providers_are_added_and_changed(value: str) -> None:
    values: tuple[tuple[str, Any], ...] = (("url", value), ("poll_seconds", 5))
    added = edited(DOCUMENTS, AddProvider("beta", values))
    assert added.providers.startswith(PROVIDERS)
    changed = edited(added, SetProvider("acme", "url", value))
    emptied = edited(changed, SetProvider("beta", "poll_seconds", None))
    assert tomllib.loads(emptied.providers)["providers"] == {
        "acme": {"url": value, "dialect": "standard"},
        "beta": {"url": value},
    }
    assert "# theirs\n" in emptied.providers


@pytest.mark.parametrize(
    "edit",
    [
        Switch(frozenset({3}), enabled=True),
        OrderOffers(1, ("acme:1", "acme:7")),
        RemoveServices(frozenset({1, 3})),
        AddServices((NewEntry(1, "a", "b", ()),) * 1_001),
        AddProvider("ACME", ()),
        AddProvider("a]\n[b", ()),
        AddProvider("beta", (("password", "x"),)),
        SetProvider("beta", "url", "x"),
        SetProvider("acme", "secret", "x"),
    ],
)
def test_an_edit_of_what_is_not_there_is_refused(edit: Edit) -> None:
    with pytest.raises(CannotEdit):
        edited(DOCUMENTS, edit)


def test_a_page_gives_back_the_line_ends_of_a_text() -> None:
    typed = MARKUP.replace("\n", "\r\n")
    assert as_before(typed, MARKUP) == MARKUP
    assert as_before(MARKUP, typed) == typed
