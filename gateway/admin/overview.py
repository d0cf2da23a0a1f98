"""The first page: what needs somebody, the trade, open orders, providers, what does not add up."""

from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response

from gateway.admin import subjects
from gateway.admin.grids import at_once, export, wants_export
from gateway.admin.overview_charts import charts
from gateway.admin.overview_grids import (
    by_category,
    by_class,
    by_provider,
    by_step,
    categories,
    category_columns,
    health,
)
from gateway.admin.rendering import page
from gateway.admin.visits import Page, Visit
from gateway.domain.money import EXACT, plain
from gateway.domain.operators import Right
from gateway.operations.browse import Filters, Sale, browse
from gateway.operations.browse import Row as Sold
from gateway.operations.drift import DocumentErrors, Drift, drift
from gateway.operations.list_rate_changes import list_rate_changes
from gateway.operations.needs import Kind, Loss, needs
from gateway.operations.open_orders import open_orders
from gateway.operations.overview import Window, overview
from gateway.operations.provider_health import provider_health
from gateway.operations.sum_discrepancies import sum_discrepancies

NEEDS_SHOWN = 40
LOSSES_NAMED = 5
TONES = {
    **dict.fromkeys((Kind.LOSS, Kind.HALTED, Kind.STOPPED), "loss"),
    **dict.fromkeys((Kind.UNCONFIRMED, Kind.REVIEW, Kind.PROPOSAL, Kind.DISCREPANCY), "doubt"),
}


@dataclass(frozen=True, slots=True)
class Documents:
    """How the folder on disk stands to what is sold; `drift` None: not known, `why` says why."""

    drift: Drift | None
    why: str = ""


async def show(visit: Visit) -> Response:
    """As of now, over a window that the address bar names."""
    backends = visit.backends
    window = _window(visit.query.one("window"))
    told = await overview(backends, window)
    if wants_export(visit):
        columns, rows = category_columns(told.currency), categories(told.categories)
        return export(f"categories-{window}", columns, at_once(rows))
    orders, providers = await open_orders(backends), await provider_health(backends)
    losing = (await browse(backends, Filters(sale=Sale.LOSS, limit=LOSSES_NAMED))).page
    losses = [await _loss(visit, each) for each in losing.rows]
    found = await needs(backends, losses=losses, orders=orders, providers=providers)
    grids = {
        "steps": by_step(visit, told),
        "providers": by_provider(visit, told),
        "categories": by_category(visit, told),
        "health": health(visit, providers, told.now),
        "classes": by_class(visit, await sum_discrepancies(backends)),
    }
    return page(
        visit,
        "overview.html",
        told=told,
        windows=list(Window),
        orders_link=subjects.orders(told.since),
        orders=orders,
        needs=[(each, subjects.page_of_need(each), TONES.get(each.kind, "")) for each in found],
        needs_shown=NEEDS_SHOWN,
        losses_left=losing.total - len(losses),
        charts=charts(told),
        grids=grids,
        documents=await _documents(visit),
    )


def _window(asked: str) -> Window:
    return Window(asked) if asked in list(Window) else Window.DAY


async def _loss(visit: Visit, row: Sold) -> Loss:
    """What made it one, as far as the last change of its offer's rate tells."""
    service, figures = row.service, row.figures
    if figures is None:
        raise ValueError(f"service {service.id} sells at a loss and has no rate")
    margin = EXACT.subtract(figures.rate, figures.cost_rate)
    how = "sells at a loss" if margin < 0 else "earns less than its rule wants"
    words = f"{service.name} {how}"
    offer = figures.offer
    changes = await list_rate_changes(visit.backends, offer.provider, offer.offer, limit=1)
    if not changes or changes[0].new <= changes[0].old:
        return Loss(service.id, service.name, margin, words=words)
    raised = f"{offer.provider} raised {plain(changes[0].old)} to {plain(changes[0].new)}"
    return Loss(service.id, service.name, margin, changes[0].at, f"{words}: {raised}")


async def _documents(visit: Visit) -> Documents:
    if not visit.site.config:
        return Documents(None)
    try:
        return Documents(await drift(visit.backends, Path(visit.site.config)))
    except DocumentErrors as error:
        return Documents(None, str(error).partition("\n")[0])


PAGES = (Page("GET", "/", Right.LOOK, show),)
