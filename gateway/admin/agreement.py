"""Agreeing to offers that came back as another thing or at another rate, seen before it is done."""

import hashlib
from collections.abc import Mapping, Sequence

from starlette.responses import Response

from gateway.admin import answers
from gateway.admin.grids import Grid
from gateway.admin.held import COLUMNS, HERE, Listed, held_of, line, waits
from gateway.admin.picked import picked, which_of
from gateway.admin.planned import Planned, ranked
from gateway.admin.rendering import page
from gateway.admin.typed import sentence
from gateway.admin.visits import Form, Page, Stop, Visit
from gateway.domain.catalog import OfferRef
from gateway.domain.operators import Right
from gateway.domain.reasons import reason_of, why_no_reason
from gateway.operations.agree import ChangedAgain, agree
from gateway.operations.foresee import Foreseen, foresee

AGREED_MAX = 100

Chosen = Mapping[str, Sequence[str]]
"""By provider the ids of its offers."""


async def preview_agreement(visit: Visit) -> Response:
    """What changes for services and customers when the chosen ones are sold as they are now."""
    which = which_of(visit.form)
    if which != "fitting":
        return await _propose(visit, _chosen(visit.form, "offer" if which == "ticked" else "shown"))
    found = await held_of(visit, visit.form)
    fitting = Form({"offer": [str(each.ref) for each in found.offers if waits(each)]})
    return await _propose(visit, _chosen(fitting, "offer"))


async def agree_to(visit: Visit) -> Response:
    """Agreed, each provider's for themselves, if all is still as it was shown."""
    chosen = _chosen(visit.form, "offer")
    reason = visit.form.one("reason")
    if why_not := why_no_reason(reason):
        return await _propose(visit, chosen, sentence(why_not))
    found = await foresee(visit.backends, chosen)
    if visit.form.one("seen") != _seen(found):
        return await _propose(visit, chosen, "Offers or rates have moved since: look again.")
    drawn = _drawn(visit, found)
    if drawn.new_losses and not drawn.losses_agreed:
        return await _propose(visit, chosen, "Some would lose money: agree to that, or leave it.")
    agreed = await _agreed(visit, chosen, found, reason_of(reason))
    many = f"{agreed[0]} is" if len(agreed) == 1 else f"{len(agreed):,} offers are"
    return answers.done(visit, HERE, f"Agreed: {many} sold again, as listed now.")


async def _agreed(visit: Visit, chosen: Chosen, found: Foreseen, reason: str) -> Sequence[str]:
    agreed: list[str] = []
    for provider, offers in chosen.items():
        seen = {each.ref.offer: each.seen for each in found.offers if each.ref.provider == provider}
        try:
            done = await agree(
                visit.backends, provider, offers, actor=visit.actor, reason=reason, seen=seen
            )
        except ChangedAgain as changed:
            before = f" Agreed to were: {', '.join(agreed[:10])}." if agreed else ""
            raise Stop(f"{provider}: {changed}.{before}", then="Look again.", back=HERE) from None
        agreed += [f"{provider}:{each}" for each in done]
    return agreed


async def _propose(visit: Visit, chosen: Chosen, why_not: str = "") -> Response:
    found = await foresee(visit.backends, chosen)
    refs = {OfferRef(provider, each) for provider, offers in chosen.items() for each in offers}
    if missing := sorted(refs - {each.ref for each in found.offers}):
        raise Stop(
            f"{missing[0]} does not wait for anybody. Nothing was changed.",
            then="Somebody agreed meanwhile, it came back by itself, or there is none.",
            back=HERE,
        )
    providers = visit.backends.shelf.stock.catalog.providers
    listed = Listed(found.offers, {}, {name: each.currency for name, each in providers.items()})
    # whose services these are stands in the plan below
    offers = Grid(
        "Offers",
        COLUMNS[:-1],
        [line(each, listed)[:-1] for each in found.offers],
        visit.query,
        HERE,
        exports=False,
    )
    return page(
        visit,
        "agreement.html",
        status=409 if why_not else 200,
        offers=offers,
        chosen=[str(each.ref) for each in found.offers],
        planned=_drawn(visit, found),
        seen=_seen(found),
        why_not=f"Nothing was changed. {why_not}" if why_not else "",
        reason=visit.form.one("reason"),
    )


def _drawn(visit: Visit, found: Foreseen) -> Planned:
    currency = visit.backends.shelf.stock.catalog.markup.currency
    changes = ranked(found.plan, found.plan.by_risk)
    return Planned(found.plan, changes, currency, agreed=visit.form.one("losses"))


def _seen(found: Foreseen) -> str:
    shown = [(str(each.ref), each.seen) for each in found.offers]
    return hashlib.sha256(repr((shown, found.plan.by_risk)).encode()).hexdigest()


def _chosen(form: Form, name: str) -> Chosen:
    refs = picked(form, name, back=HERE)
    if len(refs) > AGREED_MAX:
        raise Stop(
            f"{len(refs):,} are too many at once: at most {AGREED_MAX}. Nothing was changed.",
            then="Narrow the filters.",
            back=HERE,
        )
    chosen: dict[str, list[str]] = {}
    for ref in refs:
        provider, _, offer = ref.partition(":")
        chosen.setdefault(provider, []).append(offer)
    return chosen


PAGES = (
    Page("POST", f"{HERE}/preview", Right.CATALOG, preview_agreement),
    Page("POST", HERE, Right.CATALOG, agree_to),
)
