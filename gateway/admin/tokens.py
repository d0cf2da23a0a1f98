"""Cookies and what binds a form to its session (money.md 9, API8)."""

import hashlib
import hmac

from starlette.requests import Request
from starlette.responses import Response

from gateway.admin.visits import Site

SESSION = "operator"
VISITOR = "visitor"
NOTICE = "notice"
NOTICE_CHARACTERS_MAX = 500
NOTICE_SECONDS = 60
VISITOR_SECONDS = 3_600


def cookie(request: Request, site: Site, name: str) -> str:
    """Its value; empty where there is none."""
    return request.cookies.get(_named(site, name), "")


def set_cookie(
    response: Response, site: Site, name: str, value: str, seconds: int | None = None
) -> None:
    """Seen by this site alone, never by scripts; without seconds until the browser closes."""
    response.set_cookie(
        _named(site, name),
        value,
        max_age=seconds,
        path="/",
        secure=site.secure,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, site: Site, name: str) -> None:
    """Away with it."""
    response.delete_cookie(
        _named(site, name), path="/", secure=site.secure, httponly=True, samesite="lax"
    )


def bound_to(secret: str, token: str) -> str:
    """What the forms of a session carry: whoever cannot read them cannot know it."""
    return sign(secret, "csrf", hashlib.sha256(token.encode()).hexdigest())


def is_bound(secret: str, token: str, csrf: str) -> bool:
    """Whether a form came from a page of this session."""
    return bool(token) and same(bound_to(secret, token), csrf)


def put_notice(response: Response, site: Site, secret: str, text: str) -> None:
    """Words for the next page that this browser sees."""
    told = text[:NOTICE_CHARACTERS_MAX].encode().hex()
    set_cookie(response, site, NOTICE, f"{told}.{sign(secret, 'notice', told)}", NOTICE_SECONDS)


def read_notice(request: Request, site: Site, secret: str) -> str:
    """What was put there; empty where there is nothing, or where it is not ours."""
    told, _, signature = cookie(request, site, NOTICE).partition(".")
    if not is_signed(secret, "notice", told, signature):
        return ""
    return bytes.fromhex(told).decode()


def sign(secret: str, purpose: str, text: str) -> str:
    """A signature of the installation, for one purpose."""
    return hmac.digest(secret.encode(), f"{purpose}\0{text}".encode(), "sha256").hex()


def is_signed(secret: str, purpose: str, text: str, signature: str) -> bool:
    """Whether a text carries the installation's signature for that purpose."""
    return bool(text) and same(sign(secret, purpose, text), signature)


def same(ours: str, theirs: str) -> bool:
    """Whether two texts are one, in a time that does not tell how far they are."""
    return hmac.compare_digest(ours.encode(), theirs.encode("utf-8", "replace"))


def _named(site: Site, name: str) -> str:
    """Browsers keep a name with this prefix to one host, to https and from being overwritten."""
    return f"__Host-{name}" if site.secure else name
