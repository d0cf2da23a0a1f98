"""A customer's keys: another one, shown this once; one that ends, or speaks another dialect."""

from starlette.responses import Response

from gateway.admin import answers
from gateway.admin.customer import facts_of
from gateway.admin.customers import DIALECTS, dialect_of, path_of
from gateway.admin.rendering import page
from gateway.admin.typed import day_or_none, reason_of, whole_or_none
from gateway.admin.visits import Page, Stop, Visit, missing
from gateway.domain.operators import Right
from gateway.operations.change_dialect import change_dialect
from gateway.operations.new_key import KeyWanted, Stale, new_key
from gateway.operations.revoke_keys import revoke_keys
from gateway.operations.show_customer import CustomerFacts, KeyFacts

GONE = "He has no such key any more. Nothing was changed."


async def add(visit: Visit) -> Response:
    """Another key."""
    facts = await facts_of(visit)
    customer, path = facts.customer, path_of(facts.customer.id)
    dialect, form = dialect_of(visit, path), visit.form
    expires = day_or_none(form.one("expires"), path, later=1)
    if expires and expires <= visit.site.now():
        raise Stop("That day is over: such a key would open nothing. Nothing was made.", back=path)
    wanted = KeyWanted(
        dialect=dialect,
        expires_at=expires,
        revoke=form.one("revoke") == "1",
        reason=reason_of(visit, path),
        newest=whole_or_none(form.one("newest"), path) or 0,
    )
    try:
        key = await new_key(visit.backends, customer.id, wanted, actor=visit.actor)
    except Stale:
        raise Stop(
            "There is a newer key by now: this form was sent before, or from another tab."
            " Nothing was made.",
            then="A key is shown once. If nobody has the newest one, end it and make another.",
            back=path,
        ) from None
    if key is None:
        raise missing(f"customer {customer.id}")
    return page(
        visit,
        "customer_key.html",
        customer=customer.id,
        name=customer.name,
        key=key,
        dialect=dialect,
    )


async def show(visit: Visit) -> Response:
    """One key, without itself."""
    facts = await facts_of(visit)
    customer = facts.customer
    return page(
        visit,
        "key.html",
        customer=customer,
        key=_key(visit, facts),
        path=path_of(customer.id),
        dialects=DIALECTS,
    )


async def revoke(visit: Visit) -> Response:
    """It opens nothing any more."""
    number, path = visit.number("number"), path_of(visit.number("number"))
    ended = await revoke_keys(
        visit.backends,
        number,
        visit.number("key"),
        actor=visit.actor,
        reason=reason_of(visit, path),
    )
    if not ended:
        raise Stop(GONE, back=path)
    return answers.done(
        visit, path, f"The key …{ended[0]} has ended: what comes with it is refused."
    )


async def speak(visit: Visit) -> Response:
    """Its holder is spoken to otherwise from now on."""
    number, key = visit.number("number"), visit.number("key")
    path = path_of(number)
    dialect, reason = dialect_of(visit, path), reason_of(visit, path)
    found = await change_dialect(
        visit.backends, (number, key), dialect, actor=visit.actor, reason=reason
    )
    if found is None:
        raise Stop(GONE, back=path)
    return answers.done(visit, path, f"The key …{found.hint} speaks {found.dialect} from now on.")


def _key(visit: Visit, facts: CustomerFacts) -> KeyFacts:
    number = visit.number("key")
    for each in facts.keys:
        if each.id == number:
            return each
    raise missing(f"key {number} of customer {facts.customer.id}")


PAGES = (
    Page("POST", "/customers/{number:int}/keys", Right.CUSTOMERS, add),
    Page("GET", "/customers/{number:int}/keys/{key:int}", Right.LOOK, show),
    Page("POST", "/customers/{number:int}/keys/{key:int}/revoke", Right.CUSTOMERS, revoke),
    Page("POST", "/customers/{number:int}/keys/{key:int}/dialect", Right.CUSTOMERS, speak),
)
