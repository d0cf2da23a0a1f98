"""Every page there is, with the right that it asks for."""

from gateway.admin import operators, overview, sign_in
from gateway.admin.visits import Page

PAGES: tuple[Page, ...] = (
    *sign_in.PAGES,
    *overview.PAGES,
    *operators.PAGES,
)
