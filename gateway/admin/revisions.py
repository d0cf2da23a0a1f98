"""Revisions of the catalog: who made which and why, how they differ, and the way back to one."""

from collections.abc import AsyncGenerator, Sequence
from urllib.parse import quote

from starlette.responses import Response

from gateway.admin import answers
from gateway.admin.effects import Effect, look, shortened
from gateway.admin.folder import differing
from gateway.admin.grids import (
    ROWS,
    Cell,
    Column,
    Grid,
    Row,
    export,
    wants_export,
)
from gateway.admin.rendering import page
from gateway.admin.visits import Page, Stop, Visit, missing, whole
from gateway.domain.operators import Right
from gateway.domain.reasons import REASON_CHARACTERS_MAX, reason_of, why_no_reason
from gateway.operations.compare import compare
from gateway.operations.history import RevisionLine, history
from gateway.operations.rollback import (
    DocumentErrors,
    LosesMoney,
    Overtaken,
    StillNeeded,
    Terms,
    rollback,
)
from gateway.operations.stored import Revision, stored

EXPORT_ROWS = 500
COLUMNS = (
    Column("revision", right=True),
    Column("made"),
    Column("by"),
    Column("note"),
    Column("added", right=True),
    Column("changed", right=True),
    Column("gone", right=True),
    Column("losses", right=True),
)


async def show_all(visit: Visit) -> Response:
    """All revisions, the latest first."""
    if wants_export(visit):
        return export("revisions", COLUMNS, _all(visit))
    found = await history(visit.backends, ROWS + 1, whole(visit.query.one("before")))
    lines = found[:ROWS]
    grid = Grid(
        "Revisions",
        COLUMNS,
        [_row(each) for each in lines],
        visit.query,
        "/markup/revisions",
        later={"before": str(lines[-1].number)} if len(found) > ROWS else {},
        keyed="before",
        empty="No revision yet: `gateway up` makes the first one of the folder's documents.",
    )
    return page(visit, "revisions.html", grid=grid, folder=await differing(visit))


async def show(visit: Visit) -> Response:
    """One revision, and how it differs from the one before or from the active one."""
    revision, line = await _one(visit)
    before = await history(visit.backends, 1, revision.number)
    against = "active" if visit.query.one("against") == "active" or not before else "before"
    active = await _active(visit)
    other = active if against == "active" else before[0].number
    found = await compare(visit.backends, other, revision.number) or {}
    return page(
        visit,
        "revision.html",
        revision=revision,
        line=line,
        former=before[0].number if before else 0,
        against=against,
        other=other,
        active=active,
        changes=shortened(found),
    )


async def download(visit: Visit) -> Response:
    """One of its documents, byte for byte."""
    revision, _ = await _one(visit)
    file = visit.query.one("file")
    text = revision.documents.texts.get(file)
    if text is None:
        raise missing(f"document {file[:100]} in revision {revision.number}")
    name = quote(file.rpartition("/")[2])
    return Response(
        text.encode(),
        media_type="application/toml",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


async def show_rollback(visit: Visit) -> Response:
    """What it would change to sell from it again."""
    revision, line = await _one(visit)
    return _asked(visit, line, await look(visit, revision.documents))


async def go_back(visit: Visit) -> Response:
    """Sell from it again; the page with what was typed where that is refused."""
    revision, line = await _one(visit)
    path, base = f"/markup/revisions/{revision.number}", whole(visit.form.one("base"))
    effect = await look(visit, revision.documents)
    wrong = _why_not(visit, effect, base)
    if not wrong and effect.seen:
        terms = Terms(reason_of(visit.form.one("reason")), base, losses_agreed=effect.losses_agreed)
        try:
            await rollback(
                visit.backends, revision.number, effect.seen.plan, actor=visit.actor, terms=terms
            )
        except (Overtaken, LosesMoney, StillNeeded) as why:
            wrong = f"{why}."
        except DocumentErrors:
            wrong = "its documents can no longer be read."
    if wrong:
        return _asked(visit, line, effect, f"Not rolled back: {wrong} Nothing was changed.")
    return answers.done(visit, path, f"Revision {revision.number} is sold from again.")


def _why_not(visit: Visit, effect: Effect, base: int | None) -> str:
    if effect.complaints:
        return "its documents can no longer be read."
    if effect.seen is None:
        return "too much is being previewed at once. Try again in a moment."
    if base != effect.seen.base:
        return (
            f"revision {effect.seen.base} was made active meanwhile. Below is what the step would"
            " change now; take it again if it is still meant."
        )
    if effect.unmeant:
        return "services would lose money by it. Tick that this is meant."
    why_not = why_no_reason(visit.form.one("reason"))
    return f"{why_not}." if why_not else ""


def _asked(visit: Visit, line: RevisionLine, effect: Effect, wrong: str = "") -> Response:
    if line.active:
        raise Stop(
            f"Revision {line.number} is the active one already. Nothing was changed.",
            back=f"/markup/revisions/{line.number}",
        )
    reason = visit.form.one("reason")[:REASON_CHARACTERS_MAX]
    shown = {"line": line, "effect": effect, "wrong": wrong, "reason": reason}
    return page(visit, "revision_back.html", status=409 if wrong else 200, **shown)


async def _one(visit: Visit) -> tuple[Revision, RevisionLine]:
    typed = visit.path("number")
    number = whole(typed)
    found = await stored(visit.backends, number) if number else None
    if found is None:
        raise missing(f"revision {typed[:20]}")
    (line,) = await history(visit.backends, 1, found.number + 1)
    return found, line


async def _active(visit: Visit) -> int:
    active = await stored(visit.backends)
    return active.number if active else 0


async def _all(visit: Visit) -> AsyncGenerator[list[Row]]:
    before: int | None = None
    while lines := await history(visit.backends, EXPORT_ROWS, before):
        yield [_row(each) for each in lines]
        before = lines[-1].number


def _row(line: RevisionLine) -> Row:
    told: Sequence[int | None] = [
        line.summary.get(name) for name in ("added", "changed", "gone", "losses")
    ]
    losses = told[3]
    return (
        Cell(
            line.number,
            href=f"/markup/revisions/{line.number}",
            tone="settled" if line.active else "",
            mark="active" if line.active else "",
        ),
        line.created_at,
        line.author,
        line.note,
        *told[:3],
        Cell(losses, tone="loss" if losses else "", mark="LOSS" if losses else ""),
    )


PAGES = (
    Page("GET", "/markup/revisions", Right.LOOK, show_all),
    Page("GET", "/markup/revisions/{number:int}", Right.LOOK, show),
    Page("GET", "/markup/revisions/{number:int}/document", Right.LOOK, download),
    Page("GET", "/markup/revisions/{number:int}/rollback", Right.LOOK, show_rollback),
    Page("POST", "/markup/revisions/{number:int}/rollback", Right.CATALOG, go_back),
)
