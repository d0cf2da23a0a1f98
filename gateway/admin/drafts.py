"""A draft of the documents: it travels in the page's form, with the revision that it began with."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice

from gateway.admin.visits import Form, Stop, Visit, whole
from gateway.domain.edits import EDITS_MAX, MATCH_FIELDS, RULE_FIELDS, SetRules, as_before
from gateway.operations import Backends
from gateway.operations.edit import CannotEdit, Documents, edit
from gateway.operations.rules import RuleText, rules
from gateway.operations.stored import stored

FORM = "form"
MARKUP = "markup.toml"
RULE_NAMES = (*MATCH_FIELDS, *RULE_FIELDS)
OPEN_MAX = 12
"""Up to so many rules the form shows all with their fields; of more only those asked for."""
FORM_RULES_MAX = 200
_EMPTY = Documents("", "", "")


@dataclass(frozen=True, slots=True)
class Row:
    """A rule in the form. `typed`: its fields are there to type in; `open`: and unfolded."""

    rule: RuleText
    typed: bool = True
    open: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody is editing; `texts` by file name, only those that differ from the base's.

    `view`: the form, or the file shown. `rows`: the rules as the form shows them. `wrong`: why the
    last step was not taken.
    """

    base: int
    before: Documents
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    view: str = FORM
    rows: Sequence[Row] = ()
    wrong: str = ""

    @property
    def documents(self) -> Documents:
        """The base's with these texts in their place."""
        return _with(self.before, self.texts)

    @property
    def file(self) -> str:
        """The file that the view is of."""
        return MARKUP if self.view == FORM else self.view

    @property
    def text(self) -> str:
        """That file's text."""
        return self.documents.texts[self.file]

    @property
    def travelling(self) -> Mapping[str, str]:
        """What the page carries unseen: other edited files, and what the form was made of."""
        own = {MARKUP: self.text} if self.view == FORM else dict[str, str]()
        return {**{file: text for file, text in self.texts.items() if file != self.file}, **own}

    @property
    def bytes_carried(self) -> int:
        """How large the texts on the page are."""
        texts = {self.file: self.text, **self.travelling}
        return sum(len(text.encode()) for text in texts.values())


async def fresh(visit: Visit, view: str) -> Draft:
    """What is active, unchanged; raises `Stop` where there is no such document."""
    revision = await stored(visit.backends)
    draft = Draft(revision.number, revision.documents) if revision else Draft(0, _EMPTY)
    if view != FORM and view not in draft.before.texts:
        raise Stop(f"There is no document {view[:100]}.", back="/markup", status=404)
    return await _shown(visit.backends, replace(draft, view=view))


async def sent(visit: Visit) -> Draft:
    """The draft that a form carried, after what was typed and the button that was pressed."""
    form = visit.form
    draft = await _carried(visit)
    if draft.view == FORM:
        rows = await _typed_rows(visit.backends, form, draft)
        try:
            draft = await _with_rows(visit.backends, draft, _moved(rows, form.one("intent")))
        except CannotEdit as why:
            return replace(draft, rows=rows, wrong=f"{why}. Nothing was changed.")
    return await _switched(visit, draft)


async def _carried(visit: Visit) -> Draft:
    form = visit.form
    draft = await _on_base(visit.backends, form.one("base", "0"))
    texts: dict[str, str] = {}
    for file, before in draft.before.texts.items():
        if file in form.fields:
            typed = as_before(form.one(file), "")
            # one of mixed line ends comes back with one kind of them, though nobody touched it
            if typed != as_before(before, ""):
                texts[file] = as_before(unicodedata.normalize("NFC", typed), before)
    view = form.one("view", FORM)
    known = view == FORM or view in draft.before.texts
    return replace(draft, texts=texts, view=view if known else FORM)


async def _on_base(backends: Backends, typed: str) -> Draft:
    base = whole(typed)
    if base == 0:
        return Draft(0, _EMPTY)
    revision = await stored(backends, base) if base else None
    if revision is None:
        raise Stop(
            "This form says of no revision that it began with it. Nothing was changed.",
            then="Open the markup again.",
            back="/markup",
        )
    return Draft(revision.number, revision.documents)


