"""How each provider does: its answers, what stops it, how long its balance lasts."""

from collections.abc import Sequence
from datetime import timedelta

from gateway.domain.health import Gate, Health, Recent
from gateway.domain.money import ZERO
from gateway.domain.tallies import days_left
from gateway.operations import Backends
from gateway.storage import health, readings, tallies

__all__ = ["Gate", "Health", "Recent", "provider_health"]

_DAY = timedelta(days=1)
_WEEK_DAYS = 7


async def provider_health(backends: Backends) -> Sequence[Health]:
    """All of them, by their names."""
    listed = backends.shelf.stock.catalog.providers
    names = sorted(listed)
    async with backends.database.reading() as connection:
        now = await tallies.now(connection)
        day = await tallies.spent(connection, now - _DAY)
        week = await tallies.spent(connection, now - _DAY * _WEEK_DAYS)
        recent = await health.recent(connection, names)
        gates = await health.gates(connection, names)
        equations = {name: await readings.equation(connection, name) for name in names}
    found: list[Health] = []
    for name in names:
        key, gate, equation = (name, listed[name].currency), gates[name], equations[name]
        known = gate.balance if gate.balance_currency == listed[name].currency else None
        spent_day, spent_week = day.get(key, ZERO), week.get(key, ZERO)
        paces = (days_left(known, spent_day, 1), days_left(known, spent_week, _WEEK_DAYS))
        lasts = min((each for each in paces if each is not None), default=None)
        unexplained = equation.unexplained if equation else None
        currency = listed[name].currency
        found.append(
            Health(name, currency, gate, recent[name], spent_day, spent_week, lasts, unexplained)
        )
    return found
