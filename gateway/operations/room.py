"""How many more orders a provider takes just now, by what his refusals taught."""

from gateway.domain.catalog import Provider
from gateway.operations import Backends
from gateway.upstream.panels import KeyMissing


def room(backends: Backends, provider: Provider) -> int:
    """At most so many are worth claiming: any more would only wait, and go back to the queue."""
    try:
        return backends.panels.of(provider).places()
    except KeyMissing:
        return 0
