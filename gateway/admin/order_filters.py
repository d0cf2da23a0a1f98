"""The search of orders in the address bar: read strictly, and shown again as it was."""

import re
from datetime import UTC, datetime

from gateway.admin.grids import Choice
from gateway.admin.visits import Form, Stop, Visit
from gateway.domain.orders import State
from gateway.domain.searching import ID_MAX
from gateway.domain.services import ServiceType
from gateway.operations.search_orders import Group, Place, Search, Sort

PATH = "/orders"
SHOWN_CHARACTERS_MAX = 40
YEARS = range(2000, 2200)
_WHOLE = re.compile(r"[0-9]{1,19}", re.ASCII)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?)?", re.ASCII)
_STATES: tuple[tuple[str, str], ...] = (
    ("", "all"),
    *((each, f"{each}, all of them") for each in Group if each is not Group.ODD),
    (Group.ODD, "odd: a discrepancy, or a refund that waits"),
    *((each, each) for each in State),
)
_SORTS = (
    (Sort.NEWEST, "newest first"),
    (Sort.OLDEST, "oldest first"),
    (Sort.RISK, "in doubt, most money first"),
)
_KINDS = (("", "all"), *((each.value, each.value) for each in ServiceType))


def search_of(query: Form) -> Search:
    """What is looked for; raises `Stop` for a filter that means nothing, rather than ignore it."""
    return Search(
        words=query.one("q").strip(),
        state=_state(query.one("state")),
        provider=query.one("provider").strip(),
        service=_number(query.one("service")),
        customer=query.one("customer").strip(),
        kind=_kind(query.one("kind")),
        created_from=_moment(query.one("from")),
        created_to=_moment(query.one("to")),
        sort=_sort(query.one("sort")),
    )


def place_of(query: Form) -> Place:
    """Which page of it: the first, where the address bar names none."""
    after, before = _row(query.one("after")), _row(query.one("before"))
    return Place(after=after, before=None if after is not None else before)


def choices_of(visit: Visit, wanted: Search) -> tuple[Choice, ...]:
    """The filters as they are set."""
    names = list(visit.backends.shelf.stock.catalog.providers)
    if wanted.provider and wanted.provider not in names:
        names.append(wanted.provider)
    return (
        Choice("state", "State", _STATES, wanted.state or ""),
        Choice(
            "provider",
            "Provider",
            [("", "all"), *((each, each) for each in names)],
            wanted.provider,
        ),
        Choice(
            "service", "Service id", value="" if wanted.service is None else str(wanted.service)
        ),
        Choice("customer", "Customer, whole name", value=wanted.customer),
        Choice("kind", "Type", _KINDS, wanted.kind or ""),
        Choice(
            "from", "Created from (UTC)", value=_shown(wanted.created_from), kind="datetime-local"
        ),
        Choice("to", "and before (UTC)", value=_shown(wanted.created_to), kind="datetime-local"),
        Choice("sort", "Sorted", _SORTS, wanted.sort),
    )


def _state(text: str) -> State | Group | None:
    if text in set(State):
        return State(text)
    if text in set(Group):
        return Group(text)
    if text:
        raise _unknown(text, "a state")
    return None


def _kind(text: str) -> ServiceType | None:
    if text and text not in set(ServiceType):
        raise _unknown(text, "a type of service")
    return ServiceType(text) if text else None


def _sort(text: str) -> Sort:
    if text and text not in set(Sort):
        raise _unknown(text, "an order of rows")
    return Sort(text) if text else Sort.NEWEST


def _number(text: str) -> int | None:
    text = text.strip()
    if text and not _WHOLE.fullmatch(text):
        raise _unknown(text, "a service's id")
    return int(text) if text else None


def _row(text: str) -> int | None:
    return min(int(text), ID_MAX) if _WHOLE.fullmatch(text) else None


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text) if _MOMENT.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None or moment.year not in YEARS:
        raise _unknown(text, "a time: write it like 2026-01-31 or 2026-01-31T09:30")
    return moment.replace(tzinfo=UTC)


def _shown(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%dT%H:%M}"


def _unknown(text: str, what: str) -> Stop:
    return Stop(
        f"{text[:SHOWN_CHARACTERS_MAX]!r} is not {what}.",
        then="Nothing was searched, as it would have found something else than you asked for.",
        back=PATH,
        status=400,
    )
