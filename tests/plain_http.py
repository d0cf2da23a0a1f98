"""Calls without TLS: loading the usual certificates for each takes longer than most tests."""

from ssl import PROTOCOL_TLS_CLIENT, SSLContext

NO_TLS = SSLContext(PROTOCOL_TLS_CLIENT)
