"""The wire: the panel behind a real HTTP server that can break HTTP on purpose."""

import asyncio

import h11
import structlog

from gateway.dialects.json_text import write
from gateway.domain.refusals import Code, Refusal
from gateway.sandbox.answers import TEXT, Answer
from gateway.sandbox.connection import Connection, Limits, Request
from gateway.sandbox.control import change
from gateway.sandbox.faults import Fault
from gateway.sandbox.fields import read_fields
from gateway.sandbox.panel import Panel
from gateway.sandbox.readings import Wrong
from gateway.sandbox.truth import truth

PATHS = frozenset(f"/api/{version}{slash}" for version in ("v1", "v2", "v3") for slash in ("", "/"))
TRUTH = "/truth"
METHODS = frozenset({"GET", "POST"})

_log = structlog.get_logger(__name__)
_NOT_FOUND = Answer(b"A pretend provider: POST /api/v2, GET and POST /truth\n", 404, TEXT)
_NOT_ALLOWED = Answer(b"GET or POST\n", 405, TEXT)
_TOO_LARGE = Answer(b"The body is too large\n", 413, TEXT)


class Server:
    """A running sandbox. `url` is what a provider's entry needs."""

    def __init__(self, panel: Panel, host: str, limits: Limits) -> None:
        self.panel = panel
        self.host = host
        self.port = 0
        self._limits = limits
        self._listener: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The panel API's address."""
        return f"{self.origin}/api/v2"

    @property
    def origin(self) -> str:
        """The address without a path; the truth stands at `/truth` below it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def listen(self, port: int) -> None:
        """Open the port, 0 for any. Raises OSError when it is taken."""
        self._listener = await asyncio.start_server(
            self._accept, self.host, port, limit=self._limits.head_bytes_max * 4, backlog=512
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every connection, whatever they wait for."""
        if self._listener:
            self._listener.close()
        while self._connections:
            for connection in self._connections:
                connection.cancel()
            await asyncio.wait(self._connections)
        if self._listener:
            await self._listener.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= self._limits.connections_max:
            writer.transport.abort()
            return
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._connections.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("sandbox_connection_broken", exc_info=error)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer, self._limits)
        try:
            async with asyncio.timeout(self._limits.connection_seconds):
                await self._talk(connection)
        except (ConnectionError, TimeoutError):
            return
        finally:
            await connection.close()

    async def _talk(self, connection: Connection) -> None:
        go_on = True
        while go_on:
            try:
                request = await connection.request()
            except h11.RemoteProtocolError as error:
                if connection.can_answer():
                    await connection.answer(_bad_request(error), self.panel.faults.waits)
                return
            if request is None:
                return
            go_on = await self._serve_one(connection, request) and connection.next()

    async def _serve_one(self, connection: Connection, request: Request) -> bool:
        if request.path not in PATHS or request.method not in METHODS:
            return await connection.answer(self._beside(request), self.panel.faults.waits)
        if self.panel.is_down():
            connection.reset()
            return False
        answer = await self._api(request)
        whole = await connection.answer(answer, self.panel.faults.waits)
        if whole:
            self.panel.replied(answer)
        return whole

    async def _api(self, request: Request) -> Answer:
        if request.body is None:
            return self.panel.refuse(Refusal(Code.TOO_LARGE))
        if request.method != "POST":
            return self.panel.refuse(Refusal(Code.NOT_POST))
        fields = read_fields(request.body, request.content_type)
        if fields is None:
            return self.panel.refuse(Refusal(Code.BAD_ACTION))
        heard = self.panel.hear(fields)
        if heard.fault is Fault.SLOW:
            # the caller may be gone by then: the order is taken all the same, as real panels do
            await asyncio.sleep(self.panel.faults.waits.slow_milliseconds / 1000)
        return self.panel.answer(heard)

    def _beside(self, request: Request) -> Answer:
        if request.method not in METHODS:
            return _NOT_ALLOWED
        if request.path != TRUTH:
            return _NOT_FOUND
        if request.body is None:
            return _TOO_LARGE
        if request.method == "GET":
            return Answer(write(truth(self.panel)))
        try:
            return Answer(write({"changed": list(change(self.panel, request.body))}))
        except Wrong as wrong:
            return Answer(write({"error": str(wrong)}), 400)


def _bad_request(error: h11.RemoteProtocolError) -> Answer:
    return Answer(f"{error}\n".encode(), error.error_status_hint, TEXT, closes=True)


async def start(
    panel: Panel, host: str = "127.0.0.1", port: int = 0, limits: Limits | None = None
) -> Server:
    """Serve a panel until `stop`. Raises OSError when the port is taken."""
    server = Server(panel, host, limits or Limits())
    await server.listen(port)
    return server
