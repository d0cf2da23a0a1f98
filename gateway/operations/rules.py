"""The rules of a markup's text, as a form shows them."""

from gateway.domain.edits import CannotEdit, RuleText
from gateway.operations import Backends
from gateway.storage.documents_rules import rules_of

__all__ = ["CannotEdit", "RuleText", "rules"]


async def rules(_backends: Backends, markup: str) -> tuple[RuleText, ...]:
    """In their order. Raises `CannotEdit` where the text must be edited by itself."""
    return rules_of(markup)
