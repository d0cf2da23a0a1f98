"""Where operators sign in elsewhere: an OpenID Connect provider (money.md 9; the extra `oidc`)."""

import asyncio
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.jose import JsonWebKey, JsonWebToken
from authlib.jose.errors import JoseError
from authlib.oidc.core import CodeIDToken

from gateway.domain.operators import NotVouched

SCOPE = "openid email"
CALL_SECONDS = 10
ALGORITHMS = ("RS256", "ES256", "EdDSA")
LEEWAY_SECONDS = 60
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Began:
    """What is remembered until the browser is back: where it went, and what it must bring."""

    address: str
    state: str
    nonce: str
    verifier: str


class Issuer:
    """One provider of identities, as its own document describes it.

    `back`: the address of our page that browsers come back to.
    """

    def __init__(self, url: str, name: str, secret: str, back: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise ValueError("an identity provider is reached by https alone")
        self._url = url.rstrip("/")
        self._name = name
        self._secret = secret
        self._back = back

    async def begin(self) -> Began:
        """Where the browser is sent; raises `NotVouched`."""
        about = await self._about()
        nonce, verifier = generate_token(32), generate_token(64)
        async with self._caller() as caller:
            address, state = caller.create_authorization_url(
                str(about["authorization_endpoint"]), code_verifier=verifier, nonce=nonce
            )
        return Began(address, state, nonce, verifier)

    async def identify(self, nonce: str, verifier: str, code: str) -> tuple[str, ...]:
        """Who it is: the subject, and the mail address where that is verified.

        Raises `NotVouched`.
        """
        about = await self._about()
        try:
            async with asyncio.timeout(CALL_SECONDS), self._caller() as caller:
                token = await caller.fetch_token(
                    str(about["token_endpoint"]), code=code, code_verifier=verifier
                )
                keys = await caller.request("GET", str(about["jwks_uri"]), withhold_token=True)
            claims = self._claims(about, token["id_token"], keys.json(), nonce)
        except (OAuthError, JoseError, httpx.HTTPError, TimeoutError, KeyError, ValueError) as why:
            raise NotVouched(f"the identity provider's answer was refused: {why}") from None
        verified = claims.get("email") if claims.get("email_verified") is True else None
        return tuple(str(each) for each in (claims["sub"], verified) if each)

    def _claims(
        self, about: dict[str, Any], token: str, keys: dict[str, object], nonce: str
    ) -> Any:
        """What the token says, once signature, issuer, whom it is for and age are right."""
        reader: Any = JsonWebToken(list(ALGORITHMS))
        claims: Any = reader.decode(
            token,
            JsonWebKey.import_key_set(keys),
            claims_cls=CodeIDToken,
            claims_options={
                "iss": {"essential": True, "value": str(about["issuer"])},
                "aud": {"essential": True, "value": self._name},
                "sub": {"essential": True},
                "nonce": {"essential": True},
            },
            claims_params={"nonce": nonce, "client_id": self._name},
        )
        claims.validate(leeway=LEEWAY_SECONDS)
        return claims

    async def _about(self) -> dict[str, Any]:
        """Its own document; raises `NotVouched` where it speaks of another issuer."""
        address = f"{self._url}/.well-known/openid-configuration"
        try:
            async with asyncio.timeout(CALL_SECONDS), httpx.AsyncClient(trust_env=False) as caller:
                about = cast("object", (await caller.get(address)).raise_for_status().json())
        except (httpx.HTTPError, TimeoutError, ValueError) as why:
            raise NotVouched(f"the identity provider cannot be reached: {why!r}") from None
        if not isinstance(about, dict):
            raise NotVouched("the identity provider's document is none")
        found = cast("dict[str, Any]", about)
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if str(found.get("issuer", "")).rstrip("/") != self._url or not all(map(found.get, wanted)):
            raise NotVouched("the identity provider's document is another one's")
        return found

    def _caller(self) -> Any:  # the library has no types
        return AsyncOAuth2Client(
            self._name,
            self._secret,
            scope=SCOPE,
            redirect_uri=self._back,
            code_challenge_method="S256",
            timeout=CALL_SECONDS,
            trust_env=False,
        )
