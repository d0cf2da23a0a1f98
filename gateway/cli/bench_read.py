"""Reading what providers answer, beside the standard library's plain reading of the same bytes.

For every dialect: a list of 10,000 offers, strictly valid and damaged in every row, and a batch of
100 statuses. The floor knows nothing of doubled keys, exact numbers or what the fields mean.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gateway.cli.output import Failure
from gateway.dialects import json_text
from gateway.dialects.book import BOOK
from gateway.dialects.dialect import Dialect
from gateway.dialects.json_text import Json
from gateway.dialects.messages import ServicesRead
from gateway.domain.catalog import Listing
from gateway.domain.observations import Observation, Word

OFFERS = 10_000
ORDERS = 100
REPEATED = 50
"""How often what takes less than a millisecond is repeated in each round."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading to be measured: the ratio that is wanted, and the longest that it may take."""

    what: str
    limit_ms: Decimal
    wanted: Decimal
    ours: Callable[[], object]
    floor: Callable[[], object]
    times: int = 1


def readings(offers: int) -> Iterator[Reading]:
    """What is measured for each dialect, its answers made by the dialect itself."""
    for dialect in BOOK.values():
        yield from _services(dialect, offers)
        yield _status(dialect)


def measure(reading: Reading, rounds: int) -> Sequence[tuple[Decimal, Decimal]]:
    """How often a second it is read by us and by the floor, for each round."""
    _rate(reading.ours, 1)  # what is made once is made before anything counts
    return [
        (_rate(reading.ours, reading.times), _rate(reading.floor, reading.times))
        for _ in range(rounds)
    ]


def _services(dialect: Dialect, offers: int) -> Iterator[Reading]:
    answer = dialect.answer_services([_listing(number) for number in range(1, offers + 1)])
    body = json_text.write(answer)
    damaged = _damaged(dialect, answer)
    listed = dialect.read_services(200, body)
    if not isinstance(listed, ServicesRead) or len(listed.listings) != offers:
        raise Failure(f"{dialect.name} does not read its own list of services")
    if dialect.read_services(200, damaged) != listed:
        raise Failure(f"{dialect.name} reads another list once it is damaged")
    what = f"{dialect.name}, services, {offers} offers"
    yield Reading(
        what,
        Decimal(150),
        Decimal("0.15"),
        lambda: dialect.read_services(200, body),
        lambda: json.loads(body),
    )
    yield Reading(
        f"{what}, repaired",
        Decimal(2_000),
        Decimal("0.05"),
        lambda: dialect.read_services(200, damaged),
        lambda: json.loads(body),
    )


def _status(dialect: Dialect) -> Reading:
    orders = [str(number) for number in range(900_001, 900_001 + ORDERS)]
    seen = Observation(Word.IN_PROGRESS, Decimal("0.27819"), 3_572, 157, "USD")
    body = json_text.write(dialect.answer_status(dict.fromkeys(orders, seen), many=True))
    rows = dialect.read_status(orders, 200, body)
    if not isinstance(rows, Mapping) or list(rows) != orders:
        raise Failure(f"{dialect.name} does not read its own statuses")
    return Reading(
        f"{dialect.name}, status, {ORDERS} orders",
        Decimal(1),
        Decimal("0.07"),
        lambda: dialect.read_status(orders, 200, body),
        lambda: json.loads(body),
        REPEATED,
    )


def _listing(number: int) -> Listing:
    star = "\N{BLACK STAR} " if number % 4 == 0 else ""
    return Listing(
        offer=str(number),
        name=f"Followers {star}| Real and active {number} | 30 days refill",
        category=f"Followers of country {number % 200}",
        kind_word="Default",
        rate=Decimal(number % 2_000 + 1) / 1_000,
        quantity_min=10 * (number % 10 + 1),
        quantity_max=10_000,
        drip_feed=number % 3 == 0,
        refill=number % 2 == 0,
        cancel=number % 5 == 0,
        description=f"Starts within {number % 24} hours and keeps on until all is delivered",
    )


def _damaged(dialect: Dialect, answer: Json) -> bytes:
    """The same list with a comma behind each row's last field and texts without their quotes."""
    keys = dialect.spelling.services.keys
    bare = {keys[name].name for name in ("description", "kind_word") if name in keys}
    rows = [row for row in answer if isinstance(row, dict)] if isinstance(answer, list) else []
    return b"[" + b",\n".join(_damaged_row(row, bare) for row in rows) + b"]"


def _damaged_row(row: Mapping[str, Json], bare: set[str]) -> bytes:
    fields = [
        f'"{name}": {value if name in bare else json_text.write(value).decode()},'
        for name, value in row.items()
    ]
    return f"{{{''.join(fields)}}}".encode()


def _rate(read: Callable[[], object], times: int) -> Decimal:
    began = time.monotonic_ns()
    for _ in range(times):
        read()
    return Decimal(times) * 10**9 / (time.monotonic_ns() - began)
