"""What stands before every page: host, origin, session, form, right, proof (money.md 9)."""

import ipaddress
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from gateway.admin import answers, tokens
from gateway.admin.bodies import read_form, read_query
from gateway.admin.rendering import bare, page
from gateway.admin.visits import Form, Page, Site, Stop, Visit, address_of
from gateway.domain.operators import may
from gateway.operations import Backends, InDoubt, Unreachable
from gateway.operations.keep_form import keep_form
from gateway.operations.prove import prove
from gateway.operations.who_is import Session, who_is

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

AT_ONCE_MAX = 64
LOOPBACK = frozenset({"localhost", "testserver"})
UNREACHABLE = "The database cannot be reached. Nothing was changed. Try again in a moment."
IN_DOUBT = (
    "The connection to the database broke while this was being written: it may or may not have"
    " happened. Look before you repeat it."
)
BROKEN = "Something broke here; the log says what. Look whether it was done before you repeat it."
_PATH = re.compile(r"/(?![/\\])[^\s\\]*")


@dataclass(slots=True)
class Guard:
    """Lets nobody to a page who may not see it."""

    backends: Backends
    site: Site
    _under_way: int = 0

    def endpoint(self, wanted: Page) -> Callable[[Request], Awaitable[Response]]:
        """A page as a route, behind everything that is asked first."""

        async def answer(request: Request) -> Response:
            return await self.watched(request, lambda: self._answer(request, wanted))

        return answer

    async def watched(self, request: Request, work: Callable[[], Awaitable[Response]]) -> Response:
        """One answer whatever happens, with the headers that all have."""
        if self._under_way >= AT_ONCE_MAX:
            return self._armed(answers.told("Too much at once: try again in a moment.", 503))
        self._under_way += 1
        try:
            response = await self._heard(request, work)
        except ClientDisconnect:
            response = answers.told("", 400)
        except Exception:
            # the last place where a fault can become one plain answer; the log has its traceback
            log.exception("a page broke off", path=request.url.path)
            response = _alone(BROKEN, 500)
        finally:
            self._under_way -= 1
        return self._armed(response)

    async def _heard(self, request: Request, work: Callable[[], Awaitable[Response]]) -> Response:
        if not self.is_host(request.headers.get("host", "")):
            return answers.told("These pages have another address.", 421)
        try:
            if request.method == "POST" and not is_same_origin(request):
                raise Stop("This came from another site. Nothing was changed.", status=403)
            return await work()
        except Stop as stop:
            return bare("stop.html", stop=stop, status=stop.status)
        except Unreachable:
            return _alone(UNREACHABLE, 503)
        except InDoubt:
            return _alone(IN_DOUBT, 503)

    async def _answer(self, request: Request, wanted: Page) -> Response:
        token = tokens.cookie(request, self.site, tokens.SESSION)
        session = await who_is(self.backends, token)
        form = await read_form(request) if request.method == "POST" else Form()
        if session is None or not session.live:
            return await self._signed_out(request, session, form)
        visit = Visit(
            backends=self.backends,
            site=self.site,
            request=request,
            session=session,
            csrf=tokens.bound_to(self.backends.secret, token),
            form=form,
            query=read_query(request),
        )
        try:
            return await self._let_in(visit, wanted, token)
        except Stop as stop:
            return page(visit, "stopped.html", stop=stop, status=stop.status)

    async def _let_in(self, visit: Visit, wanted: Page, token: str) -> Response:
        if not may(visit.role, wanted.right):
            raise Stop(
                f"Your role, {visit.role}, does not allow this. Nothing was changed.",
                then="An owner can change what you may do.",
                status=403,
            )
        if wanted.method == "POST" and not tokens.is_bound(
            self.backends.secret, token, visit.form.one("csrf")
        ):
            raise Stop(
                "This form is from another session. Nothing was changed.",
                then="Open the page again and repeat what you did.",
                back=visit.request.url.path,
                status=403,
            )
        if wanted.proven and not visit.session.proven:
            return await self._proven(visit, wanted, token)
        return await wanted.answer(visit)

    async def _proven(self, visit: Visit, wanted: Page, token: str) -> Response:
        code = visit.form.one("code")
        if code:
            at, address = self.site.now(), address_of(visit.request)
            if await prove(self.backends, token, code, address=address, at=at):
                return await wanted.answer(visit)
        fields = [
            (name, value)
            for name, values in visit.form.fields.items()
            for value in values
            if name not in ("csrf", "code")
        ]
        return page(visit, "prove.html", fields=fields, wrong=bool(code), status=403)

    async def _signed_out(self, request: Request, session: Session | None, form: Form) -> Response:
        """What was typed before the session ended is kept for its owner."""
        if request.method != "POST":
            wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return answers.away(f"/sign-in?next={quote(wanted, safe='')}")
        token = tokens.cookie(request, self.site, tokens.SESSION)
        bound = tokens.is_bound(self.backends.secret, token, form.one("csrf"))
        if form.one("part") == "1":
            return answers.told("Your session has ended: send the form, and it is kept.", 401)
        if session is None or not bound:
            return answers.away("/sign-in")
        fields = {name: list(values) for name, values in form.fields.items()}
        await keep_form(self.backends, session.operator, request.url.path, fields)
        return answers.away("/sign-in?kept=1")

    def is_host(self, host: str) -> bool:
        """Whether this is an address of these pages: no name that somebody else points here."""
        name = urlsplit(f"//{host}").hostname or ""
        if name in LOOPBACK or name in self.site.names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _armed(self, response: Response) -> Response:
        return answers.armed(response, secure=self.site.secure)


def is_same_origin(request: Request) -> bool:
    """Whether a page of this site sent it, as far as the browser tells."""
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
    return urlsplit(origin).netloc.casefold() == request.headers.get("host", "").casefold()


def within(path: str) -> str:
    """A path of this site, or the first page."""
    return path if _PATH.fullmatch(path) else "/"


def _alone(words: str, status: int) -> Response:
    return bare("stop.html", stop=Stop(words, status=status), status=status)
