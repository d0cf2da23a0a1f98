"""A pretend identity provider over real HTTP, which can be told to lie."""

import base64
import hashlib
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from authlib import jose
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.app import answering, listen

LIBRARY: Any = jose  # it has no types
NAME = "gateway"
SECRET = "shared"  # noqa: S105  of a provider that lives as long as a test


@dataclass
class Pretender:
    """What it says of who signs in: `claims` over the honest ones; another `key` than it shows."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict[str, Any])
    issuer: str = ""
    forged: bool = False
    asked: dict[str, str] = field(default_factory=dict[str, str])
    key: Any = None
    other: Any = None

    def leave(self, address: str) -> str:
        """What a browser that was sent here brings back: the state."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked = asked
        return asked["state"]

    async def about(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer or self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }
        )

    async def keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(is_private=False)]})

    async def token(self, request: Request) -> Response:
        sent = {n: v[0] for n, v in parse_qs((await request.body()).decode()).items()}
        hashed = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
        if challenge != self.asked.get("code_challenge") or sent.get("code") != "the-code":
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        honest = {
            "iss": self.url,
            "aud": NAME,
            "sub": "ann-1",
            "iat": now,
            "exp": now + 60,
            "nonce": self.asked["nonce"],
        }
        said = {name: v for name, v in {**honest, **self.claims}.items() if v is not None}
        signing = self.other if self.forged else self.key
        head = {"alg": "RS256", "kid": self.key.as_dict()["kid"]}
        made = LIBRARY.JsonWebToken(["RS256"]).encode(head, said, signing).decode()
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": made})


@asynccontextmanager
async def pretending() -> AsyncGenerator[Pretender]:
    """It answers while the block runs."""
    pretender = Pretender()
    pretender.key, pretender.other = (
        LIBRARY.JsonWebKey.generate_key("RSA", 2048, is_private=True, options={"kid": kid})
        for kid in ("a", "b")
    )
    routes = [
        Route("/.well-known/openid-configuration", pretender.about),
        Route("/keys", pretender.keys),
        Route("/token", pretender.token, methods=["POST"]),
    ]
    listening = listen("127.0.0.1", 0)
    pretender.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with answering(Starlette(routes=routes), listening):
        yield pretender
