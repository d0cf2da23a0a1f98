"""Signing in at an identity provider: out with a state, back with a code (the extra `oidc`)."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from gateway.admin import answers, tokens
from gateway.admin.bodies import read_query
from gateway.admin.guard import Guard
from gateway.admin.visits import Stop, address_of
from gateway.domain.operators import NotVouched
from gateway.operations.sign_in_elsewhere import Issuer, sign_in_elsewhere

COOKIE = "elsewhere"
AWAY_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The way out and the way back; there is none where no identity provider is set."""

    guard: Guard

    async def leave(self, request: Request) -> Response:
        """To the identity provider."""
        return await self.guard.watched(request, self._leave)

    async def enter(self, request: Request) -> Response:
        """Back from there."""
        return await self.guard.watched(request, lambda: self._enter(request))

    async def _leave(self) -> Response:
        try:
            began = await self._issuer().begin()
        except NotVouched as why:
            raise _refused(str(why)) from None
        kept = f"{began.state}.{began.nonce}.{began.verifier}"
        signed = f"{kept}.{tokens.sign(self.guard.backends.secret, COOKIE, kept)}"
        response = answers.away(began.address)
        tokens.set_cookie(response, self.guard.site, COOKIE, signed, AWAY_SECONDS)
        return response

    async def _enter(self, request: Request) -> Response:
        query, site = read_query(request), self.guard.site
        kept, _, signature = tokens.cookie(request, site, COOKIE).rpartition(".")
        state, _, rest = kept.partition(".")
        nonce, _, verifier = rest.partition(".")
        ours = tokens.is_signed(self.guard.backends.secret, COOKIE, kept, signature)
        if not ours or not tokens.same(state, query.one("state")):
            raise _refused("this browser did not begin it here, or too long ago")
        if not query.one("code"):
            raise _refused(query.one("error")[:100] or "the identity provider sent no code")
        try:
            identities = await self._issuer().identify(nonce, verifier, query.one("code"))
        except NotVouched as why:
            raise _refused(str(why)) from None
        token = await sign_in_elsewhere(
            self.guard.backends, identities, address=address_of(request)
        )
        if token is None:
            raise _refused("no operator has this identity; an owner can give it to one")
        response = answers.away("/")
        tokens.set_cookie(response, site, tokens.SESSION, token)
        tokens.drop_cookie(response, site, COOKIE)
        return response

    def _issuer(self) -> Issuer:
        if self.guard.site.issuer is None:
            raise Stop("No identity provider is set here.", back="/sign-in", status=404)
        return self.guard.site.issuer


def _refused(why: str) -> Stop:
    return Stop(f"Not signed in: {why}.", then="Begin again.", back="/sign-in", status=403)
