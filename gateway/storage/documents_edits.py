"""An operator's edit made in the text of the document that it concerns."""

from dataclasses import replace

from gateway.domain.edits import (
    AddProvider,
    AddServices,
    Edit,
    OrderOffers,
    RemoveServices,
    SetProvider,
    SetRules,
    Switch,
)
from gateway.storage import documents_providers, documents_services
from gateway.storage.documents_rules import with_rules
from gateway.storage.documents_texts import Documents


def edited(documents: Documents, edit: Edit) -> Documents:
    """The documents with one edit; all that it does not concern keeps its bytes.

    Raises `CannotEdit`. Whether the new texts describe a catalog is for `parse` to say.
    """
    match edit:
        case SetRules(rules):
            return replace(documents, markup=with_rules(documents.markup, rules))
        case AddProvider(name, values):
            text = documents_providers.add_provider(documents.providers, name, values)
            return replace(documents, providers=text)
        case SetProvider(name, field, value):
            text = documents_providers.set_provider(documents.providers, name, field, value)
            return replace(documents, providers=text)
        case _:
            return replace(documents, services=_services(documents.services, edit))


def _services(text: str, edit: Switch | OrderOffers | RemoveServices | AddServices) -> str:
    match edit:
        case Switch(services, enabled):
            return documents_services.switch(text, services, enabled=enabled)
        case OrderOffers(service, offers):
            return documents_services.order_offers(text, service, offers)
        case RemoveServices(services):
            return documents_services.remove(text, services)
        case AddServices(entries):
            return documents_services.append(text, entries)
