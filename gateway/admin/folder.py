"""The folder of the documents on disk beside what is sold from (decision 0024)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.responses import Response

from gateway.admin.effects import shortened
from gateway.admin.rendering import page
from gateway.admin.visits import Page, Visit
from gateway.domain.operators import Right
from gateway.operations.compare import compare
from gateway.operations.drift import DocumentErrors, drift
from gateway.operations.stored import stored

ERRORS_SHOWN_MAX = 5


async def differing(visit: Visit) -> Mapping[str, Any] | None:
    """How far the folder is from the active revision; None where they agree, or there is none."""
    folder = visit.site.config
    if not folder:
        return None
    try:
        found = await drift(visit.backends, Path(folder))
    except DocumentErrors as errors:
        told = [str(each) for each in errors.errors[:ERRORS_SHOWN_MAX]]
        return {"folder": folder, "drift": None, "errors": told}
    return None if found.same else {"folder": folder, "drift": found, "errors": ()}


async def show(visit: Visit) -> Response:
    """The difference, line by line, and the ways to bring the two together."""
    found, revision = await differing(visit), await stored(visit.backends)
    files = None
    if revision and found and not found["errors"]:
        files = await compare(visit.backends, revision.number, Path(visit.site.config))
    return page(
        visit,
        "markup_folder.html",
        folder=found,
        revision=revision,
        changes=shortened(files or {}),
        set_up=bool(visit.site.config),
    )


PAGES = (Page("GET", "/markup/folder", Right.LOOK, show),)
