"""What the ledger refuses, whatever our code does: each illegal write meets its constraint."""

import asyncpg
import pytest

from tests.storage.conftest import Books, refusal

# in the life of orders: 1 queued, 2 active, 3 partial, 4 failed, 5 unconfirmed, 6 closed
_ACCOUNT = "(SELECT id FROM accounts WHERE kind = '{}' AND coalesce(customer_id, 1) = 1)"
REVENUE, COST = (_ACCOUNT.format(kind) for kind in ("revenue", "cost"))
FRANCS = "(SELECT id FROM accounts WHERE currency = 'CHF')"


def entry(order: str, key: str, kind: str) -> str:
    return (
        f"INSERT INTO journal_entries (id, order_id, key, kind, actor) "  # noqa: S608  ours
        f"VALUES (9999, {order}, '{key}', '{kind}', 'test')"
    )


def transfer(debit: str, credit: str, amount: str, currency: str = "USD") -> str:
    return (
        f"INSERT INTO transfers (entry_id, leg, debit_id, credit_id, currency, amount) "  # noqa: S608  ours
        f"VALUES (9999, 1, {debit}, {credit}, '{currency}', '{amount}')"
    )


def adjusted(debit: str, credit: str, amount: str, currency: str = "USD") -> str:
    return f"{entry('NULL', 'adj:1', 'adjust')}; {transfer(debit, credit, amount, currency)}"


def account(kind: str, customer: str, provider: str, currency: str = "CHF") -> str:
    return (
        f"INSERT INTO accounts (kind, customer_id, provider, currency) "  # noqa: S608  ours
        f"VALUES ('{kind}', {customer}, {provider}, '{currency}')"
    )


MONEY = {
    "overdraft": ("no_overdraft", "UPDATE balances SET available = available - 1000"),
    "NaN as balance": ("no_overdraft", "UPDATE balances SET available = 'NaN'"),
    "endless balance": ("", "UPDATE balances SET available = 1e26"),
    "capture of more than is held": ("no_overcapture", "UPDATE balances SET held = held - 50"),
    "NaN as held": ("no_overcapture", "UPDATE balances SET held = 'NaN'"),
    "second hold": ("entry_once", entry("1", "hold", "hold")),
    "second hold under another key": ("one_hold", entry("1", "hold2", "hold")),
    "another thing under the hold's key": ("one_hold", entry("4", "hold", "adjust")),
    "release after capture": ("entry_once", entry("2", "settle", "release")),
    "capture after release": ("entry_once", entry("4", "settle", "capture")),
    "second capture under another key": ("one_settlement", entry("2", "settle2", "capture")),
    "second release under another key": ("one_settlement", entry("4", "settle2", "release")),
    "another thing as settlement": ("one_settlement", entry("1", "settle", "adjust")),
    "hold without an order": ("of_an_order", entry("NULL", "hold", "hold")),
    "refund without an order": ("of_an_order", entry("NULL", "seen:9", "refund")),
    "the same refund twice": ("entry_once", entry("3", "seen:1", "refund")),
    "the same top-up twice": ("entry_once", entry("NULL", "top_up:one", "top_up")),
    "unknown kind of entry": ("journal_entries_kind_check", entry("1", "gift:1", "gift")),
    "entry without a name": ("journal_entries_key_check", entry("1", "x", "adjust")),
    "entry without a transfer": ("not_empty", entry("NULL", "adj:1", "adjust")),
    "capture without a transfer": ("not_empty", entry("1", "settle", "capture")),
    "negative amount": ("transfers_amount_check", adjusted(COST, REVENUE, "-1")),
    "no amount": ("transfers_amount_check", adjusted(COST, REVENUE, "0")),
    "less than the last digit": ("transfers_amount_check", adjusted(COST, REVENUE, "4e-13")),
    "NaN": ("transfers_amount_check", adjusted(COST, REVENUE, "NaN")),
    "without end": ("", adjusted(COST, REVENUE, "Infinity")),
    "to itself": ("two_accounts", adjusted(COST, COST, "1")),
    "one-sided": ("", adjusted(COST, "NULL", "1")),
    "from nowhere": ("debit_currency", adjusted("99999", COST, "1")),
    "in a currency that neither has": ("_currency", adjusted(COST, REVENUE, "1", "EUR")),
    "across currencies": (
        "credit_currency",
        f"{account('revenue', 'NULL', 'NULL')}; {adjusted(COST, FRANCS, '1')}",
    ),
    "a rate that is none": (
        "journal_entries_rate_check",
        "INSERT INTO journal_entries (key, kind, actor, rate) VALUES ('adj:1', 'adjust', 'x', 0)",
    ),
    "customer's account without a customer": ("customers_own", account("held", "NULL", "NULL")),
    "house account of a customer": ("customers_own", account("revenue", "1", "NULL")),
    "prepaid without a provider": ("providers_own", account("prepaid", "NULL", "NULL")),
    "cost of a provider": ("providers_own", account("cost", "NULL", "'acme'")),
    "the same account twice": ("accounts_one", account("revenue", "NULL", "NULL", "USD")),
    "account of nobody": ("accounts_customer_id_fkey", account("held", "999", "NULL")),
    "unknown kind of account": ("accounts_kind_check", account("pocket", "NULL", "NULL")),
    "currency in small letters": (
        "accounts_currency_check",
        account("revenue", "NULL", "NULL", "usd"),
    ),
    "balance of another's account": (
        "available_own",
        "UPDATE balances SET available_id = (SELECT available_id + 1000 FROM balances "
        "WHERE customer_id = 2) WHERE customer_id = 1",
    ),
    "two balances of one account": (
        "balances_available",
        "UPDATE balances SET available_id = (SELECT min(available_id) FROM balances)",
    ),
}


@pytest.mark.parametrize(
    ("constraint", "statements"), [pytest.param(*case, id=what) for what, case in MONEY.items()]
)
async def test_it_is_refused(books: Books, constraint: str, statements: str) -> None:
    assert constraint in await refusal(books, statements)


async def test_what_is_legal_is_not_refused(books: Books) -> None:
    connection = await asyncpg.connect(books.url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(adjusted(COST, REVENUE, "1e-12"))
    await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    await transaction.rollback()
    await connection.close()
