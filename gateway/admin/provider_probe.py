"""Adding a provider: a panel that somebody typed is asked what changes nothing, and described."""

from dataclasses import dataclass

from starlette.responses import Response

from gateway.admin.provider_words import PATH
from gateway.admin.rendering import page
from gateway.admin.visits import Page, Visit
from gateway.dialects.document import write_dialect
from gateway.domain.catalog import Provider
from gateway.domain.operators import Right
from gateway.operations.probe import PAUSE_MILLISECONDS, Probed, probe
from gateway.operations.reach import KeyMissing, Typed, Unfit, reach
from gateway.operations.stored import stored

ADD = f"{PATH}/add"
PROVIDERS = "providers.toml"


@dataclass(frozen=True, slots=True)
class Draft:
    """What would go into which document. `dialect`: a document of its own, where none fits."""

    verdict: str
    providers_toml: str
    dialect: str
    scores: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Addition:
    """A draft of revision `base` in which a document has the provider's table, too."""

    base: int
    file: str
    text: str


async def show(visit: Visit) -> Response:
    """The form."""
    return _form(visit, Typed("", "", ""))


async def look(visit: Visit) -> Response:
    """What the panel does. The key is for these calls alone: it is kept nowhere."""
    form = visit.form
    typed = Typed(
        form.one("name").strip(),
        form.one("url").strip(),
        form.one("key_env").strip(),
        form.one("key").strip(),
    )
    try:
        async with reach(visit.backends, typed, actor=visit.actor, private=visit.site.private) as (
            panels,
            provider,
        ):
            probed = await probe(
                panels, provider, configured=False, pause_milliseconds=PAUSE_MILLISECONDS
            )
    except (Unfit, KeyMissing) as error:
        return _form(visit, typed, str(error))
    if why := probed.why_nothing(provider):
        return _form(visit, typed, why)
    draft = _draft(probed, provider)
    listed = typed.name in visit.backends.shelf.stock.catalog.providers
    return page(
        visit,
        "provider_probed.html",
        probed=probed,
        found=probed.inference,
        provider=provider,
        draft=draft,
        listed=listed,
        addition=await _addition(visit, draft) if probed.inference.best and not listed else None,
        config=visit.site.config,
    )


async def _addition(visit: Visit, draft: Draft) -> Addition | None:
    """None where nothing is sold yet, or he may not change what is."""
    revision = await stored(visit.backends) if visit.may(Right.CATALOG) else None
    if revision is None:
        return None
    before = revision.documents.providers.rstrip("\r\n")
    return Addition(revision.number, PROVIDERS, f"{before}\n\n{draft.providers_toml}")


def _form(visit: Visit, typed: Typed, wrong: str = "") -> Response:
    status = 409 if wrong else 200
    return page(visit, "provider_add.html", status=status, typed=typed, wrong=wrong)


def _draft(probed: Probed, provider: Provider) -> Draft:
    found = probed.inference
    if found.best:
        verdict = f"It speaks the dialect {found.best}."
    elif found.draft:
        verdict = "No dialect fits: a document of its own is drafted below."
    else:
        verdict = "Which dialect it speaks cannot be told yet: see what is not decided."
    ranked = sorted(found.scores.items(), key=lambda each: -each[1])
    return Draft(
        verdict,
        probed.table(provider, configured=False),
        write_dialect(found.draft) if found.draft else "",
        tuple((name, f"{score} of {found.score_max}") for name, score in ranked),
    )


PAGES = (
    Page("GET", ADD, Right.PROVIDERS, show),
    Page("POST", ADD, Right.PROVIDERS, look),
)
