import httpx
import pytest

from gateway.sandbox.fates import Fates
from gateway.sandbox.faults import FAULTS, Fault, Moment
from gateway.sandbox.panel import Panel
from tests.sandbox.calling import Call, faulty

LINK = "https://a.example/1"


@pytest.mark.parametrize("fault", sorted(FAULTS[Moment.REFILL] | FAULTS[Moment.CANCEL]))
async def test_a_link_names_the_fault_of_its_first_refill_or_cancel(
    call: Call, fault: Fault
) -> None:
    moment = Moment(fault.rpartition("_")[0])
    pace = 0 if moment is Moment.REFILL else 10**6
    caller = await call(Panel(fates=Fates({}, pace)))
    order = await caller.add(f"{LINK}?fault={fault}", 100)
    form = {"action": moment.value, "orders": str(order)}
    if fault.endswith("_reset"):
        with pytest.raises(httpx.ReadError):
            await caller.post(**form)
    else:
        answer = await caller.post(**form)
        assert answer.status_code == 200
        whole = answer.content.rstrip().endswith(b"]")
        assert whole == fault.endswith("_sloppy")
        assert (not answer.content) == fault.endswith("_empty")
    truth = await caller.truth()
    done = truth[f"{moment}s"]
    assert isinstance(done, list)
    assert len(done) == (0 if fault.endswith("_html") else 1)
    assert truth["faults"] == {fault: 1}
    assert (await caller.post(**form)).json()[0]["order"] == order


async def test_they_come_by_chance_too(call: Call) -> None:
    shares = {"cancel_garbled": "0.5", "refill_status_html": "1", "balance_html": "1"}
    caller = await call(Panel(faults=faulty(**shares)))
    await caller.add(LINK, 100)
    bodies = [(await caller.post(action="cancel", orders="50001")).content for _ in range(20)]
    assert 2 < sum(body.endswith(b"]") for body in bodies) < 18
    for action in ("refill_status", "balance"):
        assert "Sign in" in (await caller.post(action=action, refill="1")).text
