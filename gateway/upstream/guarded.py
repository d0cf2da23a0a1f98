"""What carries calls to an address that somebody typed: it connects to public hosts alone.

The name is resolved here, every address that it has is checked, and the connection goes to the
checked address itself: whatever the name means a moment later, nothing else is reached.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Sequence

import httpx

from gateway.domain.addresses import PORTS, Unfit, check_typed, is_public

ADDRESSES_MAX = 16
RESOLVE_SECONDS = 5

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, for a port."""


class Guarded(httpx.AsyncBaseTransport):
    """Checks before each call; `trust` is whom to believe who he is.

    `private`: addresses of this network are let pass, for a sandbox.
    """

    def __init__(
        self,
        trust: ssl.SSLContext,
        *,
        private: bool = False,
        ports: Collection[int] = PORTS,
        resolve: Resolve | None = None,
    ) -> None:
        self._ports = ports
        self._private = private
        self._resolve = resolve or _addresses
        # none is kept: the next call asks anew what the name means
        kept = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._sockets = httpx.AsyncHTTPTransport(
            verify=trust, http2=False, trust_env=False, retries=0, limits=kept
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises ConnectError, before anything is sent, where the call may not go."""
        host = request.url.host
        try:
            check_typed(str(request.url), private=self._private, ports=self._ports)
            usual = 443 if request.url.scheme == "https" else 80
            address = await self._checked(host, request.url.port or usual)
        except Unfit as why:
            raise httpx.ConnectError(str(why), request=request) from None
        checked = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,  # the Host among them is the name
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._sockets.handle_async_request(checked)

    async def aclose(self) -> None:
        """Close what is open."""
        await self._sockets.aclose()

    async def _checked(self, host: str, port: int) -> str:
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                found = await self._resolve(host, port)
        except (OSError, UnicodeError, TimeoutError):
            raise Unfit("this host has no address") from None
        if not 1 <= len(found) <= ADDRESSES_MAX:
            raise Unfit("this host has no address, or too many")
        if not self._private and not all(is_public(each) for each in found):
            raise Unfit("this host is not on the public net")
        return found[0]


async def _addresses(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )
    return list(dict.fromkeys(str(each[4][0]) for each in found))
