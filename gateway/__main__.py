"""`python -m gateway`."""

from gateway.cli.main import run

run()
