"""What a gateway that loses, doubles or forgets would leave behind is seen."""

from gateway.campaign.accounts import Booked, account
from gateway.campaign.asking import Wish
from gateway.campaign.stage import stage
from gateway.wiring import Addresses

LINKS = [f"https://a.example/{number}" for number in range(1, 4)]


async def test_whatever_is_wrong_is_told(addresses: Addresses) -> None:
    async with stage(addresses, 1) as made:
        await made.order(3)
        wishes = [Wish(link, 1_000) for link in LINKS]
        wishes[0].order = 99
        wishes[1].refused = "No"
        wishes[2].order = 1
        booked = [
            Booked("acme", "5", LINKS[0]),
            Booked("gone", "6", LINKS[0]),
            Booked("acme", "7", "https://a.example/strange"),
        ]
        found = await account(made.backends, booked, wishes)
    assert (found.booked, found.doubled, found.lost) == (3, 1, 1)
    assert found.states == {"queued": 3}
    assert found.breaks == [
        f"{LINKS[0]} was sent 2 times",
        "order 99 was answered and is lost",
        f"{LINKS[1]} was refused (No), and taken all the same",
        f"order 1 is not {LINKS[2]}'s",
        "order 1 is queued, and 5 at acme",
        "order 1 is queued, and 6 at gone",
        "7 at acme is https://a.example/strange, which nobody ordered",
    ]
