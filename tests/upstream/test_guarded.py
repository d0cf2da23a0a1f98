"""An address that somebody typed leads to the public net, or nowhere."""

import ssl
from collections.abc import Sequence

import pytest

from gateway.dialects.standard import STANDARD
from gateway.domain.catalog import Provider
from gateway.domain.observations import Balance, Unclear
from gateway.upstream.client import ProviderClient
from gateway.upstream.guarded import Guarded, Resolve
from tests.upstream.calling import KEY
from tests.upstream.misbehaving import answers, misbehaving, own_trust, reply, server_trust

BALANCE = reply(b'{"balance": "5.00", "currency": "USD"}')
LITERALS = (
    *("127.0.0.1", "127.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "0", "0.0.0.0"),  # noqa: S104  a case
    *("localhost", "localhost.", "LOCALHOST", "127.0.0.1.", "[::1]", "[::ffff:127.0.0.1]"),
    *("[::ffff:7f00:1]", "[::127.0.0.1]", "user@127.0.0.1", "panel.example@127.0.0.1"),
)
HIDING = (
    *("127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "10.0.0.1"),
    *("169.254.169.254", "fd00:ec2::254", "fe80::1%eth0", "0.0.0.0", "::", "not an address"),  # noqa: S104  a case
)


def meaning(*addresses: str) -> Resolve:
    """What every name means."""

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return resolve


async def asked(url: str, guarded: Guarded) -> Balance | object:
    """What comes of the question for our balance."""
    provider = Provider("typed", url, "standard", "USD", "X_KEY", timeout_seconds=5)
    client = ProviderClient(provider, STANDARD, KEY, trust=guarded)
    try:
        return await client.balance()
    finally:
        await client.close()


async def test_nothing_inward_is_ever_connected_to() -> None:
    async with misbehaving(answers(BALANCE), tls=server_trust(), scheme="https") as canary:
        for host in LITERALS:
            for scheme in ("https", "http"):
                guarded = Guarded(own_trust(), ports=(canary.port,))
                answer = await asked(f"{scheme}://{host}:{canary.port}/api/v2", guarded)
                assert isinstance(answer, Unclear), host
        for address in HIDING:
            for addresses in ((address,), ("8.8.8.8", address)):
                guarded = Guarded(own_trust(), ports=(canary.port,), resolve=meaning(*addresses))
                url = f"https://panel.example:{canary.port}/api/v2"
                answer = await asked(url, guarded)
                assert isinstance(answer, Unclear), address
                assert "not on the public net" in answer.why
        assert canary.connections == 0
        # the canary sings
        guarded = Guarded(own_trust(), private=True)
        answer = await asked(f"https://localhost:{canary.port}/api/v2", guarded)
        assert isinstance(answer, Balance)
        assert canary.connections == 1


async def test_the_address_that_was_checked_is_the_one_that_is_called_under_its_name() -> None:
    async with misbehaving(answers(BALANCE), tls=server_trust(), scheme="https") as panel:
        here = meaning("127.0.0.1")
        guarded = Guarded(own_trust(), private=True, resolve=here)
        url = f"https://localhost:{panel.port}/api/v2"
        assert isinstance(await asked(url, guarded), Balance)
        assert f"Host: localhost:{panel.port}".encode().lower() in panel.requests[0].lower()
        # no other name passes for the one in the certificate
        other = Guarded(own_trust(), private=True, resolve=here)
        refused = await asked(f"https://panel.example:{panel.port}/api/v2", other)
        assert isinstance(refused, Unclear)
        assert len(panel.requests) == 1


@pytest.mark.parametrize("found", [(), tuple(f"8.8.8.{n}" for n in range(17))])
async def test_a_name_without_an_address_is_called_nowhere(found: Sequence[str]) -> None:
    trust = ssl.create_default_context()
    answer = await asked("https://panel.example/", Guarded(trust, resolve=meaning(*found)))
    assert isinstance(answer, Unclear)
    assert "no address" in answer.why
