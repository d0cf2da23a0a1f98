"""An order's page: the whole story, whatever others wrote into it, and never a large page."""

import re
from decimal import Decimal

from gateway.domain.operators import Actor, Role
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType
from gateway.operations.refund import Wish, refund
from tests.admin.visiting import Desk
from tests.operations.shop import Shop

BYTES_MAX = 100_000
HOSTILE = '"><script>alert(1)</script>\u202egnp.exe\u2066&amp;'


def unhurt(text: str) -> bool:
    """Nothing of what others wrote is markup, or turns the text around it."""
    return not re.search(r"<script>alert|\u202e|\u2066", text)


async def test_the_story_is_told_with_what_proves_it(desk: Desk, shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, status="Partial", remains=400, charge="0.5")
    wish = Wish(Decimal("0.1"), "they wrote thrice", "token-01")
    await refund(shop.backends, order, wish, actor=Actor("ann"))
    browser = await desk.at_work(Role.VIEWER)
    shown = (await browser.get(f"/orders/{order}")).text
    for words in (
        *('<span class="badge ended">partial</span>', 'href="/customers/1"', "1,000, 400 remain"),
        *("priced from the offer", "1.35 USD for 1000", "attempt 1: accepted", "refunds to"),
        *("add service=101", "{&#34;order&#34;:", "D2 rate moved", "they wrote thrice"),
        *(f'href="/audit?subject=order:{order}"', f'href="/orders/{order}/attempts/1"'),
    ):
        assert words in shown, words
    # charge 1.35, net 0.81, given back 0.10, cost 0.50
    assert 'class="amount">0.21' in shown
    assert "<form" not in shown.replace('action="/sign-out"', "").split("<main")[1]
    attempt = (await browser.get(f"/orders/{order}/attempts/1")).text
    assert "accepted" in attempt
    assert "{&#34;order&#34;:" in attempt
    for path in (
        *("/orders/99", f"/orders/{order}/attempts/9", "/orders/" + "9" * 4_000),
        *("/orders/9223372036854775808", f"/orders/{order}/attempts/" + "9" * 30),
    ):
        assert (await browser.get(path)).status_code == 404, path
    for asked in ("until=0", "until=999999", "until=x", "parts=0", "parts=99"):
        assert (await browser.get(f"/orders/{order}?{asked}")).status_code == 200, asked


async def test_what_others_wrote_is_shown_as_text_and_in_measure(desk: Desk, shop: Shop) -> None:
    link = "https://a.example/x"
    comments = (HOSTILE * 5,) * 40
    long = HOSTILE * (10_000 // len(HOSTILE))
    shop.acme.adds.append(long.encode())
    hostile, commented = await shop.place(
        Placement(1, ServiceType.DEFAULT, link, 1_000),
        Placement(4, ServiceType.CUSTOM_COMMENTS, link, 40, comments=comments),
    )
    await shop.send()
    # what a dialect carries is narrower than what a table may hold from elsewhere
    await shop.execute(f"UPDATE orders SET link = 'https://a.example/' || repeat('{HOSTILE}', 40)")  # noqa: S608  ours
    await shop.execute(
        f"UPDATE orders SET details = jsonb_build_object('usernames', repeat('{HOSTILE}', 999))"  # noqa: S608  ours
    )
    await shop.execute(
        "INSERT INTO discrepancies (class, provider, order_id, note, expected, seen, closed_at) "  # noqa: S608  ours
        f"SELECT 'D6', 'acme', {hostile}, repeat('{HOSTILE}', 99), 1, n, now() "
        "FROM generate_series(1, 50) n"
    )
    await shop.execute("UPDATE customers SET name = repeat('\u202e<b>', 25)")
    browser = await desk.at_work(Role.OWNER)
    for path in (
        *(f"/orders/{hostile}", f"/orders/{hostile}/attempts/1", f"/orders/{commented}"),
        *("/orders", "/orders?export=csv"),
    ):
        answer = await browser.get(path)
        assert answer.status_code == 200
        assert len(answer.content) < BYTES_MAX, path
        if not path.endswith("csv"):
            assert unhurt(answer.text), path
    assert "comments, lines" in (await browser.get(f"/orders/{commented}")).text
    await shop.execute("DELETE FROM discrepancies")


async def test_an_order_of_ten_thousand_parts_stays_a_page(desk: Desk, shop: Shop) -> None:
    order = await shop.active()
    await shop.execute(
        "INSERT INTO order_parts (order_id, part, provider, provider_order, next_poll_at, refused)"  # noqa: S608  ours
        f" SELECT 1, n, 'acme', repeat('\"', 58) || n, 'infinity', repeat('{HOSTILE}', 20)"
        " FROM generate_series(1, 10000) n"
    )
    await shop.execute(
        "UPDATE order_parts SET created_at = created_at + (part % 500) * interval '1 second'"
    )
    browser = await desk.at_work(Role.OWNER)
    page = await browser.get(f"/orders/{order}")
    assert "The latest 200 of 10,000" in page.text
    assert f"gateway order show {order} --json" in page.text
    earlier, seen = f"/orders/{order}", 0
    while found := re.search(r'href="([^"]*until=\d+)#line"', page.text):
        assert len(page.content) < BYTES_MAX
        assert found[1] != earlier
        earlier, seen = found[1], seen + 1
        page = await browser.get(earlier)
    assert seen > 3
    last = await browser.get(f"/orders/{order}?parts=10")
    assert ">9801<" in last.text
    assert len(last.content) < BYTES_MAX
    await shop.execute("DELETE FROM order_parts")
