"""Mutants that no test can kill, since what they do is the same, each with its reason."""

SPEED = "only how much is looked at before the same is found"
HOLDS = "a reading that leaves nothing open holds, so nobody asks what it is"
SUM = "a sum of decimals that begins at the integer 0 is the same decimal"

_LINES: dict[str, list[tuple[str, str, str]]] = {
    "breaker": [
        (
            "pause = min(PAUSE * 2 ** min(breaker.trips, 10), PAUSE_MAX)",
            "pause = min(PAUSE * 2 ** min(breaker.trips, 11), PAUSE_MAX)",
            "both are far beyond the longest pause",
        ),
    ],
    "equation": [
        ("total = sum(costs, ZERO)", "total = sum(costs, )", SUM),
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
    "money": [
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
}

EQUIVALENT: dict[tuple[str, str, str], str] = {
    (f"gateway/domain/{module}.py", was, now): why
    for module, lines in _LINES.items()
    for was, now, why in lines
}
"""(path, line as it was, line as it is) -> why nobody can tell them apart."""
