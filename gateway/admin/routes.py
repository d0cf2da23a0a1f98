"""Every page there is, with the right that it asks for."""

from gateway.admin import (
    adjustments,
    audit,
    closing,
    customer,
    customer_keys,
    customer_money,
    customers,
    entries,
    operators,
    overview,
    provider_books,
    provider_money,
    provider_probe,
    providers,
    proving,
    reconciliation,
    sign_in,
    statement,
)
from gateway.admin import folder, markup, operators, revisions, sign_in
from gateway.admin import agreement, held, imports, operators, sale, services, sign_in
from gateway.admin.visits import Page

PAGES: tuple[Page, ...] = (
    *sign_in.PAGES,
    *overview.PAGES,
    *reconciliation.PAGES,
    *proving.PAGES,
    *provider_books.PAGES,
    *closing.PAGES,
    *audit.PAGES,
    *services.PAGES,
    *sale.PAGES,
    *held.PAGES,
    *agreement.PAGES,
    *imports.PAGES,
    *operators.PAGES,
    *customers.PAGES,
    *adjustments.PAGES,
    *customer.PAGES,
    *customer_keys.PAGES,
    *customer_money.PAGES,
    *statement.PAGES,
    *entries.PAGES,
    *provider_probe.PAGES,
    *providers.PAGES,
    *provider_money.PAGES,
    *markup.PAGES,
    *folder.PAGES,
    *revisions.PAGES,
)
