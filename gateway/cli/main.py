"""The command `gateway`: all nouns together, and how a command that cannot go on ends."""

import gc
import logging
import signal
import sys

import structlog
import typer

from gateway.cli import (
    bench,
    books,
    campaign,
    catalog,
    customer,
    demo,
    operator,
    order,
    provider,
    restored,
    serve,
    up,
)
from gateway.cli.output import ERRORS, Failure
from gateway.cli.sandbox import sandbox
from gateway.cli.simulate import simulate
from gateway.embedded import EmbeddedError
from gateway.failpoints import Misspelled, arm
from gateway.operations import InDoubt, Unreachable
from gateway.settings import Settings
from gateway.storage.documents import DocumentErrors
from gateway.storage.polling import StillNeeded

YOUNG_MAX = 50_000

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="One panel-compatible API in front of many upstream panels.",
)
app.command()(up.up)
app.command()(serve.serve)
app.command()(serve.admin)
app.command()(serve.work)
app.command()(serve.migrate)
app.command()(sandbox)
app.command()(simulate)
app.command()(demo.demo)
app.command()(books.verify)
app.add_typer(books.app, name="reconcile")
app.add_typer(bench.app, name="bench")
app.add_typer(campaign.app, name="campaign")
app.add_typer(catalog.app, name="catalog")
app.add_typer(provider.app, name="provider")
app.add_typer(customer.app, name="customer")
app.add_typer(order.app, name="order")
app.add_typer(operator.app, name="operator")
app.add_typer(restored.app, name="restored")


def rarely_look_through_everything() -> None:
    """Let the garbage collector leave alone what lives on, and look at the rest less often.

    A catalog is hundreds of thousands of objects, none of them in a circle: to go through them all
    stops every answer of the process for a tenth of a second.
    """
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, 20, 100)


def run() -> None:
    """Run one command; whatever it may expect to go wrong ends in plain words and exit code 1."""
    configure_logs()
    rarely_look_through_everything()
    # told to end, a command clears away what it made as it does at Ctrl-C
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        arm(_settings().failpoint)
        app()
    except DocumentErrors as errors:
        for error in errors.errors:
            ERRORS.print(str(error), style="red", markup=False, soft_wrap=True)
    except (Failure, EmbeddedError, StillNeeded, Misspelled) as error:
        ERRORS.print(f"gateway: {error}", style="red", markup=False, soft_wrap=True)
    except Unreachable as error:
        text = f"gateway: the database cannot be reached: {error}"
        ERRORS.print(text, style="red", markup=False, soft_wrap=True)
    except InDoubt as error:
        text = f"gateway: the connection broke while committing, look before repeating: {error}"
        ERRORS.print(text, style="red", markup=False, soft_wrap=True)
    else:
        return
    sys.exit(1)


def _settings() -> Settings:
    """Read once before anything runs, so that a variable that cannot be meant is told at once."""
    try:
        return Settings()
    except ValueError:
        raise Failure("GATEWAY_ADMIN_PRIVATE_PROVIDERS should be true or false") from None


def configure_logs() -> None:
    """JSON lines on stderr, without local variables, so that no key can slip into a traceback."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
