"""One ProviderClient for each provider, exchanged when the catalog changes."""

import asyncio
from dataclasses import replace

import pytest

from gateway.domain.catalog import Provider
from gateway.domain.outcomes import Outcome
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType
from gateway.upstream.panels import Panels
from tests.upstream.misbehaving import Visit, misbehaving, reply

ACME = Provider("acme", "http://127.0.0.1:9/", "standard", "USD", "ACME_KEY")
PLACEMENT = Placement(1, ServiceType.DEFAULT, "https://a.example/x", 100)


def key(provider: Provider) -> str:
    return f"key-of-{provider.key_env}"


async def test_the_same_provider_has_the_same_panel() -> None:
    panels = Panels(key)
    acme = panels.of(ACME)
    other = panels.of(replace(ACME, name="other"))
    assert acme is panels.of(replace(ACME))
    assert acme is not other
    assert acme.provider == ACME
    await panels.close()


async def test_an_unknown_dialect_and_a_missing_key_are_told() -> None:
    def missing(provider: Provider) -> str:
        raise LookupError(f"{provider.key_env} is not set")

    panels = Panels(missing)
    with pytest.raises(LookupError, match="ACME_KEY is not set"):
        panels.of(ACME)
    with pytest.raises(KeyError, match="klingon"):
        panels.of(replace(ACME, dialect="klingon"))
    await panels.close()


async def test_a_changed_provider_gets_a_new_panel_and_the_old_one_ends_its_calls() -> None:
    released = asyncio.Event()

    async def answer_when_released(visit: Visit) -> None:
        while request := await visit.read():
            if b"service=101" in request:
                await released.wait()
            await visit.write(reply(b'{"order": 23501}'))

    async with misbehaving(answer_when_released) as panel:
        panels = Panels(key)
        old = panels.of(panel.provider())
        running = asyncio.create_task(old.add("101", PLACEMENT))
        await panel.arrived.wait()
        new = panels.of(replace(panel.provider(), timeout_seconds=20))
        assert new is not old
        assert (await new.add("102", PLACEMENT)).order == "23501"
        closing = asyncio.create_task(panels.close())
        await asyncio.sleep(0.02)
        assert not closing.done()
        released.set()
        assert (await running).order == "23501"
        await closing
        for each in (old, new):
            assert (await each.add("102", PLACEMENT)).outcome is Outcome.NOT_SENT
        assert len(panel.requests) == 2
        assert b"key=key-of-ACME_KEY" in panel.requests[0]
