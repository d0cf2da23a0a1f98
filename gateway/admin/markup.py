"""The markup as a form and as the document: one draft in two views, with what it would change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from gateway.admin import answers
from gateway.admin.drafts import FORM, MARKUP, RULE_NAMES, Draft, fresh, sent
from gateway.admin.effects import NAMES_MAX, Effect, look, shortened, words_of
from gateway.admin.folder import differing
from gateway.admin.rendering import page
from gateway.admin.visits import Page, Visit, whole
from gateway.domain.operators import Right
from gateway.domain.placements import QUANTITY_MAX
from gateway.domain.reasons import REASON_CHARACTERS_MAX, reason_of, why_no_reason
from gateway.operations.apply import Applied, LosesMoney, Overtaken, StillNeeded, Terms, apply
from gateway.operations.compare import Difference, compare
from gateway.operations.explain import (
    DocumentErrors,
    Explanation,
    NoSuchCustomer,
    Refusal,
    explain,
)

PAGE_BYTES = 100_000
LABELS: Mapping[str, str] = {
    "provider": "provider",
    "category": "category",
    "service": "service id",
    "type": "type",
    "group": "group",
    "customer": "customer",
    "cost_min": "cost from",
    "cost_max": "cost below",
    "percent": "percent",
    "fixed": "fixed, per 1,000",
    "rate": "rate instead",
    "round_up_to": "round up to",
    "margin_min_percent": "margin at least, %",
}


@dataclass(frozen=True, slots=True)
class Trial:
    """What one customer would pay for one service; or why nobody can tell."""

    found: Explanation | None = None
    words: str = ""


async def show(visit: Visit) -> Response:
    """The rules of the active revision."""
    draft = await fresh(visit, FORM)
    effect = await look(visit, draft.documents)
    return await _page(visit, draft, effect, folder=await differing(visit))


async def show_document(visit: Visit) -> Response:
    """A document of the active revision."""
    view = visit.query.one("file", "markup").removesuffix(".toml") + ".toml"
    draft = await fresh(visit, view)
    return await _page(visit, draft, Effect(), folder=await differing(visit))


async def show_effect(visit: Visit) -> Response:
    """The draft after what was typed and pressed, and what it would change; nothing is stored."""
    draft = await sent(visit)
    return await _page(visit, draft, await look(visit, draft.documents))


async def make_active(visit: Visit) -> Response:
    """The draft as the next revision; the page with the same draft where that is refused."""
    draft = await sent(visit)
    effect = await look(visit, draft.documents)
    wrong = draft.wrong or _why_not(visit, draft, effect)
    if not wrong:
        made = await _applied(visit, draft, effect)
        if isinstance(made, Applied):
            words = "is active" if made.changed else "says exactly this and is active already"
            path = f"/markup/revisions/{made.revision}"
            return answers.done(visit, path, f"Revision {made.revision} {words}.")
        wrong = made
        # whoever was faster is seen now
        effect = await look(visit, draft.documents)
    return await _page(visit, draft, effect, wrong=f"Not applied: {wrong}", status=409)


def _why_not(visit: Visit, draft: Draft, effect: Effect) -> str:
    if effect.complaints:
        return "the documents have to be mended first."
    if effect.seen is None:
        return "too much is being previewed at once. Try again in a moment."
    if effect.seen.base != draft.base:
        return f"revision {effect.seen.base} was made active meanwhile, not by this page."
    if not draft.texts:
        return f"nothing differs from revision {draft.base}."
    if effect.unmeant:
        return "services would lose money by it. Tick that this is meant, or change the rules."
    why_not = why_no_reason(visit.form.one("note"))
    return f"{why_not}." if why_not else ""


async def _applied(visit: Visit, draft: Draft, effect: Effect) -> Applied | str:
    if effect.seen is None:
        return "it was not looked at."
    note = reason_of(visit.form.one("note"))
    terms = Terms(note, draft.base, losses_agreed=effect.losses_agreed)
    try:
        return await apply(
            visit.backends, draft.documents, effect.seen.plan, actor=visit.actor, terms=terms
        )
    except (Overtaken, LosesMoney, StillNeeded) as why:
        return f"{why}."


async def _page(
    visit: Visit,
    draft: Draft,
    effect: Effect,
    *,
    wrong: str = "",
    folder: Mapping[str, Any] | None = None,
    status: int = 200,
) -> Response:
    """The whole page, or only what a script puts in the place of the last preview."""
    # who sends a form that was kept for him wants the page, whatever the script had asked for
    alone = (
        visit.form.one("part") == "1" and visit.request.headers.get("sec-fetch-dest") != "document"
    )
    margins = effect.seen.rules if effect.seen else ()
    rules = [
        (row, words_of(row.rule), margins[place] if len(margins) == len(draft.rows) else None)
        for place, row in enumerate(draft.rows)
    ]
    return page(
        visit,
        "markup_effect.html" if alone else "markup.html",
        status=200 if alone else status,
        draft=draft,
        effect=effect,
        wrong=wrong or draft.wrong,
        overtaken=await _overtaken(visit, draft, effect),
        trial=await _trial(visit, draft, effect),
        rules=rules,
        labels=LABELS,
        rule_names=RULE_NAMES,
        tabs=_tabs(draft),
        folder=folder,
        heavy=draft.bytes_carried > PAGE_BYTES,
        note=visit.form.one("note")[:REASON_CHARACTERS_MAX],
        typed={
            name: visit.form.one(f"try-{name}")[:200]
            for name in ("customer", "service", "quantity")
        },
        names_max=NAMES_MAX,
    )


def _tabs(draft: Draft) -> list[tuple[str, str, bool]]:
    """View, words, whether something in it was edited."""
    files = [MARKUP, *(file for file in draft.before.texts if file != MARKUP)]
    return [
        (FORM, "form", MARKUP in draft.texts),
        *((each, each, each in draft.texts) for each in files),
    ]


async def _overtaken(visit: Visit, draft: Draft, effect: Effect) -> Mapping[str, Difference] | None:
    """How the active revision differs from the one that the draft began with."""
    if effect.seen is None or effect.seen.base == draft.base:
        return None
    return shortened(await compare(visit.backends, draft.base, effect.seen.base) or {})


async def _trial(visit: Visit, draft: Draft, effect: Effect) -> Trial | None:
    form = visit.form
    typed, customer = form.one("try-service").strip(), form.one("try-customer").strip()
    if not typed or effect.complaints:
        return None
    service, quantity = whole(typed), whole(form.one("try-quantity").strip() or "0")
    if not service:
        return Trial(words="A service is tried by its id, a whole number.")
    if quantity is None or quantity > QUANTITY_MAX:
        return Trial(words=f"A quantity is a whole number up to {QUANTITY_MAX:,}.")
    try:
        found = await explain(
            visit.backends,
            service,
            customer=customer,
            quantity=quantity,
            documents=draft.documents,
        )
    except NoSuchCustomer:
        return Trial(words=f"There is no customer {customer[:100]}.")
    except Refusal as refusal:
        return Trial(words=f"{quantity:,} cannot be ordered of service {service}: {refusal}.")
    except DocumentErrors:
        return None
    return (
        Trial(found) if found else Trial(words=f"There is no service {service} in these documents.")
    )


PAGES = (
    Page("GET", "/markup", Right.LOOK, show),
    Page("GET", "/markup/document", Right.LOOK, show_document),
    Page("POST", "/markup/edit", Right.CATALOG, show_effect),
    Page("POST", "/markup/preview", Right.LOOK, show_effect),
    Page("POST", "/markup/try/preview", Right.LOOK, show_effect),
    Page("POST", "/markup/apply", Right.CATALOG, make_active),
)
