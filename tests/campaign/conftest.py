"""Where campaigns take place in the tests: an own database and the shared cache."""

import pytest

from gateway.embedded import Servers
from gateway.wiring import Addresses


@pytest.fixture
def addresses(database_url: str, servers: Servers) -> Addresses:
    """An own database and the shared cache."""
    return Addresses(database_url, servers.redis_url, "a secret of the tests")
