"""How these tests call a panel: with what, how patiently, and what "not sent" must look like."""

import ssl
from dataclasses import replace

from gateway.dialects.standard import STANDARD
from gateway.domain.catalog import Provider
from gateway.domain.outcomes import Outcome
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType
from gateway.upstream.client import ProviderClient
from gateway.upstream.limits import Limits
from gateway.upstream.outcomes import Attempted
from gateway.upstream.trace import Trace
from tests.upstream.misbehaving import Panel

KEY = "s3cret/key+of=acme&0123"
PLACEMENT = Placement(1, ServiceType.DEFAULT, "https://a.example/x?y=1&z=é", 100)
PATIENT = Limits(connect_milliseconds=3_000, read_milliseconds=3_000, write_milliseconds=3_000)
DEADLINE = replace(PATIENT, total_milliseconds=300)


def caller_of(
    panel: Panel,
    limits: Limits = PATIENT,
    *,
    key: str = KEY,
    in_flight_max: int = 8,
    trust: ssl.SSLContext | None = None,
) -> ProviderClient:
    return ProviderClient(panel.provider(in_flight_max), STANDARD, key, limits, trust)


async def add(
    provider: Provider,
    placement: Placement = PLACEMENT,
    limits: Limits = PATIENT,
    trust: ssl.SSLContext | None = None,
) -> Attempted:
    caller = ProviderClient(provider, STANDARD, KEY, limits, trust)
    try:
        return await caller.add("101", placement)
    finally:
        await caller.close()


def not_sent(attempted: Attempted, reason: str) -> bool:
    return (
        attempted.outcome is Outcome.NOT_SENT
        and attempted.trace == Trace(sent=False, body=False, resp=False)
        and attempted.http_status is None
        and attempted.raw == b""
        and reason in attempted.reason
    )
