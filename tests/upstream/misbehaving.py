"""A TCP server on loopback that breaks HTTP in one chosen way and counts what it was sent."""

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gateway.domain.catalog import Provider

PEM = Path(__file__).parent / "localhost.pem"
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class Panel:
    """The server: whole requests that it read, and how often it was connected to."""

    port: int
    scheme: str = "http"
    requests: list[bytes] = field(default_factory=list[bytes])
    connections: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def provider(self, in_flight_max: int = 8) -> Provider:
        url = f"{self.scheme}://127.0.0.1:{self.port}/api/v2"
        return Provider("acme", url, "standard", "USD", "ACME_KEY", in_flight_max=in_flight_max)


class Visit:
    """One connection to a Panel, as its behaviour sees it."""

    def __init__(
        self, panel: Panel, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.panel = panel
        self.reader = reader
        self.writer = writer

    async def read(self) -> bytes:
        """One whole request; empty when the other side closed before it was whole."""
        data = await self._until(b"\r\n\r\n")
        length = _LENGTH.search(data)
        head, _, body = data.partition(b"\r\n\r\n")
        while data and length and len(body) < int(length[1]):
            piece = await self.reader.read(65536)
            if not piece:
                return b""
            body += piece
        if not data:
            return b""
        request = head + b"\r\n\r\n" + body
        self.panel.requests.append(request)
        self.panel.arrived.set()
        return request

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """End the connection with RST instead of FIN."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def _until(self, mark: bytes) -> bytes:
        data = b""
        while mark not in data:
            piece = await self.reader.read(65536)
            if not piece:
                return b""
            data += piece
        return data


Behaviour = Callable[[Visit], Awaitable[None]]


def reply(body: bytes, status: int = 200, headers: Sequence[str] = ()) -> bytes:
    """A well-formed answer."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answers(*replies: bytes) -> Behaviour:
    """Reads a request, writes the next answer, keeps the connection; the last answer repeats."""

    async def behave(visit: Visit) -> None:
        while await visit.read():
            await visit.write(replies[min(len(visit.panel.requests), len(replies)) - 1])

    return behave


def server_trust() -> ssl.SSLContext:
    """TLS for the server's side, with a certificate that nobody has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    return context


def own_trust() -> ssl.SSLContext:
    """What a caller needs to trust that certificate."""
    return ssl.create_default_context(cafile=PEM)


@asynccontextmanager
async def misbehaving(
    behaviour: Behaviour, *, tls: ssl.SSLContext | None = None, scheme: str = ""
) -> AsyncGenerator[Panel]:
    """Serve until the block ends. `scheme` https without `tls`: the handshake is broken too."""
    visits: set[asyncio.Task[None]] = set()

    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        panel.connections += 1
        try:
            await behaviour(Visit(panel, reader, writer))
        except OSError:
            pass  # the caller went away, as it should
        finally:
            writer.close()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(visited(reader, writer))
        visits.add(task)

    sock = socket.create_server(("127.0.0.1", 0))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)  # a stall shows soon
    server = await asyncio.start_server(begin, sock=sock, ssl=tls)
    panel = Panel(sock.getsockname()[1], scheme or ("https" if tls else "http"))
    try:
        yield panel
    finally:
        server.close()
        for task in visits:
            task.cancel()
        await asyncio.gather(*visits, return_exceptions=True)
        await server.wait_closed()


async def reset_at_once(visit: Visit) -> None:
    visit.reset()


async def close_at_once(visit: Visit) -> None:
    visit.writer.close()


async def hang(visit: Visit) -> None:
    await visit.read()
    await asyncio.sleep(60)


async def never_read(_: Visit) -> None:
    await asyncio.sleep(60)


def then_close(data: bytes) -> Behaviour:
    async def behave(visit: Visit) -> None:
        await visit.read()
        await visit.write(data)

    return behave
