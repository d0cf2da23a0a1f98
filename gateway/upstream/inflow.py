"""A reply's body while it arrives: counted, and inflated within the same bound (money.md 9)."""

import zlib
from typing import Protocol

_GZIP = 31  # zlib's window bits for a gzip header and checksum


class Unreadable(Exception):  # noqa: N818  what it says: a body that is not to be read
    """The body is too large, badly compressed or in an encoding that was not asked for."""


class _Stream(Protocol):
    """What we use of zlib's decompression objects, whose class has no public name."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Inflow:
    """Collects a body of at most `bytes_max`, counted as it arrives and again as it inflates.

    Stricter than the transport's own decoding: a small compressed body cannot grow in memory beyond
    the bound, and one that is cut short is never taken for a whole one.
    """

    def __init__(self, encoding: str, bytes_max: int) -> None:
        self._gzip: _Stream | None = None
        if encoding in {"gzip", "x-gzip"}:
            self._gzip = zlib.decompressobj(_GZIP)
        elif encoding not in {"", "identity"}:
            raise Unreadable(f"content encoding {encoding!r}")
        self._bytes_max = bytes_max
        self._arrived = 0
        self._body = bytearray()

    def take(self, piece: bytes) -> None:
        """Add what arrived. Raises Unreadable."""
        self._arrived += len(piece)
        self._body += self._inflate(self._gzip, piece) if self._gzip else piece
        if max(self._arrived, len(self._body)) > self._bytes_max:
            raise Unreadable(f"reply over {self._bytes_max} bytes")

    def so_far(self) -> bytes:
        """What came, whole or not: evidence, not an answer."""
        return bytes(self._body)

    def whole(self) -> bytes:
        """The body, at its end. Raises Unreadable when a compressed one was cut."""
        if self._gzip and not self._gzip.eof:
            raise Unreadable("compressed reply cut short")
        return bytes(self._body)

    def _inflate(self, stream: _Stream, piece: bytes) -> bytes:
        try:
            inflated = stream.decompress(piece, self._bytes_max - len(self._body) + 1)
        except zlib.error as fault:
            raise Unreadable("compressed reply is damaged") from fault
        if stream.unused_data:
            raise Unreadable("bytes after the compressed reply")
        return inflated
