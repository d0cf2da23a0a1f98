"""Top-ups and adjustments: first what would happen, then the same form again to make it so."""

from decimal import Decimal

from starlette.responses import Response

from gateway.admin import adjustments, answers
from gateway.admin.customer import facts_of
from gateway.admin.customers import path_of
from gateway.admin.moves import Move, confirm
from gateway.admin.typed import amount_of, name_of, reason_of, reference_of
from gateway.admin.visits import Page, Stop, Visit, missing
from gateway.domain.money import EXACT, ZERO, plain
from gateway.domain.operators import Right
from gateway.operations.adjust import NotAlone, Short, TokenTaken, Wanted, adjust
from gateway.operations.foresee_adjustment import Foreseen, foresee_adjustment
from gateway.operations.top_up import BookedAlready, top_up

GIVE, TAKE = "give", "take"


async def preview_top_up(visit: Visit) -> Response:
    """What a top-up would do."""
    customer = (await facts_of(visit)).customer
    path, amount = path_of(customer.id), _amount(visit)
    reference = reference_of(visit, path)
    move = Move(
        title=f"Top up {customer.name}",
        whose=(customer.name, path),
        amount=amount,
        currency=customer.currency,
        figure="Available",
        before=customer.available,
        after=EXACT.add(customer.available, amount),
        to=f"{path}/top-up",
        back=path,
        button="Book the top-up",
        fields={
            "amount": plain(amount),
            "reference": reference,
            "reason": reason_of(visit, path),
        },
        warnings=() if customer.enabled else ("He may not order at present.",),
    )
    return confirm(visit, move)


async def book_top_up(visit: Visit) -> Response:
    """He paid in."""
    number, path = visit.number("number"), path_of(visit.number("number"))
    amount, reference = _amount(visit), reference_of(visit, path)
    reason = reason_of(visit, path)
    try:
        now = await top_up(
            visit.backends, number, amount, reference=reference, actor=visit.actor, reason=reason
        )
    except BookedAlready:
        raise Stop(
            f"The reference {reference} was booked already; it was not booked again.",
            then="His statement shows the top-up that was booked; another payment has another"
            " reference.",
            back=f"{path}/statement?kind=top_up",
        ) from None
    if now is None:
        raise missing(f"customer {number}")
    words = f"{plain(amount)} {now.currency} booked: {now.name} has {plain(now.available)} now."
    return answers.done(visit, path, words)


async def preview_adjustment(visit: Visit) -> Response:
    """What an adjustment would do, and who has to agree."""
    number, path = visit.number("number"), path_of(visit.number("number"))
    amount, reason = _signed(visit), reason_of(visit, path)
    token = name_of(visit.form.one("token"), "token", path)
    foreseen = await foresee_adjustment(visit.backends, number, amount, actor=visit.actor)
    if foreseen is None:
        raise missing(f"customer {number}")
    customer = foreseen.customer
    if foreseen.after < ZERO:
        raise _short(Short(customer.available), path)
    move = Move(
        title=f"{'Give to' if amount > ZERO else 'Take from'} {customer.name}",
        whose=(customer.name, path),
        amount=amount,
        currency=customer.currency,
        figure="Available",
        before=customer.available,
        after=foreseen.after,
        to=f"{path}/adjustment",
        back=path,
        button="Ask a second operator" if foreseen.second else "Book the adjustment",
        fields={
            "amount": plain(abs(amount)),
            "way": GIVE if amount > ZERO else TAKE,
            "token": token,
            "reason": reason,
        },
        warnings=_warnings(foreseen),
        alone=foreseen.second and not foreseen.others,
    )
    return confirm(visit, move)


async def book_adjustment(visit: Visit) -> Response:
    """Booked, or put before a second operator."""
    number, path, form = visit.number("number"), path_of(visit.number("number")), visit.form
    wanted = Wanted(
        customer=number,
        amount=_signed(visit),
        reason=reason_of(visit, path),
        token=name_of(form.one("token"), "token", path),
        alone=form.one("alone") == "1",
    )
    try:
        made = await adjust(visit.backends, wanted, actor=visit.actor)
    except Short as short:
        raise _short(short, path) from None
    except NotAlone:
        raise Stop(
            "There is another operator who may move money: he has to agree. Nothing was changed.",
            back=path,
        ) from None
    except TokenTaken:
        raise Stop(
            "This form was used for another adjustment already. Nothing was changed.",
            then="His page has it; open the page anew for one more.",
            back=path,
        ) from None
    if made is None:
        raise missing(f"customer {number}")
    amount = f"{plain(made.amount)} {made.currency} for {made.name}"
    if made.outcome is None:
        words = f"{amount} waits until a second operator agrees."
        return answers.done(visit, adjustments.PATH, words)
    return answers.done(visit, path, f"{amount}: {made.outcome}.")


def _amount(visit: Visit) -> Decimal:
    return amount_of(visit.form.one("amount"), path_of(visit.number("number")))


def _signed(visit: Visit) -> Decimal:
    way, amount = visit.form.one("way"), _amount(visit)
    if way not in (GIVE, TAKE):
        raise Stop(
            "Say whether he gets it or it is taken from him. Nothing was changed.",
            back=path_of(visit.number("number")),
        )
    return amount if way == GIVE else amount.copy_negate()


def _short(short: Short, path: str) -> Stop:
    return Stop(
        f"So much cannot be taken: {short}. Nothing was changed.",
        then="What is held for open orders is not his to lose before they end.",
        back=path,
    )


def _warnings(foreseen: Foreseen) -> list[str]:
    told: list[str] = []
    if foreseen.second:
        already = f", and you booked {plain(foreseen.today)} today" if foreseen.today else ""
        told.append(
            "One operator moves 50 in house currency a day by his own word at most"
            f"{already}: a second one who may move money must agree before this is booked."
        )
    if not foreseen.customer.enabled:
        told.append("He may not order at present.")
    return told


_OF = "/customers/{number:int}"
PAGES = (
    Page("POST", f"{_OF}/top-up/preview", Right.MONEY, preview_top_up),
    Page("POST", f"{_OF}/top-up", Right.MONEY, book_top_up, proven=True),
    Page("POST", f"{_OF}/adjustment/preview", Right.MONEY, preview_adjustment),
    Page("POST", f"{_OF}/adjustment", Right.MONEY, book_adjustment, proven=True),
)
