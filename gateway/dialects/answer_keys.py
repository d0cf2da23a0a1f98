"""All keys that an answer of a dialect may have, whatever their case (protocol.md 3.3, S1)."""

from gateway.dialects.spelling import Key, Spelling

_ALWAYS = ("error", "success", "status", "message", "order", "data", "services")


def answer_keys(spelling: Spelling) -> frozenset[str]:
    """The names under which anything is read from the answers to reads, refill and cancel."""
    statuses, refills = spelling.statuses, spelling.refill_statuses
    keys: list[Key | None] = [
        *(statuses.order, statuses.status, statuses.charge, statuses.start_count),
        *(statuses.remains, statuses.currency, statuses.children, statuses.posts, statuses.runs),
        *(spelling.balances.amount, spelling.balances.currency),
        *(spelling.refills.key, spelling.refills.order, spelling.cancels.key),
        *(spelling.cancels.order, refills.refill, refills.status),
        *spelling.services.keys.values(),
    ]
    names = [name for key in keys if key for name in (key.name, *key.also_read)]
    for within in (
        *(statuses.within, refills.within, spelling.services.within),
        *(spelling.balances.within, spelling.refills.within, spelling.cancels.within),
    ):
        names += within
    for shape in spelling.refusals:
        names += [name for path in (shape.text, *shape.where) for name in path.split(".")]
    return frozenset((*_ALWAYS, *names))
