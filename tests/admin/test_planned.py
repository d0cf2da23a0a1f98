"""A plan's table says what becomes of each service, whatever it is sold as."""

from dataclasses import replace

from gateway.admin.grids import as_cell
from gateway.admin.planned import planned
from gateway.domain.edits import RemoveServices, Switch
from gateway.operations.edit import edit
from gateway.operations.preview import preview
from gateway.operations.stored import stored
from gateway.storage.documents import Documents
from tests.operations.shop import Shop, put_on_sale


async def drawn(shop: Shop, wanted: Documents) -> dict[object, tuple[object, str]]:
    """By service what it is said to be, and where its id leads."""
    rows = planned(await preview(shop.backends, wanted, operator="eve")).grid.cells
    return {row[0].value: (as_cell(row[2]).value, row[0].href) for row in rows}


async def test_services_that_are_off_sale_are_told_from_new_ones(shop: Shop) -> None:
    revision = await stored(shop.backends)
    assert revision is not None
    off = await edit(shop.backends, revision.documents, [Switch(frozenset({1}), enabled=False)])
    await put_on_sale(shop.backends, off)
    gone = await edit(shop.backends, off, [RemoveServices(frozenset({1, 2}))])
    assert await drawn(shop, gone) == {1: ("gone", "/services/1"), 2: ("gone", "/services/2")}
    named = replace(off, services=off.services.replace("id = 1\n", 'id = 1\ndescription = "x"\n'))
    assert await drawn(shop, named) == {1: ("description", "/services/1")}
    added = replace(off, services=off.services + NEW)
    assert {key: href for key, (_, href) in (await drawn(shop, added)).items()} == {77: ""}


NEW = (
    '\n[[services]]\nid = 77\nname = "X"\ncategory = "X"\nenabled = false\noffers = ["acme:101"]\n'
)
