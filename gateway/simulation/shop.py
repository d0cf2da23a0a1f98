"""What is on sale in a simulation, and the customers who order it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random

from gateway.domain.callers import Caller
from gateway.domain.operators import Actor
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType
from gateway.operations import Backends
from gateway.operations.add import Wanted, add
from gateway.operations.add_customer import add_customer
from gateway.operations.apply import apply
from gateway.operations.fund import fund
from gateway.operations.plan import plan
from gateway.operations.sync import sync
from gateway.simulation.panels import FUNDS
from gateway.simulation.setting import LATE_SECONDS
from gateway.storage.documents import Documents

CUSTOMERS = 5
PAID_IN = Decimal(10_000_000)
BURST_MAX = 12
BETWEEN_MILLISECONDS = 1_200
CALM_MINUTES = 10

_PROVIDERS = ("acme", "beta", "gamma")
_PROVIDER = """\
[providers.{name}]
url = "https://{name}.invalid/api/v2"
dialect = "standard"
currency = "USD"
key_env = "SIMULATED"
poll_seconds = 1800
late_seconds = {late}
"""
_SERVICE = """\
[[services]]
id = {number}
name = "Service {number}"
category = "Simulated"
offers = [{offers}]
"""
_MARKUP = 'currency = "USD"\nround_up_to = "0.0001"\n[[rules]]\npercent = "40"\n'


@dataclass(frozen=True, slots=True)
class Sold:
    """An offer behind a service, within its bounds, and how often it is wanted beside others."""

    offer: str
    quantity_min: int
    quantity_max: int
    weight: int


SOLD = (
    Sold("101", 50, 10_000, 40),
    Sold("104", 10, 20_000, 25),
    Sold("105", 50, 100_000, 15),
    Sold("106", 100, 1_000_000, 10),
    Sold("102", 100, 50_000, 7),
    Sold("103", 20, 5_000, 3),
)
_USUAL = (1_000, 500, 100, 2_000, 5_000, 200, 10_000)
_USUAL_WEIGHTS = (30, 15, 15, 8, 6, 4, 2)
_USUAL_HUNDREDTHS = 60
_TAIL = 0.6


def providers(count: int) -> Sequence[str]:
    """The names of so many providers."""
    return _PROVIDERS[:count]


async def open_shop(backends: Backends, names: Sequence[str]) -> Sequence[Caller]:
    """Put all services on sale through these providers, funded there; the customers."""
    tables = "".join(_PROVIDER.format(name=name, late=LATE_SECONDS) for name in names)
    services = "".join(
        _SERVICE.format(number=number, offers=", ".join(f'"{name}:{each.offer}"' for name in names))
        for number, each in enumerate(SOLD, start=1)
    )
    documents = Documents(tables, services, _MARKUP)
    planned = await plan(backends, documents)
    await apply(backends, documents, planned, actor=Actor("simulation"))
    for name in names:
        await fund(backends, name, FUNDS, actor=Actor("simulation"), reference="opening")
        if odd := await sync(backends, backends.shelf.stock.catalog.providers[name]):
            raise AssertionError(f"{name}: {odd}")
    callers: list[Caller] = []
    for number in range(1, CUSTOMERS + 1):
        name = f"customer {number}"
        made = await add_customer(backends, name, paid_in=PAID_IN, actor=Actor("simulation"))
        callers.append(Caller(made.customer, name, "", "USD", "standard"))
    return callers


def wish(chance: Random, number: int) -> Placement:
    """One order: a link of its own, and a quantity as in the trade, common or of the long tail."""
    service = chance.choices(range(len(SOLD)), [each.weight for each in SOLD])[0]
    sold = SOLD[service]
    if chance.randrange(100) < _USUAL_HUNDREDTHS:
        quantity = chance.choices(_USUAL, _USUAL_WEIGHTS)[0]
    else:
        quantity = int(sold.quantity_min * chance.paretovariate(_TAIL))
    quantity = max(sold.quantity_min, min(quantity, sold.quantity_max))
    return Placement(service + 1, ServiceType.DEFAULT, f"https://a.example/{number}", quantity)


class Demand:
    """Customers who order in small sets."""

    def __init__(self, backends: Backends, callers: Sequence[Caller], chance: Random) -> None:
        self._backends = backends
        self._callers = callers
        self._chance = chance
        self.placed = 0

    async def place(self, count: int) -> None:
        """So many more orders, all in one set; each must be accepted."""
        wanted = [self._wanted(self.placed + 1 + each) for each in range(count)]
        for each in await add(self._backends, wanted):
            if not isinstance(each, int):
                raise AssertionError(f"an order was refused: {each}")
        self.placed += count

    def burst(self, room: int) -> int:
        """How many come at once."""
        return self._chance.randint(1, max(1, min(BURST_MAX, room)))

    def pause(self, count: int) -> timedelta:
        """How long nobody comes after so many."""
        mean = BETWEEN_MILLISECONDS * count
        return timedelta(milliseconds=1 + int(self._chance.expovariate(1 / mean)))

    def _wanted(self, number: int) -> Wanted:
        return Wanted(self._chance.choice(self._callers), wish(self._chance, number))
