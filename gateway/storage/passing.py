"""Faults of the database that pass, told apart from statements that it will always refuse."""

from sqlalchemy.exc import DBAPIError

_CLASSES = (
    "08",  # connection
    "25",  # state of the transaction, a read-only standby among them
    "40",  # rolled back: a ring of locks
    "53",  # resources: disk, memory, connections
    "55",  # locked, or not in the state for it
    "57",  # an operator, or the time a statement may take
    "58",  # the system under it
)


def passes(error: BaseException) -> bool:
    """Whether the same statement may well succeed later."""
    if not isinstance(error, DBAPIError):
        return False
    state: object = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or str(state).startswith(_CLASSES)
