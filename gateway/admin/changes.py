"""Changes of the documents by forms: the plan first, then a note, then a revision to go back to."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from gateway.admin import answers
from gateway.admin.effects import shortened
from gateway.admin.planned import planned
from gateway.admin.rendering import page
from gateway.admin.typed import sentence
from gateway.admin.visits import Stop, Visit
from gateway.domain.edits import Edit
from gateway.domain.reasons import reason_of, why_no_reason
from gateway.operations.apply import LosesMoney, Overtaken, StillNeeded, Terms, apply
from gateway.operations.compare import Difference, compare
from gateway.operations.edit import CannotEdit, Documents, edit
from gateway.operations.preview import DocumentErrors, Preview, Superseded, preview
from gateway.operations.stored import stored

ERRORS_SHOWN = 3
FIRST = "Nothing was changed."


@dataclass(frozen=True, slots=True)
class Wish:
    """A change of documents as a form asks for it, made anew each time from those that are active.

    `action`: where it is applied; `intent`: the fields that it is made of again; `back`: where it
    began; `words` and `then`: what is said once it is done, and on which page. `order`: offers that
    are being put in order, to be moved further.
    """

    title: str
    edits: Sequence[Edit]
    action: str
    intent: Sequence[tuple[str, str]]
    back: str
    words: str
    then: str
    order: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a wish comes to now. `seen`: a fingerprint of all that an operator is shown of it."""

    documents: Documents
    preview: Preview
    differences: Mapping[str, Difference]
    seen: str


async def propose(visit: Visit, wish: Wish, *, why_not: str = "") -> Response:
    """The plan, with a form that applies it; `why_not`: it was sent already and not done."""
    foreseen = await foresee(visit, wish)
    return page(
        visit,
        "change.html",
        status=409 if why_not else 200,
        wish=wish,
        base=foreseen.preview.base,
        planned=planned(foreseen.preview, visit.form.one("losses")),
        changed=foreseen.differences,
        seen=foreseen.seen,
        note=visit.form.one("note"),
        why_not=why_not,
    )


async def carry_out(visit: Visit, wish: Wish) -> Response:
    """A revision, if all is still as it was shown; else the plan as it is now. Raises `Stop`."""
    note = visit.form.one("note")
    if why_not := why_no_reason(note):
        return await propose(visit, wish, why_not=f"{FIRST} {sentence(why_not)}")
    foreseen = await foresee(visit, wish)
    base = foreseen.preview.base
    if visit.form.one("base") != str(base):
        return await propose(visit, wish, why_not=_overtaken(base))
    if visit.form.one("seen") != foreseen.seen:
        why_not = "rates or offers have moved since it was shown. Look again."
        return await propose(visit, wish, why_not=f"{FIRST[:-1]}: {why_not}")
    plan = foreseen.preview.plan
    agreed = planned(foreseen.preview, visit.form.one("losses")).losses_agreed
    terms = Terms(reason_of(note), base, losses_agreed=agreed)
    try:
        made = await apply(visit.backends, foreseen.documents, plan, actor=visit.actor, terms=terms)
    except Overtaken as other:
        return await propose(visit, wish, why_not=_overtaken(other.active))
    except LosesMoney as losing:
        why_not = f"{FIRST} {len(losing.services)} would lose money: agree to that, or leave it."
        return await propose(visit, wish, why_not=why_not)
    except StillNeeded as needed:
        raise Stop(f"{needed}. {FIRST}", back=wish.back) from None
    words = f"{wish.words} Revision {made.revision} is active."
    back = f"/markup/revisions/{made.revision}"
    return answers.done(visit, wish.then, words, way_back=back)


async def foresee(visit: Visit, wish: Wish) -> Foreseen:
    """Made of the active documents, nothing stored. Raises `Stop`."""
    backends = visit.backends
    active = await stored(backends)
    if active is None:
        raise Stop(f"There is no catalog yet. {FIRST}", then="Apply documents first.", back="/")
    try:
        documents = await edit(backends, active.documents, wish.edits)
        if documents.sha256 == active.documents.sha256:
            raise Stop(f"It is so already. {FIRST}", back=wish.back)
        found = await preview(backends, documents, operator=visit.actor.name)
    except CannotEdit as error:
        raise Stop(f"{error}. {FIRST}", back=wish.back) from None
    except DocumentErrors as error:
        told = "; ".join(str(each) for each in error.errors[:ERRORS_SHOWN])
        raise Stop(f"The documents would not be sound: {told}. {FIRST}", back=wish.back) from None
    except Superseded:
        then = "Ask again: you have asked anew, or others wait."
        raise Stop(FIRST, then=then, back=wish.back) from None
    if found.base != active.number:
        raise Stop(_overtaken(found.base), then="Look again.", back=wish.back)
    differences = await compare(backends, active.number, documents) or {}
    shown = (active.number, documents.sha256, found.changes)
    seen = hashlib.sha256(repr(shown).encode()).hexdigest()
    return Foreseen(documents, found, shortened(differences), seen)


def _overtaken(active: int) -> str:
    return f"{FIRST} Revision {active} is active by now: this is what it would change of that one."
