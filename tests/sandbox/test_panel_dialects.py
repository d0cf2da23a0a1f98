"""Every dialect, every action and every type over real HTTP, read back by the same dialect."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.dialects.book import BOOK
from gateway.dialects.dialect import Dialect
from gateway.dialects.messages import AskRefill, ServicesRead
from gateway.dialects.spelling import Action, Ids, Key
from gateway.domain.observations import (
    Balance,
    Observation,
    RefillSeen,
    RefillWord,
    Refused,
    Taken,
    Word,
)
from gateway.domain.refusals import Code
from gateway.domain.services import TYPE_RULES, ServiceType, read_type
from gateway.sandbox.fates import Fates
from gateway.sandbox.offers import BUILT_IN, BY_ID
from gateway.sandbox.panel import Panel, Terms
from tests.sandbox.calling import Call, Clock
from tests.sandbox.speaking import FIELDS, LINK, Speaker

STANDARD = BOOK["standard"]
REQUESTS = STANDARD.spelling.requests
# as far from the standard as a document can go
FAR = Dialect(
    replace(
        STANDARD.spelling,
        name="far",
        requests=replace(
            REQUESTS,
            actions={**REQUESTS.actions, Action.ADD: "create", Action.STATUS: "info"},
            key="token",
            names={"service": "item", "link": "target", "comments": "texts"},
            ids={
                **REQUESTS.ids,
                Action.STATUS: Ids("id", "ids", 10),
                Action.REFILL: Ids("id", None),
            },
            encoded_twice=True,
        ),
        adds=replace(STANDARD.spelling.adds, order=Key("id")),
    )
)
DIALECTS: Mapping[str, Dialect] = {**BOOK, "far": FAR}
PACE = 10_000

each_dialect = pytest.mark.parametrize("name", DIALECTS)


async def speaker(call: Call, name: str, clock: Clock, terms: Terms | None = None) -> Speaker:
    panel = Panel(DIALECTS[name], terms, fates=Fates({}, PACE), clock=clock)
    return Speaker(await call(panel), DIALECTS[name])


@each_dialect
async def test_services_and_balance(call: Call, clock: Clock, name: str) -> None:
    us = await speaker(call, name, clock, Terms(currency="EUR", balance=Decimal("12.345")))
    seen = await us.services()
    assert not seen.skipped
    known = us.dialect.spelling.services.keys
    losses = {flag: None for flag in ("drip_feed", "refill", "cancel") if flag not in known}
    panel = us.caller.server.panel
    offered = [each for each in (*BUILT_IN, *BY_ID) if panel.offered(each.offer)]
    assert list(seen.listings) == [replace(each, **losses) for each in offered]
    currency = None if us.dialect.spelling.constant_currency else "EUR"
    assert await us.balance() == Balance(Decimal("12.345"), currency)
    assert not us.noted


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name, each in DIALECTS.items() for kind in each.spelling.requests.types],
)
async def test_every_type_arrives_whole(
    call: Call, clock: Clock, name: str, kind: ServiceType
) -> None:
    us = await speaker(call, name, clock)
    offer = next(o for o in (*BUILT_IN, *BY_ID) if read_type(o.kind_word) is kind)
    placement = us.placement(kind)
    order = await us.add(offer.offer, placement)
    true = await us.true_order(order)
    details = dict(placement.details)
    if "posts_max" in details:  # it is not told how many posts there will be
        details["posts_max"] = "1000"
    assert true["details"] == details
    assert true["comments"] == list(placement.comments)
    assert (true["link"], true["type"], true["service"]) == (placement.link, kind, offer.offer)
    if kind is ServiceType.SUBSCRIPTIONS:
        return
    assert true["quantity"] == placement.quantity
    whole = offer.rate * placement.quantity
    charge = offer.rate if TYPE_RULES[kind].flat else whole / 1_000
    seen = await us.status(order)
    assert (seen.word, seen.charge) == (Word.PENDING, charge)
    assert (await us.balance()).amount == 1_000_000 - charge


def test_there_are_fields_for_every_type() -> None:
    assert set(FIELDS) == set(ServiceType)


@each_dialect
async def test_status_of_one_and_of_many(call: Call, clock: Clock, name: str) -> None:
    us = await speaker(call, name, clock)
    orders = [
        await us.add("101", us.placement(link=f"{LINK}#{fate}", quantity="1000"))
        for fate in ("completed", "partial", "canceled")
    ]
    clock.pass_by(2 * PACE)
    seen = await us.statuses(*orders, "7")
    words = [row.word if isinstance(row, Observation) else row.code for row in seen.values()]
    assert words == [Word.COMPLETED, Word.PARTIAL, Word.CANCELED, Code.ORDER_NOT_FOUND]
    for order in orders:
        alone = await us.status(order)
        row = seen[order]
        assert isinstance(row, Observation)
        assert replace(alone, currency=row.currency) == row
        charge = (await us.true_order(order))["charge"]
        assert alone.charge == Decimal(str(charge))
    unknown = (await us.statuses("7"))["7"]
    assert isinstance(unknown, Refused)
    assert unknown.code is Code.ORDER_NOT_FOUND


@each_dialect
async def test_refills(call: Call, clock: Clock, name: str) -> None:
    us = await speaker(call, name, clock)
    if not us.dialect.refills:
        await check_unknown(us, "refill")
        return
    order = await us.add("101", us.placement())
    early = (await us.refills(order))[order]
    assert isinstance(early, Refused)
    assert early.code is Code.REFILL_REFUSED
    clock.pass_by(2 * PACE)
    has_id = us.dialect.refill_status_usable
    assert (await us.refills(order))[order] == Taken("7001" if has_id else None)
    again = (await us.refills(order))[order]
    assert isinstance(again, Refused)
    assert again.code is Code.REFILL_IN_PROGRESS
    foreign = (await us.refills("7"))["7"]
    assert isinstance(foreign, Refused)
    assert foreign.code is Code.ORDER_NOT_FOUND
    for elapsed, word in ((0, "Pending"), (PACE // 2, "In progress"), (PACE, "Completed")):
        clock.pass_by(elapsed)
        if has_id:
            assert await us.refill_statuses("7001") == {"7001": RefillSeen(RefillWord(word))}
            assert (await us.status(order)).word is Word.COMPLETED
        else:  # then the order itself must tell
            shown = Word.IN_PROGRESS if word == "In progress" else Word.COMPLETED
            assert (await us.status(order)).word is shown
    assert (await us.balance()).amount == Decimal("999999.10")


@each_dialect
async def test_refills_of_many(call: Call, clock: Clock, name: str) -> None:
    us = await speaker(call, name, clock)
    orders = [await us.add(offer, us.placement()) for offer in ("101", "104", "103")]
    clock.pass_by(2 * PACE)
    if us.dialect.batch_max(Action.REFILL) < 2:
        joined = {"action": "refill", "orders": ",".join(orders)}
        answer = await us.post(joined)
        assert "error" in answer.json()
        return
    seen = await us.refills(*orders, "7")
    assert seen[orders[0]] == Taken("7001")
    assert seen[orders[2]] == Taken("7002")
    codes = [row.code for row in seen.values() if isinstance(row, Refused)]
    assert codes == [Code.REFILL_REFUSED, Code.ORDER_NOT_FOUND]
    clock.pass_by(PACE)
    done = RefillSeen(RefillWord.COMPLETED)
    words = await us.refill_statuses("7001", "7002", "7")
    assert [words["7001"], words["7002"]] == [done, done]
    unknown = words["7"]
    assert isinstance(unknown, Refused)
    assert unknown.code is Code.REFILL_NOT_FOUND


@each_dialect
async def test_cancels(call: Call, clock: Clock, name: str) -> None:
    us = await speaker(call, name, clock)
    if not us.dialect.cancels:
        await check_unknown(us, "cancel")
        return
    fresh = await us.add("101", us.placement())
    begun = await us.add("101", us.placement(link=f"{LINK}/2"))
    no_cancel = await us.add("102", us.placement())
    assert (await us.cancels(fresh))[fresh] == Taken()
    clock.pass_by(PACE // 2)
    assert (await us.status(fresh)).word is Word.CANCELED
    assert (await us.cancels(begun))[begun] == Taken()
    codes = [(await us.cancels(order))[order] for order in (begun, no_cancel, fresh, "7")]
    assert [code.code for code in codes if isinstance(code, Refused)] == [
        *(Code.CANCEL_IN_PROGRESS, Code.CANCEL_REFUSED, Code.CANCEL_REFUSED),
        Code.ORDER_NOT_FOUND,
    ]
    clock.pass_by(PACE // 5)
    seen = await us.status(begun)
    remains = seen.remains
    assert remains
    assert seen.charge
    assert seen.word is Word.PARTIAL
    assert seen.charge == Decimal("0.90") * (1_000 - remains) / 1_000
    clock.pass_by(2 * PACE)
    assert await us.status(begun) == seen
    left = 1_000_000 - seen.charge - Decimal("2.35")
    assert (await us.balance()).amount == left


@each_dialect
async def test_drip_feeds(call: Call, clock: Clock, name: str) -> None:
    us = await speaker(call, name, clock)
    placement = us.placement(quantity="50", runs="2", interval="30")
    order = await us.add("101", placement)
    clock.pass_by(PACE)
    seen = await us.status(order)
    assert (seen.word, seen.charge, seen.remains) == (Word.IN_PROGRESS, None, None)
    assert seen.children
    assert len(seen.children) == 2
    rows = await us.statuses(*seen.children)
    charges = [row.charge for row in rows.values() if isinstance(row, Observation)]
    assert charges == [Decimal("0.045")] * 2


async def check_unknown(us: Speaker, action: str) -> None:
    answer = await us.post({"action": action, "order": "50001"})
    read = us.dialect.read_balance(answer.status_code, answer.content)
    assert isinstance(read, Refused)
    assert read.code is Code.BAD_ACTION
    assert (await us.caller.truth())["requests"] == {"other": 1}


@each_dialect
async def test_a_panel_understands_no_other_fields_than_its_own(
    call: Call, clock: Clock, name: str
) -> None:
    us = await speaker(call, name, clock)
    form = us.dialect.write_add("101", us.placement())
    standard = STANDARD.write_add("101", us.placement())
    if form != standard:
        answer = await us.post(standard)
        assert isinstance(us.dialect.read_add(answer.status_code, answer.content), Refused)
    wrong_key = await us.caller.http.post(us.caller.server.url, data={"key": "x", **form})
    read = us.dialect.read_add(wrong_key.status_code, wrong_key.content)
    assert isinstance(read, Refused)
    assert read.code is Code.BAD_KEY
    assert not await us.caller.orders()


async def test_other_minutes_than_its_own_are_refused(call: Call, clock: Clock) -> None:
    us = await speaker(call, "smmia", clock)
    fields = {"action": "add", "service": "101", "link": LINK, "quantity": "50", "runs": "2"}
    answer = await us.post({**fields, "interval": "7"})
    assert answer.json() == {"error": "Incorrect interval"}
    followed = {**FIELDS[ServiceType.SUBSCRIPTIONS], "action": "add", "service": "801"}
    answer = await us.post({**followed, "delay": "20"})
    assert answer.json() == {"error": "Incorrect delay"}


async def test_more_ids_than_its_page_allows_are_refused(call: Call, clock: Clock) -> None:
    us = await speaker(call, "far", clock)
    answer = await us.post({"action": "info", "ids": ",".join(map(str, range(1, 12)))})
    assert "Too many IDs" in answer.json()["error"]


async def test_a_list_in_pages(call: Call, clock: Clock) -> None:
    paged = replace(STANDARD.spelling, services=replace(STANDARD.spelling.services, page_size=8))
    us = Speaker(await call(Panel(Dialect(paged), clock=clock)), Dialect(paged))
    pages = [await us.services(offset) for offset in range(0, len(BUILT_IN) + 8, 8)]
    assert [len(page.listings) for page in pages][:2] == [8, 8]
    assert tuple(each for page in pages for each in page.listings) == BUILT_IN
    other = Speaker(await call(Panel(terms=Terms(page_size=5), clock=clock)), STANDARD)
    assert await other.services() == ServicesRead(BUILT_IN[:5], ())


async def test_requests_are_counted_by_action(call: Call, clock: Clock) -> None:
    us = await speaker(call, "standard", clock)
    await us.cancels("1")
    await us.refills("1", "2")
    await us.refill_statuses("1")
    await us.statuses("1")
    assert (await us.caller.truth())["requests"] == {
        "cancel": 1,
        "refill": 1,
        "refill_status": 1,
        "status": 1,
    }
    assert (
        AskRefill(("1",), many=False)
        == us.caller.server.panel.hear({"key": "sandbox-key", "action": "refill", "order": "1"}).ask
    )
