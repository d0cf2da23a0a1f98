"""What needs a person now, the most urgent first."""

from collections.abc import Sequence

from gateway.domain import needs as rules
from gateway.domain.health import Health
from gateway.domain.needs import Kind, Loss, Need, Odd
from gateway.domain.open_orders import OpenOrders
from gateway.domain.targets import Class
from gateway.operations import Backends
from gateway.storage import discrepancy_lists, proposals, restored, standing, tallies, unseen

__all__ = ["Kind", "Loss", "Need", "needs"]

PROPOSED_MAX = 100


async def needs(
    backends: Backends,
    *,
    losses: Sequence[Loss] = (),
    orders: OpenOrders,
    providers: Sequence[Health],
) -> Sequence[Need]:
    """Nothing when all is well. `losses`: the services that sell below cost, whoever knows them;
    `orders` and `providers`: as `open_orders` and `provider_health` tell them.
    """
    currency = backends.shelf.stock.catalog.markup.currency
    async with backends.database.reading() as connection:
        now = await tallies.now(connection)
        proposed = await standing.proposed(connection, proposals.VALID_FOR, PROPOSED_MAX)
        sums = await discrepancy_lists.open_sums(connection)
        backup = await restored.unreleased(connection)
        sentences = await unseen.counted(connection)
    found = [rules.of_loss(each, currency) for each in losses]
    found += rules.of_orders(orders, now)
    found += [rules.of_proposal(each, currency) for each in proposed]
    found += [need for each in providers for need in rules.of_provider(each, now)]
    found += [need for each in sums if (need := rules.of_odd(_odd(each)))]
    found += [rules.of_sentences(*each) for each in sentences]
    if backup:
        found.append(rules.of_restored(backup.reason, backup.found_at))
    return rules.ranked(found)


def _odd(each: discrepancy_lists.OpenSum) -> Odd:
    return Odd(
        Class(each.kind),
        each.provider,
        each.count,
        each.lasting,
        each.amount,
        each.since,
        each.whole,
        each.note,
    )