async def _switched(visit: Visit, draft: Draft) -> Draft:
    """As the button says: another view of the same draft, or the draft over another base."""
    verb, _, what = visit.form.one("intent").partition(":")
    if verb == "view" and (what == FORM or what in draft.before.texts):
        draft = replace(draft, view=what, rows=())
    elif verb == "rebase":
        base = await _on_base(visit.backends, what)
        known = base.before.texts
        kept = {
            file: text for file, text in draft.texts.items() if known.get(file) not in (None, text)
        }
        draft = replace(base, texts=kept, view=draft.view if draft.view in known else FORM)
    return await _shown(visit.backends, draft)


async def _shown(backends: Backends, draft: Draft) -> Draft:
    """With the rules of its text, or as the document where no form can show them."""
    if draft.view != FORM:
        return draft
    try:
        found = await rules(backends, draft.text)
        if len(found) > FORM_RULES_MAX:
            raise CannotEdit(f"{len(found):,} rules are too many for a form")
        if any(_unseen(text) for rule in found for text in rule.values().values()):
            raise CannotEdit("a rule holds a line end or another character that no field can")
    except CannotEdit as why:
        return replace(draft, view=MARKUP, rows=(), wrong=f"No form can show this: {why}.")
    open_before = [(row.typed, row.open) for row in draft.rows]
    if len(open_before) != len(found):
        open_before = [(len(found) <= OPEN_MAX, False)] * len(found)
    rows = [Row(rule, *flags) for rule, flags in zip(found, open_before, strict=True)]
    return replace(draft, rows=rows)


async def _with_rows(backends: Backends, draft: Draft, rows: Sequence[Row]) -> Draft:
    edited = SetRules(tuple(row.rule for row in rows))
    made = await edit(backends, draft.documents, [edited])
    texts = {**draft.texts, MARKUP: made.markup}
    if made.markup == draft.before.markup:
        del texts[MARKUP]
    return replace(draft, texts=texts, rows=rows)


async def _typed_rows(backends: Backends, form: Form, draft: Draft) -> list[Row]:
    """The rules as the form says; fields that it does not show are as the text has them."""
    try:
        known = {rule.place: rule for rule in await rules(backends, draft.text)}
    except CannotEdit:
        known = {}
    rows: list[Row] = []
    places = (form.fields.get(f"r{row}-place") for row in count())
    for row, values in enumerate(islice(iter(lambda: next(places), None), EDITS_MAX + 1)):
        place = whole(values[0]) if values[0] else None
        before = known.get(place, RuleText(place))
        said = {
            name: _said(form.one(f"r{row}-{name}"), getattr(before, name))
            for name in RULE_NAMES
            if f"r{row}-{name}" in form.fields
        }
        after = replace(before, **said)
        opened = f"r{row}-open" in form.fields or after != before
        rows.append(Row(after, typed=bool(said), open=opened))
    return rows


def _said(typed: str, before: str) -> str:
    return typed if typed == before else typed.strip()


def _moved(rows: list[Row], intent: str) -> list[Row]:
    """As the button of a rule says."""
    verb, _, place = intent.partition(":")
    new = Row(RuleText(), open=True)
    if verb == "add":
        # behind a rule that matches everything, none is ever asked
        last = rows[-1].rule if rows else None
        at = len(rows) - (last is not None and not any(_match(last)))
        return [*rows[:at], new, *rows[at:]]
    at = whole(place)
    if at is None or at >= len(rows):
        return rows
    row, others = rows[at], [*rows[:at], *rows[at + 1 :]]
    to = {"up": max(at - 1, 0), "down": at + 1}
    if verb in to:
        return [*others[: to[verb]], row, *others[to[verb] :]]
    changed = {
        "remove": others,
        "insert": [*rows[:at], new, *rows[at:]],
        "open": [*rows[:at], replace(row, typed=True, open=True), *rows[at + 1 :]],
    }
    return changed.get(verb, rows)


def _match(rule: RuleText) -> list[str]:
    return [getattr(rule, name) for name in MATCH_FIELDS]


def _unseen(text: str) -> bool:
    return any(unicodedata.category(each) == "Cc" for each in text)


def _with(documents: Documents, texts: Mapping[str, str]) -> Documents:
    found = {**documents.texts, **texts}
    return Documents(
        found["providers.toml"],
        found["services.toml"],
        found[MARKUP],
        {name: found[f"dialects/{name}.toml"] for name in documents.dialects},
    )
