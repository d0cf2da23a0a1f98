"""What a change of the catalog would do, as pages show it: losses first, then the worst margins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from gateway.admin.drafts import RuleText
from gateway.admin.grids import ROWS, Cell, Column, Grid, Row
from gateway.admin.planned import Planned, planned
from gateway.admin.visits import Form, Visit
from gateway.domain.explanations import markup_in_words, match_in_words
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
    planned: Planned | None = None

    @property
    def losses_agreed(self) -> bool:
        """Whether the operator ticked the losses that there would be."""
        return self.planned is not None and self.planned.losses_agreed

    @property
    def unmeant(self) -> bool:
        """Whether services would lose money by it that he did not tick."""
        return bool(self.planned and self.planned.new_losses) and not self.losses_agreed

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
    try:
        found = await preview(visit.backends, documents, operator=visit.actor.name)
    except DocumentErrors as errors:
        return Effect(complaints=told(errors, documents.texts))
    except Superseded:
        return Effect()
    return Effect(found, planned=planned(found, visit.form.one("losses")))


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
