"""What operators type, read strictly: what cannot be meant is refused in words (`Stop`)."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from gateway.admin.visits import Stop, Visit
from gateway.domain import reasons
from gateway.domain.money import LEDGER_STEP, ZERO, read_amount, round_up

AMOUNT_BELOW = Decimal(10) ** 12
REFERENCE_CHARACTERS_MAX = 100
NAME_CHARACTERS_MAX = 100
SHOWN_CHARACTERS_MAX = 40
YEARS = range(2000, 2200)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)


def amount_of(text: str, back: str, *, least: Decimal = LEDGER_STEP) -> Decimal:
    """An exact amount within the ledger's digits, at least so much; signs are chosen, not typed."""
    amount = read_amount(text.strip())
    if amount is None or not least <= amount < AMOUNT_BELOW:
        raise Stop(f"{_shown(text)!r} is not an amount: write it like 100 or 12.50.", back=back)
    if round_up(amount, LEDGER_STEP) != amount:
        raise Stop(f"{_shown(text)!r} is finer than the ledger's twelve decimals.", back=back)
    return amount


def amount_or_none(text: str, back: str) -> Decimal | None:
    """The same, 0 as well; nothing typed is None."""
    return amount_of(text, back, least=ZERO) if text.strip() else None


def whole_or_none(text: str, back: str) -> int | None:
    """A whole number; nothing typed is None."""
    if not text.strip():
        return None
    if not _WHOLE.fullmatch(text.strip()):
        raise Stop(f"{_shown(text)!r} is not a whole number.", back=back)
    return int(text)


def day_or_none(text: str, back: str, *, later: int = 0) -> datetime | None:
    """The first moment (UTC) of a day, or of one so many days `later`; nothing typed is None."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise Stop(f"{_shown(text)!r} is not a day: write it like 2026-01-31.", back=back)
    return datetime.combine(day, time(), UTC) + timedelta(days=later)


def name_of(text: str, what: str, back: str, *, empty: bool = False) -> str:
    """A name of at most 100 characters that can be seen; none only where it may be `empty`."""
    name = text.strip()
    if not (name or empty) or len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
        raise Stop(
            f"A {what} has 1 to {NAME_CHARACTERS_MAX} printable characters. Nothing was changed.",
            back=back,
        )
    return name


def reference_of(visit: Visit, back: str) -> str:
    """What books once: a payment's id, or where none was typed what the form itself carries."""
    return name_of(visit.form.one("reference") or visit.form.one("token"), "reference", back)


def reason_of(visit: Visit, back: str) -> str:
    """Why something is done."""
    try:
        return reasons.reason_of(visit.form.one("reason"))
    except reasons.NoReason as error:
        raise Stop(f"{sentence(str(error))} Nothing was changed.", back=back) from None


def sentence(words: str) -> str:
    """Words of the house as a sentence on a page."""
    return f"{words[:1].upper()}{words[1:]}."


def _shown(text: str) -> str:
    return text[:SHOWN_CHARACTERS_MAX]
