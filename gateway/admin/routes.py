"""Every page there is, with the right that it asks for."""

from gateway.admin import (
    audit,
    closing,
    operators,
    overview,
    provider_books,
    proving,
    reconciliation,
    sign_in,
)
from gateway.admin.visits import Page

PAGES: tuple[Page, ...] = (
    *sign_in.PAGES,
    *overview.PAGES,
    *reconciliation.PAGES,
    *proving.PAGES,
    *provider_books.PAGES,
    *closing.PAGES,
    *audit.PAGES,
    *operators.PAGES,
)
