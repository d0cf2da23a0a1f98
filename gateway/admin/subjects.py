"""Where each thing has its page: a deed's subject, a need, a day of orders."""

from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from gateway.domain.needs import Kind, Need

_PAGES = {
    "customer": "/customers/",
    "order": "/orders/",
    "provider": "/providers/",
    "service": "/services/",
    "catalog": "/markup/revisions/",
    "discrepancy": "/reconciliation/",
    "operator": "/operators/",
}
_LISTS = {
    Kind.UNCONFIRMED: "/orders?state=unconfirmed&sort=risk",
    Kind.REVIEW: "/orders?state=review&sort=risk",
    Kind.REFUNDS: "/orders?state=odd",
    Kind.LATE: "/orders?state=open&sort=oldest",
}
_NAMED = frozenset({"operator", "provider"})


def page_of(subject: str) -> str:
    """The page of `kind:id`, as deeds name it; empty where there is none."""
    kind, _, name = subject.partition(":")
    if kind not in _PAGES or not name:
        return ""
    if kind not in _NAMED and not (name.isascii() and name.isdigit()):
        return ""
    return _PAGES[kind] + quote(name, safe="")


def page_of_need(need: Need) -> str:
    """Where it is dealt with."""
    if need.subject.startswith("discrepancies:"):
        _, kind, provider = need.subject.split(":", 2)
        return discrepancies(kind=kind, provider=provider)
    return page_of(need.subject) or _LISTS.get(need.kind, "")


def discrepancies(**filters: str) -> str:
    """The list of them, open ones unless told otherwise."""
    wanted = {name: value for name, value in filters.items() if value}
    return f"/reconciliation?{urlencode(wanted)}" if wanted else "/reconciliation"


def books_of(provider: str) -> str:
    """A provider's account with us, by the day."""
    return f"/reconciliation/providers/{quote(provider, safe='')}"


def orders(begin: datetime, end: datetime | None = None, **filters: str) -> str:
    """Those that were accepted from a moment on, and before another."""
    wanted = {"from": _spelled(begin), "to": _spelled(end) if end else "", **filters}
    return f"/orders?{urlencode({name: value for name, value in wanted.items() if value})}"


def _spelled(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")
