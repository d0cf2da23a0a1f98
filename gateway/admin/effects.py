"""What a change of the catalog would do, as pages show it: losses first, then the worst margins."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from gateway.admin.drafts import RuleText
from gateway.admin.grids import ROWS, Cell, Column, Grid, Row
from gateway.admin.visits import Form, Visit
from gateway.domain.explanations import markup_in_words, match_in_words
from gateway.domain.plans import Change
from gateway.operations.compare import Difference, Hunk
from gateway.operations.edit import Documents
from gateway.operations.preview import (
    DocumentError,
    DocumentErrors,
    Preview,
    RuleMargins,
    Superseded,
    preview,
)

DIFF_LINES_MAX = 300
LINE_CHARACTERS_MAX = 200
NAMES_MAX = 20
_HERE = Form()


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a document, and the line that it is in."""

    error: DocumentError
    line: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What documents would change; or what is wrong with them; or neither, when asked anew."""

    seen: Preview | None = None
    complaints: tuple[Complaint, ...] = ()
    agreed: str = ""

    @property
    def new_losses(self) -> tuple[Change, ...]:
        """Services that would lose money by it."""
        return self.seen.plan.new_losses if self.seen else ()

    @property
    def losses_token(self) -> str:
        """Stands for exactly these losses: who agrees to them agrees to no others."""
        told = [f"{change.id} {change.after}" for change in self.new_losses]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]

    @property
    def losses_agreed(self) -> bool:
        """Whether the operator ticked these losses."""
        return bool(self.new_losses) and self.agreed == self.losses_token

    @property
    def changes(self) -> Sequence[Change]:
        """New losses first, also of services whose rate stays; then the others by their risk."""
        if self.seen is None:
            return ()
        first = {change.id for change in self.new_losses}
        return (*self.new_losses, *(each for each in self.seen.changes if each.id not in first))

    @property
    def changes_grid(self) -> Grid:
        """The first of them."""
        unit = self.seen.currency if self.seen else ""
        columns = (
            Column("id", right=True),
            Column("service"),
            Column("cost", right=True, unit=unit),
            Column("rate now", right=True, unit=unit),
            Column("rate then", right=True, unit=unit),
            Column("margin now", right=True),
            Column("margin then", right=True),
            Column("what"),
        )
        rows = [_row(change) for change in self.changes[:ROWS]]
        note = f"The first {ROWS} of {len(self.changes):,}." if len(self.changes) > ROWS else ""
        return _grid("What changes", columns, rows, note)

    @property
    def rules_grid(self) -> Grid:
        """What each rule would rate."""
        columns = (
            Column("#", right=True),
            Column("matches"),
            Column("then"),
            Column("services", right=True),
            Column("least margin", right=True),
            Column("middle margin", right=True),
        )
        found = self.seen.rules if self.seen else ()
        note = f"The first {ROWS} of {len(found):,}." if len(found) > ROWS else ""
        return _grid(
            "Rules as they would rate", columns, [_rule(each) for each in found[:ROWS]], note
        )


async def look(visit: Visit, documents: Documents) -> Effect:
    """What documents would change of what is sold now; nothing is stored."""
    agreed = visit.form.one("losses")
    try:
        found = await preview(visit.backends, documents, operator=visit.actor.name)
    except DocumentErrors as errors:
        return Effect(complaints=told(errors, documents.texts))
    except Superseded:
        return Effect()
    return Effect(found, agreed=agreed)


def told(errors: DocumentErrors, texts: Mapping[str, str]) -> tuple[Complaint, ...]:
    """What is wrong, each with the line that it is in."""
    lines = {each.file: texts.get(each.file, "").split("\n") for each in errors.errors}
    return tuple(
        Complaint(each, lines[each.file][each.line - 1] if each.line else "")
        for each in errors.errors
        if each.line is None or each.line <= len(lines[each.file])
    )


def shortened(found: Mapping[str, Difference]) -> Mapping[str, Difference]:
    """So many lines as a page takes, together; what is left out is counted."""
    room = DIFF_LINES_MAX
    short: dict[str, Difference] = {}
    for file, difference in found.items():
        hunks: list[Hunk] = []
        for hunk in difference.hunks:
            lines = tuple(each[:LINE_CHARACTERS_MAX] for each in islice(hunk.lines, room))
            room -= len(lines)
            hunks += [replace(hunk, lines=lines)] if lines else []
        shown = sum(line[0] != " " for hunk in hunks for line in hunk.lines)
        left_out = difference.removed + difference.added - shown
        short[file] = replace(difference, hunks=tuple(hunks), left_out=left_out)
    return short


def words_of(rule: RuleText) -> tuple[str, str]:
    """What a rule matches and what it does, whatever is typed in its fields."""
    named = ("provider", "category", "type", "group", "customer")
    words = [f'{name} "{value}"' for name in named if (value := getattr(rule, name))]
    words += [f"service {rule.service}"] if rule.service else []
    words += [f"cost from {rule.cost_min}"] if rule.cost_min else []
    words += [f"cost below {rule.cost_max}"] if rule.cost_max else []
    return ", ".join(words) or "everything", _does(rule)


def _does(rule: RuleText) -> str:
    if rule.rate:
        return f"a rate of {rule.rate}"
    sign = "" if rule.percent.startswith(("-", "+")) else "+"
    parts = [f"{sign}{rule.percent} %"] if rule.percent else []
    parts += [f"+{rule.fixed}"] if rule.fixed else []
    return " and ".join(parts) or "nothing yet"


def _grid(name: str, columns: Sequence[Column], rows: Sequence[Row], note: str) -> Grid:
    return Grid(name, columns, rows, _HERE, "/markup", note=note, exports=False)


def _row(change: Change) -> Row:
    was, will = change.before, change.after
    cost = will or was
    mark = "LOSS" if change.loss else ""
    tone = "loss" if change.loss else ""
    what = ", ".join(change.what) or ("new" if was is None else "gone" if will is None else "")
    return (
        Cell(change.id, href=f"/services/{change.id}"),
        change.name,
        cost.cost_rate if cost else None,
        was.rate if was else None,
        will.rate if will else None,
        Cell(was.margin_percent if was else None, share=True),
        Cell(will.margin_percent if will else None, share=True, tone=tone, mark=mark),
        what or "minimum margin",
    )


def _rule(margins: RuleMargins) -> Row:
    rule = margins.rule
    return (
        rule.number,
        match_in_words(rule.match),
        markup_in_words(rule),
        margins.services,
        Cell(margins.margin_min_percent, share=True),
        Cell(margins.margin_median_percent, share=True),
    )
