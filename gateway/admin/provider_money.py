"""What was paid in at a provider: first what it comes to, then the same form again to book it."""

from decimal import Decimal

from starlette.responses import Response

from gateway.admin import answers
from gateway.admin.moves import Move, confirm
from gateway.admin.provider_words import PATH
from gateway.admin.providers import path_of, standing_of
from gateway.admin.typed import amount_of, reason_of, reference_of
from gateway.admin.visits import Page, Stop, Visit, missing
from gateway.domain.money import EXACT, ZERO, plain
from gateway.domain.operators import Right
from gateway.operations.fund import BookedAlready, fund

IN, OUT = "in", "out"


async def preview(visit: Visit) -> Response:
    """What it would come to."""
    standing = await standing_of(visit)
    provider, path = standing.provider, path_of(standing)
    amount, paid_in = _signed(visit, path), standing.facts.paid_in if standing.facts else ZERO
    after = EXACT.add(paid_in, amount)
    told = ["This only writes down what you paid there: no money leaves from here."]
    if after < ZERO:
        told.append("More would be taken out than was ever booked as paid in.")
    move = Move(
        title=f"{'Paid in at' if amount > ZERO else 'Taken out of'} {provider.name}",
        whose=(provider.name, path),
        amount=amount,
        currency=provider.currency,
        figure="Paid in",
        before=paid_in,
        after=after,
        to=f"{path}/fund",
        back=path,
        button="Book it",
        fields={
            "amount": plain(abs(amount)),
            "way": IN if amount > ZERO else OUT,
            "reference": reference_of(visit, path),
            "reason": reason_of(visit, path),
        },
        warnings=told,
    )
    return confirm(visit, move)


async def book(visit: Visit) -> Response:
    """It was paid in, or taken out."""
    standing = await standing_of(visit)
    name, path = standing.provider.name, path_of(standing)
    amount, reference = _signed(visit, path), reference_of(visit, path)
    try:
        currency = await fund(
            visit.backends,
            name,
            amount,
            actor=visit.actor,
            reference=reference,
            reason=reason_of(visit, path),
        )
    except BookedAlready:
        raise Stop(
            f"The reference {reference} was booked already; it was not booked again.",
            then="Another payment has another reference.",
            back=path,
        ) from None
    if currency is None:
        raise missing(f"provider {name}")
    way = "paid in at" if amount > ZERO else "taken out of"
    return answers.done(visit, path, f"{plain(abs(amount))} {currency} booked as {way} {name}.")


def _signed(visit: Visit, path: str) -> Decimal:
    way, amount = visit.form.one("way"), amount_of(visit.form.one("amount"), path)
    if way not in (IN, OUT):
        raise Stop("Say whether it was paid in or taken out. Nothing was changed.", back=path)
    return amount if way == IN else amount.copy_negate()


PAGES = (
    Page("POST", f"{PATH}/{{name}}/fund/preview", Right.MONEY, preview),
    Page("POST", f"{PATH}/{{name}}/fund", Right.MONEY, book, proven=True),
)
