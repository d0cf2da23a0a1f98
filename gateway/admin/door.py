"""The side door as one ASGI application: every route of the pages, guarded."""

from collections.abc import Awaitable, Callable

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.admin import answers, sign_in, statics
from gateway.admin.elsewhere import Elsewhere
from gateway.admin.guard import Guard
from gateway.admin.rendering import bare
from gateway.admin.routes import PAGES
from gateway.admin.visits import Site, Stop
from gateway.operations import Backends

HEALTH_PATH = "/healthz"

Answer = Callable[[Request], Awaitable[Response]]


class Id(IntegerConvertor):
    """Digits that the database can have for an id; more of them are no path of ours."""

    regex = "[0-9]{1,18}"


register_url_convertor("id", Id())


def door(backends: Backends, site: Site | None = None) -> ASGIApp:
    """The operators' pages over these backends; whatever path they do not know is a 404."""
    guard = Guard(backends, site or Site())
    routes = [
        Route(
            each.path.replace(":int}", ":id}"),
            guard.endpoint(each),
            methods=[each.method],
            name=each.path,
        )
        for each in PAGES
    ]
    entrance, elsewhere = sign_in.Entrance(guard), Elsewhere(guard)
    for path, method, answer in (
        ("/sign-in", "GET", entrance.show),
        ("/sign-in", "POST", entrance.enter),
        ("/sign-in/elsewhere", "GET", elsewhere.leave),
        ("/sign-in/back", "GET", elsewhere.enter),
    ):
        routes.append(Route(path, answer, methods=[method]))
    routes.append(Route("/static/{name}", _open(guard, statics.static), methods=["GET"]))
    routes.append(Route(HEALTH_PATH, _open(guard, _healthy), methods=["GET"]))
    return Router(routes, default=_nowhere(guard), redirect_slashes=False)


def _open(guard: Guard, answer: Answer) -> Answer:
    """For everybody, but with the headers and the limits of all."""

    async def opened(request: Request) -> Response:
        return await guard.watched(request, lambda: answer(request))

    return opened


def _nowhere(guard: Guard) -> ASGIApp:
    """What answers where no route does."""

    async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        if scope["type"] == "http":
            request = Request(scope, receive)
            response = await guard.watched(request, _missing)
            await response(scope, receive, send)

    return nowhere


async def _missing() -> Response:
    stop = Stop("There is no such page.", back="/", status=404)
    return bare("stop.html", stop=stop, status=404)


async def _healthy(_request: Request) -> Response:
    return answers.told("ok", 200)
