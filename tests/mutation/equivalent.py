"""Mutants that no test can kill, since what they do is the same, each with its reason."""

SPEED = "only how much is looked at before the same is found"
HOLDS = "a reading that leaves nothing open holds, so nobody asks what it is"

OFFERS = "whether an offer carries an order is not asked of the service's list of offers"
FINITE = "the exponent of a finite decimal is a number always"
POSITIVE = "nobody is asked twice within a second"

_LINES: dict[str, list[tuple[str, str, str]]] = {
    "breaker": [
        (
            "pause = min(PAUSE * 2 ** min(breaker.trips, 10), PAUSE_MAX)",
            "pause = min(PAUSE * 2 ** min(breaker.trips, 11), PAUSE_MAX)",
            "both are far beyond the longest pause",
        ),
    ],
    "equation": [
        ("half = len(costs) // 2", "half = len(costs) // 3", SPEED),
        (
            "slack_max = EXACT.multiply(TOLERANCE, Decimal(max(1, len(costs))))",
            "slack_max = EXACT.multiply(TOLERANCE, Decimal(max(2, len(costs))))",
            SPEED,
        ),
        (
            "for at in range(bisect_left(sums, EXACT.subtract(rest, slack_max)), len(right)):",
            "for at in range(len(right)):",
            SPEED,
        ),
    ],
    "equation_classes": [
        (
            "if (latest.unexplained > ZERO) is not (before.unexplained > ZERO):",
            "if (latest.unexplained >= ZERO) is not (before.unexplained > ZERO):",
            HOLDS,
        ),
        (
            "if (latest.unexplained > ZERO) is not (before.unexplained > ZERO):",
            "if (latest.unexplained > ZERO) is not (before.unexplained >= ZERO):",
            HOLDS,
        ),
        ("if amount > ZERO:", "if amount >= ZERO:", HOLDS),
    ],
    "evidence": [
        (
            "grown = (top - lowest) * since // took if took else 0",
            "grown = (top - lowest) * since // took if took else 1",
            "both are below the least that is looked at",
        ),
        (
            "if orphan.word not in LOWERED or orphan.charge > suspect.cost:",
            "if orphan.word not in LOWERED or orphan.charge >= suspect.cost:",
            "that they are equal was asked before",
        ),
        (
            "return max(0, -exponent) if isinstance(exponent, int) else 0",
            "return max(0, -exponent) if (isinstance(exponent, int)) or True else 0",
            FINITE,
        ),
        (
            "return max(0, -exponent) if isinstance(exponent, int) else 0",
            "return max(0, -exponent) if isinstance(exponent, int) else 1",
            FINITE,
        ),
        (
            "inversions, greatest, at = 0, -1, 0",
            "inversions, greatest, at = 0, -2, 0",
            "no id is below 0",
        ),
        (
            "while at < len(ended) and ended[at].ended < each.began:",
            "while at <= len(ended) and ended[at].ended < each.began:",
            "the add itself ends later than it begins, so that the end is never reached",
        ),
        (
            "greatest = max(greatest, ended[at].number or -1)",
            "greatest = max(greatest, ended[at].number or +1)",
            "no id is below 1",
        ),
        (
            "greatest = max(greatest, ended[at].number or -1)",
            "greatest = max(greatest, ended[at].number or -2)",
            "no id is below 0",
        ),
    ],
    "following": [
        ("(timedelta(hours=1), 0),", "(timedelta(hours=1), 1),", POSITIVE),
        (
            "return seen.remains if seen.remains and 0 < seen.remains <= quantity else None",
            "return seen.remains if seen.remains and 0 <= seen.remains <= quantity else None",
            "0 is no amount to the word before",
        ),
        (
            "age = max(ended_for, timedelta(hours=1))",
            "age = max(ended_for, timedelta(hours=2))",
            "the pace of the first hour after the first is that of the next",
        ),
    ],
    "money": [
        (
            r'_AMOUNT = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?'
            r'(?:[eE]([+-]?[0-9]{1,2}))?", re.ASCII)',
            r'_AMOUNT = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?'
            r'(?:[eE]([+-]?[0-9]{1,2}))?", )',
            "the pattern names each digit",
        ),
        (
            "EXACT = Context(prec=120)",
            "EXACT = Context(prec=121)",
            "nothing that is computed needs even 120 digits",
        ),
        (
            "if spelled is None or abs(int(spelled[1] or 0)) > EXPONENT_MAX:",
            "if spelled is None or abs(int(spelled[1] or 1)) > EXPONENT_MAX:",
            "an exponent of 1 is as far from the bound as none",
        ),
        (
            'text = format(value or ZERO, "f")',
            'text = format(value or ZERO, "F")',
            "they differ in NaN and infinities only, which are no amounts",
        ),
        (
            'decimals = decimals.rstrip("0").ljust(2, "0")',
            'decimals = decimals.rstrip("XX0XX").ljust(2, "0")',
            "decimals have no X",
        ),
    ],
    "outcomes": [
        (
            "return _CONSEQUENCES.get(code, FINAL) if code else FINAL",
            "return _CONSEQUENCES.get(code, FINAL) if (code) or True else FINAL",
            "nothing follows from no code but the same",
        ),
    ],
    "postings": [
        (
            "return Leg(debit, credit, amount) if amount > ZERO else "
            "Leg(credit, debit, amount.copy_negate())",
            "return Leg(debit, credit, amount) if amount >= ZERO else "
            "Leg(credit, debit, amount.copy_negate())",
            "no leg moves nothing: whoever asks for one has compared with 0 before",
        ),
    ],
    "sending": [
        (
            "sent = one.amount if one else cost.amount",
            "sent = one.amount if (one) or True else cost.amount",
            "whoever can say what all runs cost can say what one does",
        ),
        (
            'return Service(sale.placement.service, "", "", sale.offers)',
            'return Service(sale.placement.service, "", "", None)',
            OFFERS,
        ),
        (
            "return replace(listed, offers=sale.offers)",
            "return replace(listed, offers=None)",
            OFFERS,
        ),
        ("return replace(listed, offers=sale.offers)", "return replace(listed, )", OFFERS),
    ],
    "targets": [
        (
            "elif charge > expected and _owes(order, seen, amount, charge):",
            "elif charge >= expected and _owes(order, seen, amount, charge):",
            "that they are equal was asked before",
        ),
        (
            "if not flat and seen.remains is not None and 0 < seen.remains < quantity:",
            "if not flat and seen.remains is not None and 0 < seen.remains <= quantity:",
            "that all remains was asked before",
        ),
    ],
    "wholes": [
        (
            "findings = (*odd(order, parts), *_beyond(order, len(parts), order.runs))",
            "findings = (*odd(order, parts), *_beyond(None, len(parts), order.runs))",
            "without a charge only the numbers are compared",
        ),
        (
            "if left is not None and part.quantity and 0 < left <= part.quantity:",
            "if left is not None and part.quantity and 0 < left < part.quantity:",
            "a part of which all remains has done nothing",
        ),
    ],
}

EQUIVALENT: dict[tuple[str, str, str], str] = {
    (f"gateway/domain/{module}.py", was, now): why
    for module, lines in _LINES.items()
    for was, now, why in lines
}
"""(path, line as it was, line as it is) -> why nobody can tell them apart."""
