"""The ledger proved while somebody waits."""

from gateway.domain.operators import Role
from tests.admin.visiting import Desk
from tests.operations.shop import Shop

PATH = "/reconciliation/verify"


async def test_it_is_proved_when_asked_and_once_at_a_time(desk: Desk, shop: Shop) -> None:
    await shop.active()
    viewer = await desk.at_work(Role.VIEWER)
    assert "Prove it now" in (await viewer.get(PATH)).text
    assert "Every invariant holds" in (await viewer.get(f"{PATH}?now=1")).text
    async with desk.backends.proving:
        assert (await viewer.get(f"{PATH}?now=1")).status_code == 409
    await shop.execute("UPDATE balances SET available = available + 5")
    broken = (await viewer.get(f"{PATH}?now=1")).text
    assert "rows break an invariant" in broken
    assert broken.index("balances exact") < broken.index("no overdraft")
    await shop.execute("UPDATE balances SET available = available - 5")
