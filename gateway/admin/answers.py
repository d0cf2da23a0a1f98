"""Answers that are no page of their own: ways elsewhere, plain words, and headers of all."""

from starlette.responses import PlainTextResponse, RedirectResponse, Response

from gateway.admin import tokens
from gateway.admin.visits import Visit

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # without an origin of its own, a POST of these pages could not be told from another site's
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
STRICT_TRANSPORT = "max-age=31536000"


def away(path: str) -> Response:
    """To another page, by GET."""
    return RedirectResponse(path, 303)


def done(visit: Visit, path: str, words: str, *, way_back: str = "") -> Response:
    """What was asked for is done; the next page says so, with a path by which it can be undone."""
    response = away(path)
    notice = f"{words}\n{way_back}" if way_back else words
    tokens.put_notice(response, visit.site, visit.backends.secret, notice)
    return response


def told(text: str, status: int) -> Response:
    """Plain words, where no page can be made."""
    return PlainTextResponse(text + "\n", status)


def armed(response: Response, *, secure: bool) -> Response:
    """With the headers that every answer has."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if secure:
        response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
    return response
