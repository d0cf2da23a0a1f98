"""What was kept of forms that an operator sent after his session had ended."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import kept_forms
from gateway.storage.kept_forms import KeptForm

__all__ = ["KeptForm", "list_kept_forms"]


async def list_kept_forms(
    backends: Backends, operator: int, *, drop: int | None = None
) -> Sequence[KeptForm]:
    """The latest first, without the one that is not wanted any more."""
    async with backends.database.transaction() as connection:
        if drop is not None:
            await kept_forms.drop(connection, operator, drop)
        return await kept_forms.listed(connection, operator)
