"""The one error of this room."""


class EmbeddedError(Exception):
    """The embedded servers cannot be started or found; the text says what to do about it."""
