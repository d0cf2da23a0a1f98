"""Signing in and out, an operator's own account, and what was kept of his forms."""

import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from gateway.admin import answers, tokens
from gateway.admin.bodies import read_form, read_query
from gateway.admin.guard import Guard, within
from gateway.admin.rendering import bare, page
from gateway.admin.visits import Page, Stop, Visit, address_of
from gateway.domain.operators import Right
from gateway.operations.change_password import change_password
from gateway.operations.list_kept_forms import list_kept_forms
from gateway.operations.sign_in import Credentials, sign_in
from gateway.operations.sign_out import sign_out
from gateway.operations.who_is import who_is


@dataclass(frozen=True, slots=True)
class Entrance:
    """The only page for who is not signed in."""

    guard: Guard

    async def show(self, request: Request) -> Response:
        """The form."""
        return await self.guard.watched(request, lambda: self._show(request))

    async def enter(self, request: Request) -> Response:
        """What was typed into it."""
        return await self.guard.watched(request, lambda: self._enter(request))

    async def _show(self, request: Request) -> Response:
        query = read_query(request)
        kept = query.one("kept") == "1"
        return self._form(request, then=query.one("next"), kept=kept)

    async def _enter(self, request: Request) -> Response:
        form = await read_form(request)
        site, backends = self.guard.site, self.guard.backends
        visitor = tokens.cookie(request, site, tokens.VISITOR)
        if not tokens.is_bound(backends.secret, visitor, form.one("csrf")):
            raise Stop(
                "This form is too old, or your browser takes no cookies.",
                then="Open the page again.",
                back="/sign-in",
                status=403,
            )
        typed = Credentials(form.one("name").strip(), form.one("password"), form.one("code"))
        entered = await sign_in(backends, typed, address=address_of(request), at=site.now())
        if entered.why_not:
            return self._form(
                request, then=form.one("next"), why_not=entered.why_not, name=typed.name
            )
        return await self._in(entered.token, form.one("next"))

    async def _in(self, token: str, then: str) -> Response:
        backends, site = self.guard.backends, self.guard.site
        session = await who_is(backends, token)
        kept = await list_kept_forms(backends, session.operator) if session else ()
        response = answers.away("/kept" if kept else within(then))
        tokens.set_cookie(response, site, tokens.SESSION, token)
        tokens.drop_cookie(response, site, tokens.VISITOR)
        return response

    def _form(
        self, request: Request, *, then: str, kept: bool = False, why_not: str = "", name: str = ""
    ) -> Response:
        site, secret = self.guard.site, self.guard.backends.secret
        visitor = tokens.cookie(request, site, tokens.VISITOR) or secrets.token_urlsafe(32)
        response = bare(
            "sign_in.html",
            status=403 if why_not else 200,
            csrf=tokens.bound_to(secret, visitor),
            then=within(then) if then else "/",
            kept=kept,
            why_not=why_not,
            name=name,
            elsewhere=site.issuer is not None,
        )
        tokens.set_cookie(response, site, tokens.VISITOR, visitor, tokens.VISITOR_SECONDS)
        return response


async def leave(visit: Visit) -> Response:
    """Sign out here, or everywhere."""
    token = tokens.cookie(visit.request, visit.site, tokens.SESSION)
    everywhere = visit.form.one("everywhere") == "1"
    await sign_out(visit.backends, token, actor=visit.actor, everywhere=everywhere)
    response = answers.away("/sign-in")
    tokens.drop_cookie(response, visit.site, tokens.SESSION)
    return response


async def account(visit: Visit) -> Response:
    """What an operator may change about himself."""
    return page(visit, "account.html", wrong="")


async def take_password(visit: Visit) -> Response:
    """Another password of his own."""
    old, new = visit.form.one("old"), visit.form.one("new")
    wrong = "the two new ones differ" if new != visit.form.one("again") else ""
    wrong = wrong or await change_password(visit.backends, visit.actor, old, new)
    if wrong:
        return page(visit, "account.html", wrong=wrong, status=409)
    response = answers.away("/sign-in")
    tokens.drop_cookie(response, visit.site, tokens.SESSION)
    return response


async def kept(visit: Visit) -> Response:
    """What was sent after a session had ended: nothing of it was done."""
    found = await list_kept_forms(visit.backends, visit.session.operator)
    return page(visit, "kept.html", found=found)


async def forget(visit: Visit) -> Response:
    """It is not wanted any more."""
    number = visit.number("number")
    await list_kept_forms(visit.backends, visit.session.operator, drop=number)
    return answers.done(visit, "/kept", "It is gone.")


PAGES = (
    Page("POST", "/sign-out", Right.LOOK, leave),
    Page("GET", "/account", Right.LOOK, account),
    Page("POST", "/account/password", Right.LOOK, take_password),
    Page("GET", "/kept", Right.LOOK, kept),
    Page("POST", "/kept/{number:int}/forget", Right.LOOK, forget),
)
