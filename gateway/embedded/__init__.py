"""A real PostgreSQL and a real Valkey of our own, for a laptop and for the tests."""

from gateway.embedded.errors import EmbeddedError
from gateway.embedded.folder import Servers, find
from gateway.embedded.registry import find_running
from gateway.embedded.supervisor import Running, start

__all__ = ["EmbeddedError", "Running", "Servers", "find", "find_running", "start"]
