"""Probing a panel that somebody typed in."""

import pytest

from gateway.domain.operators import Actor
from gateway.operations.probe import probe
from gateway.operations.reach import KeyMissing, Typed, Unfit, reach
from gateway.storage.documents import Documents, parse
from tests.operations.parrot import KEY
from tests.operations.shop import Shop

ANN = Actor("ann", "192.0.2.7")
MARKUP = 'currency = "USD"\n[[rules]]\npercent = "25"\n'


async def test_a_typed_panel_is_probed_with_a_key_that_is_kept_nowhere(shop: Shop) -> None:
    url = shop.provider().url
    typed = Typed("panel-one", url, "PANEL_ONE_KEY", KEY)
    assert KEY not in repr(typed)
    async with reach(shop.backends, typed, actor=ANN, private=True) as (panels, provider):
        probed = await probe(panels, provider, configured=False, pause_milliseconds=0)
    assert probed.inference.best == "standard"
    table = probed.table(provider, configured=False)
    taken = parse(Documents(table, "", MARKUP)).providers["panel-one"]
    assert (taken.url, taken.dialect, taken.key_env) == (url, "standard", "PANEL_ONE_KEY")
    (deed,) = await shop.rows("SELECT * FROM deeds WHERE what = 'probe'")
    assert url in str(deed)
    assert KEY not in str(deed)


async def test_a_key_may_come_from_the_environment_but_not_to_another_address(shop: Shop) -> None:
    url = shop.provider().url
    own = Typed("acme", url, "ACME_KEY")
    async with reach(shop.backends, own, actor=ANN, private=True) as (panels, provider):
        probed = await probe(panels, provider, configured=False, pause_milliseconds=0)
    assert probed.balance is not None
    missing = Typed("acme", url, "NOBODYS_KEY")
    async with reach(shop.backends, missing, actor=ANN, private=True) as (panels, provider):
        with pytest.raises(KeyMissing):
            await probe(panels, provider)
    for typed in (
        Typed("x", shop.provider("beta").url, "ACME_KEY"),
        Typed("x", url, "GATEWAY_SECRET_KEY"),
        Typed("x", url, "GATEWAY_SECRET_KEY", "typed"),
        Typed("x", url, "AWS_SECRET_ACCESS_KEY"),
        Typed("x", url, "HOME"),
        Typed("x]\ny", url, "X_KEY", "typed"),
        Typed("x", url, "X_KEY", "a\r\nb"),
    ):
        with pytest.raises(Unfit):
            async with reach(shop.backends, typed, actor=ANN, private=True):
                raise AssertionError
    with pytest.raises(Unfit, match="https"):
        async with reach(shop.backends, Typed("x", url, "X_KEY", "typed"), actor=ANN):
            raise AssertionError
