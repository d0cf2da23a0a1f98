"""P1: `add` over HTTP beside pgbench doing the same work as one statement for each order."""

import asyncio
import contextlib
import itertools
import os
import re
import sys
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from gateway import wiring
from gateway.cli.output import Failure
from gateway.cli.up import pretend_provider
from gateway.domain.operators import Actor
from gateway.embedded import Servers
from gateway.operations import Backends
from gateway.operations.add_customer import add_customer
from gateway.operations.apply import apply
from gateway.operations.plan import plan
from gateway.operations.sync import sync
from gateway.storage.documents import Documents
from gateway.wiring import Addresses

CALLERS = 32
CUSTOMERS = 1_000
FLOOR_CALLERS = 16
PAID_IN = Decimal(1_000_000)
SECRET = "a secret for one benchmark"  # noqa: S105  of a database that is thrown away
READY_SECONDS = 30

_SERVICES = """\
[[services]]
id = 1
name = "Followers"
category = "Followers"
offers = ["sandbox:101"]
"""
_MARKUP = 'currency = "USD"\n[[rules]]\npercent = "40"\n'
# the same rows as `add` writes, for one order in one statement
_FLOOR = """\
\\set customer random(1, {customers})
WITH paid AS (UPDATE balances SET available = available - 1.26, held = held + 1.26
    WHERE customer_id = :customer AND currency = 'USD' AND available >= 1.26
    RETURNING available_id, held_id),
  placed AS (INSERT INTO orders (customer_id, service_id, kind, link, quantity, quantity_total,
      charged_quantity, currency, charge, rate, margin_min_percent, revision_id, priced, offers,
      provider, offer, cost, cost_currency, conversion)
    SELECT :customer, 1, 'Default', 'https://a.example/x', 1000, 1000, 1000, 'USD', 1.26, 1.26, 0,
      1, '{{"rule": "1", "priced_from": "sandbox:101", "rate": "1.26"}}', ARRAY['sandbox:101'],
      'floor', '101', 0.9, 'USD', 1 FROM paid RETURNING id),
  event AS (INSERT INTO order_events (order_id, seq, to_state, actor)
    SELECT id, 1, 'queued', 'customer' FROM placed),
  entry AS (INSERT INTO journal_entries (order_id, key, kind, actor)
    SELECT id, 'hold', 'hold', 'customer' FROM placed RETURNING id)
INSERT INTO transfers (entry_id, leg, debit_id, credit_id, currency, amount)
  SELECT entry.id, 1, available_id, held_id, 'USD', 1.26 FROM entry, paid;
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the measurements share."""

    servers: Servers
    pgbench: Path
    folder: Path
    seconds: int


async def measure(setting: Setting, rounds: int) -> Sequence[tuple[Decimal, Decimal]]:
    """Orders a second, ours and the floor's, for each round."""
    addresses = Addresses(setting.servers.database_url, setting.servers.redis_url, SECRET)
    await wiring.migrate(addresses.database_url)
    async with wiring.backends(addresses) as backends:
        keys = await _furnish(backends)
    async with _web(setting, addresses) as url:
        await _ours(url, keys, 1)  # connections, plans and caches are warm before anything counts
        return [
            (await _ours(url, keys, setting.seconds), await _floor(setting)) for _ in range(rounds)
        ]


async def _furnish(backends: Backends) -> Sequence[str]:
    """A catalog of one service and customers who can pay; their keys."""
    async with pretend_provider(0) as url:
        providers = f'[providers.sandbox]\nurl = "{url}"\ndialect = "standard"\ncurrency = "USD"\n'
        documents = Documents(providers, _SERVICES, _MARKUP)
        planned = await plan(backends, documents)
        await apply(backends, documents, planned, actor=Actor("bench"))
        (provider,) = backends.shelf.stock.catalog.providers.values()
        if odd := await sync(backends, provider):
            raise Failure(odd)
    return [
        (
            await add_customer(
                backends, f"customer {number}", paid_in=PAID_IN, actor=Actor("bench")
            )
        ).key
        for number in range(CUSTOMERS)
    ]


@contextlib.asynccontextmanager
async def _web(setting: Setting, addresses: Addresses) -> AsyncGenerator[str]:
    """A web process of its own, so that the callers do not take its time."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "serve", "--port", "0"),
        stdout=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            "GATEWAY_DATABASE_URL": addresses.database_url,
            "GATEWAY_REDIS_URL": addresses.redis_url,
            "GATEWAY_SECRET_KEY": addresses.secret,
            "PYTHONUNBUFFERED": "1",
        },
    )
    try:
        if process.stdout is None:
            raise Failure("the web process has no output")
        line = await asyncio.wait_for(process.stdout.readline(), READY_SECONDS)
        found = re.search(r"http://\S+", line.decode())
        if not found:
            raise Failure(f"the web process did not start: {line.decode()}")
        yield found[0]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ours(url: str, keys: Sequence[str], seconds: int) -> Decimal:
    """Orders a second that callers get answered over HTTP, each waiting for its answer."""
    host = urlsplit(url).netloc
    until = time.monotonic_ns() + seconds * 10**9
    turns = itertools.cycle(keys)
    began = time.monotonic_ns()
    counts = await asyncio.gather(*(_caller(host, turns, until) for _ in range(CALLERS)))
    return Decimal(sum(counts)) * 10**9 / (time.monotonic_ns() - began)


async def _caller(host: str, turns: Iterator[str], until: int) -> int:
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    done = 0
    try:
        while time.monotonic_ns() < until:
            writer.write(_request(host, next(turns)))
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            body = await reader.readexactly(int(length[1]) if length else 0)
            if not body.startswith(b'{"order":'):
                raise Failure(f"add was answered {body.decode(errors='replace')[:200]!r}")
            done += 1
    finally:
        writer.close()
    return done


def _request(host: str, key: str) -> bytes:
    wish = {"service": "1", "link": "https://a.example/x", "quantity": "1000"}
    body = urlencode({"key": key, "action": "add", **wish})
    head = (
        f"POST /api/v2 HTTP/1.1\r\nHost: {host}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


async def _floor(setting: Setting) -> Decimal:
    """Orders a second of pgbench on the same database."""
    script = setting.folder / "floor.sql"
    script.write_text(_FLOOR.format(customers=CUSTOMERS))
    where = urlsplit(setting.servers.database_url.replace("+asyncpg", ""))
    host = where.query.removeprefix("host=")
    process = await asyncio.create_subprocess_exec(
        *(setting.pgbench, "-n", "-h", host, "-U", where.username or "gateway"),
        *("-f", script, "-c", str(FLOOR_CALLERS), "-j", "2", "-T", str(setting.seconds)),
        *("-M", "prepared", where.path.lstrip("/")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    found = re.search(rb"tps = ([0-9.]+)", output)
    if process.returncode or not found:
        raise Failure(f"pgbench failed: {output.decode(errors='replace')[-500:]}")
    return Decimal(found[1].decode())
