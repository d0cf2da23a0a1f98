"""Templates, escaped by default, and how values look on every page."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from gateway.admin import tokens
from gateway.admin.grids import kind_of
from gateway.admin.statics import fingerprint
from gateway.admin.visits import Visit
from gateway.domain.money import plain
from gateway.domain.operators import Right

SHOWN_CHARACTERS_MAX = 2_000
TAIL_AFTER = 4
DASH = "\N{EN DASH}"
NONE = Markup('<span class="none">{}</span>').format(DASH)
STEPS = ((60, "s"), (3_600, "min"), (86_400, "h"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the menu."""

    path: str
    label: str
    right: Right = Right.LOOK


MENU = (
    Entry("/", "Overview"),
    Entry("/markup", "Markup"),
    Entry("/services", "Services"),
    Entry("/orders", "Orders"),
    Entry("/customers", "Customers"),
    Entry("/providers", "Providers"),
    Entry("/reconciliation", "Reconciliation"),
    Entry("/audit", "Audit"),
    Entry("/operators", "Operators", Right.OPERATORS),
)


def page(visit: Visit, template: str, *, status: int = 200, **context: Any) -> Response:
    """A whole page for an operator, or with `part=True` what a page shows anew of itself."""
    now, secret = visit.site.now(), visit.backends.secret
    notice = tokens.read_notice(visit.request, visit.site, secret)
    text = ENVIRONMENT.get_template(template).render(
        visit=visit,
        menu=[each for each in MENU if visit.may(each.right)],
        here=visit.request.url.path,
        csrf=visit.csrf,
        notice=notice,
        now=now,
        **context,
    )
    response = HTMLResponse(text, status)
    if notice:
        tokens.drop_cookie(response, visit.site, tokens.NOTICE)
    return response


def bare(template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page for somebody who is not signed in."""
    return HTMLResponse(ENVIRONMENT.get_template(template).render(**context), status)


def clean(value: object) -> object:
    """What goes into a page: texts without characters that nobody sees but that turn others round.

    Escaping stays the template's; what is markup already was made by a template.
    """
    if value is None:
        return ""
    if not isinstance(value, str) or isinstance(value, Markup):
        return plain(value) if isinstance(value, Decimal) else value
    if value.isascii() and value.isprintable():
        return value
    return "".join(each if _is_shown(each) else "\N{REPLACEMENT CHARACTER}" for each in value)


def clip(value: object, most: int = 120) -> Markup:
    """A text that somebody else wrote: at most so many characters, the rest at a hover."""
    text = str(clean("" if value is None else value))
    if len(text) <= most:
        return Markup("<bdi>{}</bdi>").format(text)
    return Markup('<bdi title="{}">{}…</bdi>').format(text[:SHOWN_CHARACTERS_MAX], text[:most])


def exact(text: str) -> Markup:
    """A text that is sent back for editing: escaped, but with each of its characters."""
    return escape(text)


def money(amount: Decimal | None, currency: str = "") -> Markup:
    """An amount to its last digit, those after the fourth in grey."""
    if amount is None:
        return NONE
    head, tail = digits(amount)
    rest = Markup('<span class="tail">{}</span>').format(tail) if tail else ""
    unit = Markup(' <span class="unit">{}</span>').format(currency) if currency else ""
    tone = "amount below" if amount < 0 else "amount"
    return Markup('<span class="{}">{}{}{}</span>').format(tone, head, rest, unit)


def digits(amount: Decimal) -> tuple[str, str]:
    """Its digits up to the fourth after the point, at least two of them, and those behind."""
    whole, _, fraction = plain(amount).replace("-", "\N{MINUS SIGN}").partition(".")
    sign = "\N{MINUS SIGN}" if whole.startswith("\N{MINUS SIGN}") else ""
    grouped = f"{int(whole.removeprefix(sign)):,}"
    shown = fraction[:TAIL_AFTER].ljust(2, "0")
    return f"{sign}{grouped}.{shown}", fraction[TAIL_AFTER:]


def percent(share: Decimal | None) -> str:
    """A share in percent, one digit."""
    if share is None:
        return DASH
    return f"{share:.1f} %".replace("-", "\N{MINUS SIGN}")


def when(moment: datetime | None, now: datetime) -> Markup:
    """A time in UTC with how long ago it was."""
    if moment is None:
        return NONE
    there = moment.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time> <span class="ago">{}</span>').format(
        there.isoformat(), there.strftime("%Y-%m-%d %H:%M:%S"), ago(now - there)
    )


def ago(age: timedelta) -> str:
    """How long ago, in one unit."""
    seconds = int(age.total_seconds())
    ahead, seconds = seconds < 0, abs(seconds)
    told = f"{seconds // 86_400} d"
    for (limit, unit), per in zip(STEPS, (1, 60, 3_600), strict=True):
        if seconds < limit:
            told = f"{seconds // per} {unit}"
            break
    return f"in {told}" if ahead else f"{told} ago"


def lasts(age: timedelta) -> str:
    """A duration in one unit."""
    return ago(age).removesuffix(" ago")


def seconds(number: int | None) -> str:
    """A duration in one unit; a dash where it is not known."""
    return DASH if number is None else lasts(timedelta(seconds=number))


def count(number: int | None) -> str:
    """A whole number with its thousands parted."""
    return DASH if number is None else f"{number:,}"


def fields_of(values: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """A record's fields as texts, for lists of what was and what is."""
    return [(name, str(value)) for name, value in (values or {}).items()]


def _is_shown(character: str) -> bool:
    # Cc controls but for line ends and tabs, Cf such as overrides of direction, Cs halves of pairs
    return character in "\n\t\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Cs")


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("gateway.admin", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = (clip, exact, money, percent, when, ago, lasts, seconds, count, fields_of)
    filters, names = (
        cast("dict[str, object]", made.filters),
        cast("dict[str, object]", made.globals),
    )
    filters.update({each.__name__: each for each in shown})
    names.update(Right=Right, fingerprint=fingerprint, kind_of=kind_of)
    return made


ENVIRONMENT = _environment()
