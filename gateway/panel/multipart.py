"""The parts of a multipart form, as bytes (protocol.md 1.1: file parts are refused)."""

import logging
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from gateway.domain.refusals import Code, Refusal

# the parser warns of each malformed form: outsiders could fill the log with it
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)

NOT_MULTIPART = "encoding: the multipart form is malformed"
NO_FILES = "encoding: files are not accepted"


def read_parts(body: bytes, content_type: bytes, *, parts_max: int) -> list[tuple[bytes, bytes]]:
    """Name and value of each part, in order. Raises Refusal for files, too many or malformed parts.

    A form without its closing boundary was cut off: its last field may be half of one.
    """
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if not boundary:
        raise Refusal(Code.BAD_PARAMS, NOT_MULTIPART)
    parts = _Parts(parts_max)
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": parts.begin,
                "on_header_begin": parts.header_begin,
                "on_header_field": parts.header_field,
                "on_header_value": parts.header_value,
                "on_headers_finished": parts.headers_finished,
                "on_part_data": parts.data,
                "on_part_end": parts.end,
                "on_end": parts.close,
            },
        )
        parser.write(body)
    except FormParserError:
        raise Refusal(Code.BAD_PARAMS, NOT_MULTIPART) from None
    if not parts.closed:
        raise Refusal(Code.BAD_PARAMS, NOT_MULTIPART)
    return parts.found


@dataclass(slots=True)
class _Parts:
    """Gathers what the parser tells piece by piece."""

    parts_max: int
    found: list[tuple[bytes, bytes]] = field(default_factory=list[tuple[bytes, bytes]])
    closed: bool = False
    _headers: list[tuple[bytearray, bytearray]] = field(
        default_factory=list[tuple[bytearray, bytearray]]
    )
    _name: bytes = b""
    _value: bytearray = field(default_factory=bytearray)

    def begin(self) -> None:
        if len(self.found) >= self.parts_max:
            raise Refusal(Code.TOO_LARGE)
        self._headers = []
        self._value = bytearray()

    def header_begin(self) -> None:
        self._headers.append((bytearray(), bytearray()))

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._headers[-1][0].extend(data[start:end])

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._headers[-1][1].extend(data[start:end])

    def headers_finished(self) -> None:
        headers = {bytes(name).lower(): bytes(value) for name, value in self._headers}
        _, options = parse_options_header(headers.get(b"content-disposition"))
        if b"filename" in options:
            raise Refusal(Code.BAD_PARAMS, NO_FILES)
        if b"name" not in options:
            raise Refusal(Code.BAD_PARAMS, NOT_MULTIPART)
        self._name = options[b"name"]

    def data(self, data: bytes, start: int, end: int) -> None:
        self._value.extend(data[start:end])

    def end(self) -> None:
        self.found.append((self._name, bytes(self._value)))

    def close(self) -> None:
        self.closed = True
