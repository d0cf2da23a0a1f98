"""Asking a provider how many orders stand."""

from collections.abc import Callable, Mapping, Sequence

from gateway.dialects.book import spoken_by
from gateway.dialects.spelling import Action
from gateway.domain.catalog import Provider
from gateway.domain.observations import Observation, Refused, Unclear
from gateway.domain.refusals import Code
from gateway.upstream.batches import ask_each
from gateway.upstream.panels import KeyMissing, Panels

_LESS_MAY_HELP = frozenset({Code.ORDER_NOT_FOUND, Code.TOO_MANY_IDS, Code.TOO_LARGE})


async def ask_statuses(
    panels: Panels, provider: Provider, numbers: Sequence[str], goes_on: Callable[[], bool]
) -> dict[str, Observation | Refused]:
    """What is said of single orders; what is said of a whole call is said of none of them.

    Nothing where the provider's key is missing; no further call begins once it does not go on.
    """
    said: dict[str, Observation | Refused] = {}
    try:
        panel = panels.of(provider)
    except KeyMissing:
        return said

    async def ask(batch: Sequence[str]) -> Mapping[str, Observation | Refused] | Refused | Unclear:
        answer = await panel.status(batch)
        if isinstance(answer, Mapping):
            said.update(answer)
        elif isinstance(answer, Refused) and answer.code not in _LESS_MAY_HELP:
            return Unclear(answer.text)  # the halves of the batch would hear the same
        return answer

    await ask_each(ask, numbers, spoken_by(provider).batch_max(Action.STATUS), goes_on)
    return said
