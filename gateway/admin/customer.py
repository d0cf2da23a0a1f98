"""One customer: his balance and its parts, keys, limits, rates, and what may be changed of him."""

import secrets
from itertools import islice
from urllib.parse import quote

from starlette.responses import Response

from gateway.admin import answers
from gateway.admin.adjustments import grid_of
from gateway.admin.customers import DIALECTS, path_of
from gateway.admin.grids import ROWS
from gateway.admin.rendering import page
from gateway.admin.typed import amount_or_none, reason_of, whole_or_none
from gateway.admin.visits import Form, Page, Stop, Visit, missing
from gateway.domain.explanations import markup_in_words, match_in_words
from gateway.domain.money import EXACT
from gateway.domain.operators import Right
from gateway.operations.change_customer import Change, Stale, change_customer
from gateway.operations.limit_customer import OwnLimits, limit_customer
from gateway.operations.show_customer import CustomerFacts, show_customer

AGAIN = "Look at him as he is now, and send it again if you still want to."


async def show(visit: Visit) -> Response:
    """Everything about one."""
    facts = await facts_of(visit)
    customer, path = facts.customer, path_of(facts.customer.id)
    keys = sorted(facts.keys, key=lambda each: (not each.live, -each.id))
    return page(
        visit,
        "customer.html",
        facts=facts,
        customer=customer,
        path=path,
        keys=list(islice(keys, ROWS)),
        newest=max((each.id for each in keys), default=0),
        in_all=EXACT.add(customer.available, customer.held),
        adjustments=grid_of(visit, facts.adjustments[:ROWS], path),
        rules=[
            (rule.number, match_in_words(rule.match), markup_in_words(rule)) for rule in facts.rules
        ],
        orders=f"/orders?customer={quote(customer.name, safe='')}",
        token=secrets.token_hex(16),
        dialects=DIALECTS,
    )


async def facts_of(visit: Visit) -> CustomerFacts:
    """The customer whom the path names; raises `Stop`."""
    number = visit.number("number")
    facts = await show_customer(visit.backends, number)
    if facts is None:
        raise missing(f"customer {number}")
    return facts


async def change(visit: Visit) -> Response:
    """Another group, let in or kept out."""
    number, form = visit.number("number"), visit.form
    path = path_of(number)
    wanted = Change(
        group=form.one("group"),
        enabled=form.one("enabled") == "yes",
        seen=(form.one("seen_group"), form.one("seen_enabled") == "yes"),
    )
    reason = reason_of(visit, path)
    try:
        now = await change_customer(
            visit.backends, number, wanted, actor=visit.actor, reason=reason
        )
    except Stale as stale:
        raise Stop(f"{stale}. Nothing was changed.", then=AGAIN, back=path) from None
    except ValueError as error:
        raise Stop(f"Nothing was changed: {error}.", back=path) from None
    if now is None:
        raise missing(f"customer {number}")
    group = f"in the group {now.group}" if now.group else "in no group"
    enabled = "may order" if now.enabled else "may not order"
    return answers.done(visit, path, f"{now.name} is {group} and {enabled}.")


async def limit(visit: Visit) -> Response:
    """Limits of his own, in place of all that he had."""
    number, path = visit.number("number"), path_of(visit.number("number"))
    wanted, seen = _limits(visit.form, "", path), _limits(visit.form, "seen_", path)
    reason = reason_of(visit, path)
    try:
        now = await limit_customer(
            visit.backends, number, wanted, actor=visit.actor, reason=reason, seen=seen
        )
    except Stale as stale:
        raise Stop(f"{stale}. Nothing was changed.", then=AGAIN, back=path) from None
    except ValueError as error:
        raise Stop(f"Nothing was changed: {error}.", back=path) from None
    if now is None:
        raise missing(f"customer {number}")
    return answers.done(visit, path, "His limits hold from his next call on.")


def _limits(form: Form, prefix: str, back: str) -> OwnLimits:
    return OwnLimits(
        whole_or_none(form.one(f"{prefix}calls_per_second"), back),
        whole_or_none(form.one(f"{prefix}adds_per_second"), back),
        amount_or_none(form.one(f"{prefix}spend_max_daily"), back),
    )


PAGES = (
    Page("GET", "/customers/{number:int}", Right.LOOK, show),
    Page("POST", "/customers/{number:int}", Right.CUSTOMERS, change),
    Page("POST", "/customers/{number:int}/limits", Right.CUSTOMERS, limit),
)
