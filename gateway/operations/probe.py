"""Ask a provider read-only questions, and show how its dialect reads the answers."""

from dataclasses import dataclass

from gateway.dialects.messages import ServicesRead
from gateway.domain.catalog import Provider
from gateway.domain.observations import Balance, Observation, Refused, Unclear
from gateway.domain.refusals import Code
from gateway.operations import Backends
from gateway.upstream.panels import KeyMissing

IMPOSSIBLE = "999999999999999999"


@dataclass(frozen=True, slots=True)
class Probed:
    """One question and what was made of the answer."""

    question: str
    understood: bool
    answer: str


async def probe(backends: Backends, provider: Provider) -> list[Probed]:
    """Balance, services, and the status of an id that cannot exist. Nothing is ever ordered."""
    try:
        panel = backends.panels.of(provider)
    except KeyMissing as error:
        return [Probed("key", understood=False, answer=str(error))]
    status = await panel.status([IMPOSSIBLE])
    return [
        _balance(await panel.balance()),
        _services(await panel.services()),
        _status(status if isinstance(status, (Refused, Unclear)) else status.get(IMPOSSIBLE)),
    ]


def _balance(answer: Balance | Refused | Unclear) -> Probed:
    if isinstance(answer, Balance):
        words = f"{answer.amount:f} {answer.currency or '(no currency)'}"
        return Probed("balance", understood=True, answer=words)
    return Probed("balance", understood=False, answer=_words(answer))


def _services(answer: ServicesRead | Refused | Unclear) -> Probed:
    if isinstance(answer, ServicesRead):
        words = f"{len(answer.listings)} offers, {len(answer.skipped)} rows left out"
        skipped = "; ".join(f"{offer}: {why}" for offer, why in answer.skipped[:5])
        return Probed("services", understood=True, answer=f"{words} {skipped}".strip())
    return Probed("services", understood=False, answer=_words(answer))


def _status(answer: Observation | Refused | Unclear | None) -> Probed:
    """The one answer to hope for is that the order is not known."""
    question = "status of an impossible id"
    if isinstance(answer, Refused) and answer.code is Code.ORDER_NOT_FOUND:
        return Probed(question, understood=True, answer=answer.text)
    if isinstance(answer, (Refused, Unclear)):
        return Probed(question, understood=False, answer=_words(answer))
    return Probed(question, understood=False, answer="no refusal of an id that cannot exist")


def _words(answer: Refused | Unclear) -> str:
    return f"refused: {answer.text}" if isinstance(answer, Refused) else answer.why
