"""Placements that any customer could make, for trying what they would cost."""

from collections.abc import Mapping

from gateway.dialects.placements import read_placement
from gateway.domain.placements import LINES_MAX, Placement
from gateway.domain.services import TYPE_RULES, ServiceType

# values that every dialect can carry, for the fields that no charge depends on
_FIELDS: Mapping[str, str] = {
    "link": "https://example.com/1",
    "media": "https://example.com/2",
    "country": "US",
    "type_of_traffic": "3",
    "delay": "0",
    "expiry": "",
}


def example(service: int, kind: ServiceType, quantity: int) -> Placement:
    """An order of so many, as a customer would place it; a subscription of one post.

    Raises Refusal where nobody could order so many.
    """
    rule = TYPE_RULES[kind]
    fields = {name: _FIELDS.get(name, "1") for name in rule.fields}
    fields |= dict.fromkeys(("quantity", "min", "max"), str(quantity)) if quantity else {}
    if rule.counted:
        # one too many is refused as any number beyond is, and quickly made
        lines = range(1, min(quantity, LINES_MAX + 1) + 1)
        fields[rule.counted] = "\n".join(f"line {number}" for number in lines)
    return read_placement(service, kind, {each: fields[each] for each in rule.fields})
