"""Keep what an operator sent after his session had ended, so that nothing typed is lost."""

from collections.abc import Mapping

from gateway.operations import Backends
from gateway.storage import kept_forms

SECRETS = frozenset({"password", "old", "new", "again", "code", "csrf", "key"})
"""Fields that are never kept."""


async def keep_form(
    backends: Backends, operator: int, path: str, fields: Mapping[str, list[str]]
) -> None:
    """All but secrets, for a day at most, the latest few of each operator."""
    wanted = {name: values for name, values in fields.items() if name not in SECRETS}
    async with backends.database.transaction() as connection:
        await kept_forms.keep(connection, operator, path, wanted)
