"""A small relay before a server: gone, slow, or as it should be, whenever a campaign says so."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

PIECE_BYTES = 1 << 16


class Relay:
    """Every connection goes to the socket behind it. `delay_milliseconds` for each piece."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._server: asyncio.Server | None = None
        self._calls: set[asyncio.Task[None]] = set()
        self.port = 0
        self.delay_milliseconds = 0

    async def open(self) -> None:
        """Listen, always at the same port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """As if the server had died: nobody listens, and every connection is cut."""
        if self._server is not None:
            self._server.close()
        await self.cut()

    async def cut(self) -> None:
        """End every connection."""
        calls = list(self._calls)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    async def ask(self, words: list[bytes]) -> bytes:
        """One command of the server's own, past the relay; the beginning of its answer."""
        reader, writer = await asyncio.open_unix_connection(self._path)
        parts = b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
        writer.write(b"*%d\r\n%s" % (len(words), parts))
        try:
            return await asyncio.wait_for(reader.read(PIECE_BYTES), 10)
        finally:
            writer.close()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = asyncio.create_task(self._relay(reader, writer))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            behind_reader, behind_writer = await asyncio.open_unix_connection(self._path)
        except OSError:
            writer.close()
            return
        ways = [
            asyncio.create_task(self._pass_on(reader, behind_writer)),
            asyncio.create_task(self._pass_on(behind_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in ways:
                each.cancel()
            writer.close()
            behind_writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(PIECE_BYTES):
                if self.delay_milliseconds:
                    await asyncio.sleep(self.delay_milliseconds / 1_000)
                writer.write(piece)
                await writer.drain()


@asynccontextmanager
async def relay(path: str) -> AsyncGenerator[Relay]:
    """A relay before a unix socket while the block runs."""
    made = Relay(path)
    await made.open()
    try:
        yield made
    finally:
        await made.close()
