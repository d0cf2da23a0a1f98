"""Providers: their health, what waits for an operator, and what may be done about each."""

import secrets

from starlette.responses import Response

from gateway.admin import answers
from gateway.admin.grids import Cell, Column, Grid, Row, at_once, export, wants_export
from gateway.admin.provider_histories import histories
from gateway.admin.provider_words import (
    PATH,
    health,
    hindrances,
    is_empty,
    quirks_of,
    shrunk,
    worst_first,
)
from gateway.admin.rendering import page
from gateway.admin.typed import reason_of, sentence
from gateway.admin.visits import Page, Stop, Visit, missing
from gateway.domain.operators import Right
from gateway.operations.resume_provider import Stale, resume_provider
from gateway.operations.show_providers import ProviderStanding, show_providers
from gateway.operations.stop_provider import stop_provider
from gateway.operations.sync import sync

OFFERS_SHOWN_MAX = 100
ODD_CHARACTERS_MAX = 500
COLUMNS = (
    Column("provider"),
    Column("health"),
    Column("why"),
    Column("list read"),
    Column("offers", right=True),
    Column("wait for you", right=True),
    Column("balance", right=True),
    Column("paid in", right=True),
    Column("currency"),
    Column("balance read"),
)


async def show_all(visit: Visit) -> Response:
    """All of them, those that nothing is sent to first."""
    rows = [_row(each) for each in worst_first(await show_providers(visit.backends))]
    if wants_export(visit):
        return export("providers", COLUMNS, at_once(rows))
    grid = Grid(
        name="Providers",
        columns=COLUMNS,
        rows=rows,
        query=visit.query,
        path=PATH,
        total=len(rows),
        empty="There is no provider yet: add one.",
    )
    return page(visit, "providers.html", grid=grid)


async def show(visit: Visit) -> Response:
    """One of them."""
    standing = await standing_of(visit)
    facts = standing.facts
    return page(
        visit,
        "provider.html",
        provider=standing.provider,
        facts=facts,
        health=health(standing),
        hindrances=hindrances(facts),
        waiting=standing.waiting[:OFFERS_SHOWN_MAX],
        more=max(0, len(standing.waiting) - OFFERS_SHOWN_MAX),
        shrunk=shrunk(facts),
        state=facts.halt.spelled() if facts else "",
        quirks=quirks_of(standing.provider),
        path=path_of(standing),
        token=secrets.token_hex(16),
        histories=await histories(visit, standing.provider, path_of(standing)),
    )


async def standing_of(visit: Visit) -> ProviderStanding:
    """The provider whom the path names; raises `Stop`."""
    name = visit.path("name")
    found = await show_providers(visit.backends, name)
    if not found:
        raise missing(f"provider {name[:100]}")
    return found[0]


def path_of(standing: ProviderStanding) -> str:
    """Its page: a provider's name needs no quoting."""
    return f"{PATH}/{standing.provider.name}"


async def stop(visit: Visit) -> Response:
    """Nothing more is sent there."""
    standing = await standing_of(visit)
    name, path = standing.provider.name, path_of(standing)
    reason = reason_of(visit, path)
    if not await stop_provider(visit.backends, name, actor=visit.actor, reason=reason):
        raise Stop(f"{name} was stopped before. Nothing was changed.", back=path)
    return answers.done(visit, path, f"Nothing is sent to {name} until an operator says so.")


async def resume(visit: Visit) -> Response:
    """Orders go there again."""
    standing = await standing_of(visit)
    name, path = standing.provider.name, path_of(standing)
    reason = reason_of(visit, path)
    seen = visit.form.one("state") or "nothing"
    try:
        resumed = await resume_provider(
            visit.backends, name, actor=visit.actor, reason=reason, seen=seen
        )
    except Stale as error:
        raise Stop(
            f"{sentence(str(error))} Nothing was changed.",
            then="Look at what it is now, and send it again if you still want to.",
            back=path,
        ) from None
    if not resumed:
        raise Stop(f"{name} was neither stopped nor paused. Nothing was changed.", back=path)
    return answers.done(
        visit, path, f"Orders go to {name} again, unless something else stops them."
    )


async def read_list(visit: Visit) -> Response:
    """The provider's list and balance, now. `agreed`: also where much of it is gone."""
    standing = await standing_of(visit)
    name, path = standing.provider.name, path_of(standing)
    agreed_by = visit.actor if visit.form.one("agreed") == "1" else None
    if agreed_by and not shrunk(standing.facts):
        raise Stop(f"The list of {name} lost nothing that waits for you.", back=path)
    odd = await sync(visit.backends, standing.provider, agreed_by=agreed_by, by_hand=True)
    if odd:
        raise Stop(
            f"Reading the list of {name}: {odd[:ODD_CHARACTERS_MAX]}.",
            then="Offers that it does not speak of were left as they are.",
            back=path,
        )
    return answers.done(visit, path, f"The list and the balance of {name} were read just now.")


def _row(standing: ProviderStanding) -> Row:
    provider, facts = standing.provider, standing.facts
    path = path_of(standing)
    hindered = hindrances(facts)
    link = Cell(provider.name, href=path)
    if facts is None:
        unread = (link, health(standing), "its list was never read", None, None, None, None, None)
        return (*unread, provider.currency, None)
    waiting = facts.waiting
    owed = is_empty(facts)
    return (
        link,
        health(standing),
        hindered[0].why if hindered else facts.sync_error or None,
        facts.synced_at,
        facts.listed,
        Cell(waiting, href=f"{path}#offers", tone="doubt") if waiting else 0,
        Cell(facts.balance, tone="loss" if owed else "", mark="empty" if owed else ""),
        Cell(facts.paid_in, href=f"/audit?subject=provider:{provider.name}"),
        facts.balance_currency or provider.currency,
        facts.balance_at,
    )


PAGES = (
    Page("GET", PATH, Right.LOOK, show_all),
    Page("GET", f"{PATH}/{{name}}", Right.LOOK, show),
    Page("POST", f"{PATH}/{{name}}/stop", Right.PROVIDERS, stop),
    Page("POST", f"{PATH}/{{name}}/resume", Right.PROVIDERS, resume),
    Page("POST", f"{PATH}/{{name}}/sync", Right.PROVIDERS, read_list),
)
