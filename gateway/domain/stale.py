"""A form that was made from what is not so any more."""


class Stale(Exception):  # noqa: N818  an expected no
    """What was shown has changed since; the text says what. Nothing was done."""
