"""Where customers are kept apart: conditions in SQL, which no rule can mutate, and what sets them.

A filter's parameter stays in the statement, so that a mutant fails for what it shows, not for
being no SQL.
"""

SET = "CAST(:customer AS bigint) IS NOT NULL"
ORDERS = "gateway/storage/orders.py"
REQUESTS = "gateway/storage/requests.py"
CUSTOMERS = "gateway/storage/customers.py"
KEYS = "gateway/storage/customer_keys.py"
LISTED = "gateway/storage/customers_listed.py"
PAGED = "gateway/storage/statement_pages.py"
PLACING = "gateway/storage/placing.py"
LEDGER = "gateway/storage/ledger.py"
STATEMENTS = "gateway/storage/statements.py"
OF = "b.available_id\n         WHERE "
OWN = f"{OF}(b.customer_id, b.currency) = (:customer, :currency)"
ANY = f"{OF}b.currency = :currency AND {SET}"

FILTERS: tuple[tuple[str, str, str], ...] = (
    (ORDERS, "AND o.customer_id = :customer", f"AND {SET}"),
    (ORDERS, "AND o.customer_id = :customer", "AND o.customer_id <> :customer"),
    (ORDERS, "o.id = ANY (:orders) AND o.", "CAST(:orders AS bigint[]) IS NOT NULL AND o."),
    (ORDERS, "OR c.name = :customer)", "OR c.name <> '')"),
    (ORDERS, "JOIN customers c ON c.id = o.customer_id", "JOIN customers c ON true"),
    (REQUESTS, "AND customer_id = :customer ORDER", f"AND {SET} ORDER"),
    (REQUESTS, "AND customer_id = :customer ORDER", "AND customer_id <> :customer ORDER"),
    (REQUESTS, "AND customer_id = :customer AND kind", f"AND {SET} AND kind"),
    (REQUESTS, "AND customer_id = :customer AND kind", "AND customer_id <> :customer AND kind"),
    (
        REQUESTS,
        "WHERE id = ANY (:refills) AND",
        "WHERE CAST(:refills AS bigint[]) IS NOT NULL AND",
    ),
    (CUSTOMERS, "k.digest = :digest AND", "CAST(:digest AS bytea) IS NOT NULL AND"),
    (CUSTOMERS, "JOIN customers c ON c.id = k.customer_id", "JOIN customers c ON true"),
    (CUSTOMERS, "AND c.enabled AND", "AND"),
    (CUSTOMERS, "AND k.revoked_at IS NULL\n", "\n"),
    (CUSTOMERS, "(k.expires_at IS NULL OR k.expires_at > now())", "true"),
    (CUSTOMERS, "k.expires_at > now()", "k.expires_at < now()"),
    (KEYS, "WHERE customer_id = :customer AND revoked_at", f"WHERE {SET} AND revoked_at"),
    (KEYS, "WHERE customer_id = :customer AND id = :key FOR", f"WHERE {SET} AND id = :key FOR"),
    (KEYS, 'keys WHERE customer_id = :customer")', f'keys WHERE {SET}")'),
    (CUSTOMERS, "WHERE customer_id = :customer AND currency", f"WHERE {SET} AND currency"),
    (CUSTOMERS, ":customer AND currency = :currency", ":customer AND :currency <> ''"),
    (CUSTOMERS, "WHERE o.customer_id = c.id) AS orders", "WHERE true) AS orders"),
    (CUSTOMERS, "WHERE o.customer_id = c.id AND o.id", "WHERE o.id"),
    (
        CUSTOMERS,
        "(b.customer_id, b.currency) = (c.id, c.currency)",
        "b.currency = c.currency",
    ),
    (LISTED, "WHERE c.name = :customer", "WHERE c.name <> CAST(:customer AS text)"),
    (PAGED, "WHERE c.id = :customer", "WHERE CAST(:customer AS bigint) IS NOT NULL"),
    (CUSTOMERS, "WHERE b.customer_id = :customer AND", f"WHERE {SET} AND"),
    (STATEMENTS, f"credit_id = {OWN}", f"credit_id = {ANY}"),
    (STATEMENTS, f"debit_id = {OWN}", f"debit_id = {ANY}"),
    (PLACING, "USING (customer_id, key)", "ON i.key = asked.key"),
    (PLACING, "USING (customer_id, key)", "ON i.customer_id = asked.customer_id"),
    (
        PLACING,
        "(b.customer_id, b.currency) = (r.customer_id, r.currency)",
        "b.currency = r.currency",
    ),
    (PLACING, "JOIN paid USING (customer_id, currency)", "JOIN paid USING (currency)"),
    (PLACING, "sum(charge) AS charge FROM rows GROUP", "max(charge) AS charge FROM rows GROUP"),
    (LEDGER, "(b.customer_id, b.currency) = (r.customer, r.currency)", "b.currency = r.currency"),
    (LEDGER, "a.customer_id IS NOT DISTINCT FROM w.customer AND", ""),
)
"""(file, text, text without the filter)."""

WHOLE = (
    "gateway/operations/balance.py",
    "gateway/operations/identify.py",
    "gateway/operations/refill_status.py",
    "gateway/operations/repeated.py",
    "gateway/operations/status.py",
)
"""Small files between a caller and his rows, mutated by rule."""

TESTS = tuple(
    f"tests/operations/test_{name}.py"
    for name in (
        "add_many_customers",
        "add",
        "add_customer",
        "balance",
        "cancel",
        "daily",
        "daily_others",
        "identify",
        "identify_others",
        "list_orders",
        "page_statement",
        "preview",
        "refill",
        "refill_status",
        "refill_status_asked",
        "repeated",
        "show_customer",
        "statement",
        "status",
        "top_up",
    )
)
