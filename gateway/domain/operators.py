"""Who may do what at the operators' pages (money.md 9, API5): roles, and what each may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """What a page or a deed asks of an operator."""

    LOOK = "look"
    CATALOG = "catalog"
    ORDERS = "orders"
    PROVIDERS = "providers"
    CUSTOMERS = "customers"
    MONEY = "money"
    OPERATORS = "operators"


class Role(StrEnum):
    """Viewers look; operators run the trade; finance moves money; owners do all and name others."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    FINANCE = "finance"
    OWNER = "owner"


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.LOOK}),
    Role.OPERATOR: frozenset(
        {Right.LOOK, Right.CATALOG, Right.ORDERS, Right.PROVIDERS, Right.CUSTOMERS}
    ),
    Role.FINANCE: frozenset({Right.LOOK, Right.CUSTOMERS, Right.MONEY}),
    Role.OWNER: frozenset(Right),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and from which address; none = at the command line."""

    name: str
    address: str = ""


class NotVouched(Exception):  # noqa: N818  an expected no
    """An identity provider did not say who somebody is; why, in words."""


def may(role: Role, right: Right) -> bool:
    """Whether a role has a right; what is not given is denied."""
    return right in RIGHTS[role]
