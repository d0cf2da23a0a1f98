"""Mutants that no test can kill, since what they do is the same, each with its reason."""

EQUIVALENT: dict[tuple[str, str, str], str] = {}
"""(path, line as it was, line as it is) -> why."""
