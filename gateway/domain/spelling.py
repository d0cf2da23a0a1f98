"""Amounts in words, so that a slip of a digit is seen before money moves (pages.md, rule 8)."""

from decimal import Decimal

from gateway.domain.money import plain

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
_TENS = (
    *("", "", "twenty", "thirty", "forty"),
    *("fifty", "sixty", "seventy", "eighty", "ninety"),
)
_SCALES = ("", " thousand", " million", " billion", " trillion", " quadrillion")


def in_words(amount: Decimal, currency: str) -> str:
    """`minus fifty-two point two five USD`; amounts beyond quadrillions stay figures."""
    whole, _, fraction = plain(abs(amount)).partition(".")
    if len(whole) > 3 * len(_SCALES):
        return f"{plain(amount)} {currency}"
    digits = fraction.rstrip("0")
    point = f" point {' '.join(_SMALL[int(each)] for each in digits)}" if digits else ""
    sign = "minus " if amount < 0 else ""
    return f"{sign}{_whole(int(whole))}{point} {currency}"


def _whole(number: int) -> str:
    if number == 0:
        return _SMALL[0]
    groups: list[str] = []
    for scale in _SCALES:
        number, group = divmod(number, 1_000)
        if group:
            groups.append(_below_thousand(group) + scale)
        if not number:
            break
    return " ".join(reversed(groups))


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{_SMALL[hundreds]} hundred"] if hundreds else []
    if 0 < rest < len(_SMALL):
        words.append(_SMALL[rest])
    elif rest:
        tens, ones = divmod(rest, 10)
        words.append(_TENS[tens] + (f"-{_SMALL[ones]}" if ones else ""))
    return " ".join(words)
