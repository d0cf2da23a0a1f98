"""Files of ours that browsers fetch: style, script, mark."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


async def static(request: Request) -> Response:
    """A file of ours: style, script, mark."""
    name = str(request.path_params["name"])
    found = _statics().get(name)
    if found is None:
        return PlainTextResponse("There is no such file.\n", 404)
    kind = KINDS[name.rpartition(".")[2]]
    kept = "public, max-age=31536000, immutable" if request.url.query else "no-cache"
    return Response(found, media_type=kind, headers={"Cache-Control": kept})


@cache
def fingerprint(name: str) -> str:
    """What a file's address ends with, so that browsers keep it until it changes."""
    return hashlib.sha256(_statics()[name]).hexdigest()[:12]


@cache
def _statics() -> Mapping[str, bytes]:
    folder = files("gateway.admin") / "static"
    return {each.name: each.read_bytes() for each in folder.iterdir()}
