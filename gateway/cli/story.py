"""The whole story of an order, told in tables."""

from typing import Any

from gateway.cli.output import print_table
from gateway.domain.money import plain
from gateway.domain.orders import as_customers_see
from gateway.storage.orders import Listed, Story

Requests = list[dict[str, Any]]


def facts_of(order: Listed) -> dict[str, object]:
    """An order in one line of a list."""
    seen = as_customers_see(order.standing)
    return {
        "order": order.standing.id,
        "customer": order.customer,
        "service": order.service,
        "provider": order.provider,
        "provider_order": order.provider_order,
        "state": order.standing.state,
        "charge": plain(order.standing.net),
        "cost": plain(order.cost),
        "link": order.link,
        "quantity": order.standing.quantity,
        "remains": seen.remains,
        "advice": order.advice,
    }


def tell(story: Story) -> None:
    """Print everything but its refills and cancels."""
    order = story.order
    print_table(f"Order {order.standing.id}", ["what", "value"], list(facts_of(order).items()))
    print_table("How the charge came about", ["step", "value"], list(order.priced.items()))
    print_table(
        "Events",
        ["at", "from", "to", "by", "reason"],
        [(e["at"], e["from_state"], e["to_state"], e["actor"], e["reason"]) for e in story.events],
    )
    _tell_attempts(story)
    _tell_doubts(story)
    _tell_proposed(story)
    _tell_parts(story)
    _tell_seen(story)
    print_table(
        "Transfers",
        ["at", "entry", "kind", "debit", "credit", ">amount", "currency"],
        [
            (t["at"], t["key"], t["kind"], t["debit"], t["credit"], t["amount"], t["currency"])
            for t in story.transfers
        ],
    )


def _tell_attempts(story: Story) -> None:
    print_table(
        "Attempts",
        [">no", "offer", "outcome", "id", "sent body reply", ">HTTP", ">ms", "reason", "reply"],
        [
            (
                a["number"] if a["run"] == 1 else f"{a['number']} (run {a['run']})",
                f"{a['provider']}:{a['offer']}",
                a["outcome"],
                a["provider_order"],
                " ".join(
                    "?" if a[bit] is None else "yn"[not a[bit]]
                    for bit in ("trace_sent", "trace_body", "trace_resp")
                ),
                a["http_status"],
                a["took_milliseconds"],
                a["reason"],
                a["raw"][:120],
            )
            for a in story.attempts
        ],
    )


def _tell_seen(story: Story) -> None:
    if story.seen:
        print_table(
            "What the provider said last",
            [">looks", "status", "since", ">start", ">remains", "next look"],
            [list(each.values()) for each in story.seen],
        )
    if story.braked:
        print_table(
            "A refund that waits until its cause was seen once more",
            ["since", ">amount", "why", "seen"],
            [
                (b["since"], plain(b["amount"]), b["reason"], b["seen"]["word"])
                for b in story.braked
            ],
        )


def _tell_doubts(story: Story) -> None:
    if not story.doubts:
        return
    print_table(
        "What was gathered while it was in doubt",
        [">attempt", ">looks", "last", "next", "advice", "ids asked for", "rivals", "balance"],
        [
            (
                each["number"],
                each["tries"],
                each["looked_at"],
                each["next_at"],
                each["recommendation"],
                " to ".join(str(end or "?") for end in each["evidence"].get("window", [])),
                ", ".join(str(order) for order in each["evidence"].get("same_cost", [])),
                each["evidence"].get("balance"),
            )
            for each in story.doubts
        ],
    )


def _tell_proposed(story: Story) -> None:
    if not story.proposed:
        return
    print_table(
        "Waits for a second operator",
        ["since", "said", "by", "note"],
        [
            (each["since"], f"accepted as {each['accepted']}", each["operator"], each["note"])
            if each["accepted"]
            else (each["since"], "refused", each["operator"], each["note"])
            for each in story.proposed
        ],
    )


def _tell_parts(story: Story) -> None:
    if not story.parts:
        return
    columns = [
        ">no",
        "id there",
        ">quantity",
        "status",
        ">charge",
        "currency",
        ">start",
        ">remains",
    ]
    print_table(
        "Runs" if story.order.standing.self_run else "Children",
        [*columns, "since", "ended", "not told"],
        [
            (
                each["part"],
                each["provider_order"],
                each["quantity"],
                each["word"],
                None if each["charge"] is None else plain(each["charge"]),
                each["currency"],
                each["start_count"],
                each["remains"],
                each["created_at"],
                each["ended_at"],
                each["refused"],
            )
            for each in story.parts
        ],
    )


def tell_requests(requests: Requests) -> None:
    """Print its refills and cancels, if there are any."""
    if not requests:
        return
    print_table(
        "Refills and cancels",
        [">id", "kind", "state", "asked", "sent", "ended", ">tries", "id there", "note"],
        [
            (
                each["id"],
                each["kind"],
                each["state"],
                each["asked_at"],
                each["sent_at"],
                each["ended_at"],
                each["tries"],
                each["provider_request"],
                each["note"][:120],
            )
            for each in requests
        ],
    )
