"""A shop with brakes of its own."""

from dataclasses import replace

from tests.operations.shop import SERVICES, Shop, documents, put_on_sale


async def brake(shop: Shop, *settings: str, services: str = SERVICES) -> None:
    """Other brakes than those that hold when nothing is said."""
    wanted = documents(shop.tables, services)
    table = "\n".join(["[brakes]", *settings])
    markup = wanted.markup.replace("[[rules]]", f"{table}\n[[rules]]")
    await put_on_sale(shop.backends, replace(wanted, markup=markup))
