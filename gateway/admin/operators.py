"""Who has an account, and what each may do: for owners."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import segno
from starlette.responses import Response

from gateway.admin import answers
from gateway.admin.rendering import page
from gateway.admin.typed import reason_of
from gateway.admin.visits import Page, Stop, Visit, missing
from gateway.domain.operators import RIGHTS, Right, Role
from gateway.operations.add_operator import Issued, OperatorTaken, add_operator
from gateway.operations.change_operator import Standing, change_operator
from gateway.operations.list_operators import list_operators
from gateway.operations.renew_operator import renew_operator

SUBJECT_CHARACTERS_MAX = 200
_ROLES: Mapping[str, Any] = {"roles": RIGHTS, "choices": [(role, role) for role in Role]}


async def show_all(visit: Visit) -> Response:
    """All accounts, and a form for one more."""
    found = await list_operators(visit.backends)
    return page(visit, "operators.html", **_ROLES, found=found, wrong="", typed="")


async def add(visit: Visit) -> Response:
    """One more; his password and second factor are shown this once."""
    name, role = visit.form.one("name").strip(), _role(visit)
    try:
        made = await add_operator(visit.backends, name, role, actor=visit.actor)
        wrong = made.why_not
    except OperatorTaken:
        made, wrong = None, f"there is an operator {name} already"
    if made is None or wrong:
        found = await list_operators(visit.backends)
        shown = {**_ROLES, "found": found, "wrong": wrong, "typed": name}
        return page(visit, "operators.html", status=409, **shown)
    return _issued(visit, made)


async def show(visit: Visit) -> Response:
    """One account."""
    name = visit.path("name")
    found = {each.name: each for each in await list_operators(visit.backends)}
    if name not in found:
        raise missing(f"operator {name}")
    return page(visit, "operator.html", operator=found[name], **_ROLES)


async def change(visit: Visit) -> Response:
    """Another role, or none at all."""
    name, back = visit.path("name"), f"/operators/{quote(visit.path('name'))}"
    enabled, subject = visit.form.one("enabled") == "1", visit.form.one("subject").strip()
    wanted = Standing(_role(visit), enabled=enabled, subject=subject[:SUBJECT_CHARACTERS_MAX])
    reason = reason_of(visit, back)
    try:
        wrong = await change_operator(
            visit.backends, name, wanted, actor=visit.actor, reason=reason
        )
    except OperatorTaken:
        wrong = "Another operator has this identity"
    if wrong:
        raise Stop(f"{wrong}. Nothing was changed.", back=back)
    return answers.done(visit, "/operators", f"{name} is changed; his sessions have ended.")


async def renew(visit: Visit) -> Response:
    """Another password and second factor, shown this once."""
    name = visit.path("name")
    reason = reason_of(visit, f"/operators/{quote(name)}")
    made = await renew_operator(visit.backends, name, actor=visit.actor, reason=reason)
    if made.why_not:
        raise Stop(f"{made.why_not}. Nothing was changed.", back="/operators")
    return _issued(visit, made)


def _role(visit: Visit) -> Role:
    try:
        return Role(visit.form.one("role"))
    except ValueError:
        raise Stop("There is no such role. Nothing was changed.", back="/operators") from None


def _issued(visit: Visit, made: Issued) -> Response:
    mark = segno.make(made.address, error="m").svg_data_uri(scale=5, border=2)
    return page(visit, "issued.html", made=made, mark=mark)


PAGES = (
    Page("GET", "/operators", Right.OPERATORS, show_all),
    Page("POST", "/operators", Right.OPERATORS, add, proven=True),
    Page("GET", "/operators/{name}", Right.OPERATORS, show),
    Page("POST", "/operators/{name}", Right.OPERATORS, change, proven=True),
    Page("POST", "/operators/{name}/renew", Right.OPERATORS, renew, proven=True),
)
