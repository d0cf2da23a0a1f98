"""What was sent: fields within bounds."""

from urllib.parse import parse_qs

from starlette.requests import Request

from gateway.admin.visits import Form, Stop

# the documents of ten thousand services, spelled for the wire
BODY_BYTES_MAX = 12 << 20
QUERY_BYTES_MAX = 8 << 10
FIELDS_MAX = 20_000
KIND = "application/x-www-form-urlencoded"


async def read_form(request: Request) -> Form:
    """The fields of a POST; raises `Stop` for what is too large or no form."""
    if not request.headers.get("content-type", "").startswith(KIND):
        raise Stop("This is not a form of these pages.", status=415)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise Stop("What was sent is too large.", status=413)
    return _fields(bytes(body))


def read_query(request: Request) -> Form:
    """The fields of the address bar; raises `Stop`."""
    raw: bytes = request.scope["query_string"]
    if len(raw) > QUERY_BYTES_MAX:
        raise Stop("This address is too long.", status=414)
    return _fields(raw)


def _fields(raw: bytes) -> Form:
    try:
        text = raw.decode("ascii")
        found = parse_qs(text, keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict")
    except ValueError:
        raise Stop("What was sent cannot be read.", status=400) from None
    if any("\0" in each for values in found.values() for each in values):
        raise Stop("What was sent cannot be read.", status=400)
    return Form({name: [_lines(each) for each in values] for name, values in found.items()})


def _lines(value: str) -> str:
    """Browsers end the lines of a text area by two characters; documents do by one."""
    return value.replace("\r\n", "\n")
