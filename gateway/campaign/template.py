"""The template that victims are forked from, with everything imported: starting Python costs more.

`python -m gateway.campaign.template` reads one life a line and says one thing a line, in JSON. It
has neither threads nor an event loop, so that forking is safe, and ends with its input.
"""

import gc
import json
import os
import signal
import sys
import traceback
from typing import Any

import uvloop

from gateway.campaign.victim import Life, live
from gateway.dialects.standard import STANDARD
from gateway.domain.catalog import Provider
from gateway.settings import Settings
from gateway.storage.database import Database
from gateway.upstream.client import ProviderClient
from gateway.wiring import Addresses

STRANDED_SECONDS = 60


def main() -> None:
    """Fork a victim for each life that is asked for, one at a time, and say how it ended."""
    said = os.dup(1)
    os.dup2(2, 1)  # whatever prints must not be heard as an answer
    settings = Settings()
    if settings.database_url is None or settings.redis_url is None or settings.secret_key is None:
        sys.exit("a template is started by a campaign, with addresses in its environment")
    secret = settings.secret_key.get_secret_value()
    addresses = Addresses(settings.database_url, settings.redis_url, secret, settings.spill_dir)
    _warm(settings.database_url)
    _say(said, "ready", os.getpid())
    for line in sys.stdin:
        victim = os.fork()
        if not victim:
            _live(addresses, Life(**json.loads(line)), said)
        _, status = os.waitpid(victim, 0)
        _say(said, "ended", os.waitstatus_to_exitcode(status))


def _warm(database_url: str) -> None:
    """Have everything loaded that is loaded at first use, and never looked at by the collector."""
    Database(database_url)
    ProviderClient(Provider("warm", "http://127.0.0.1", "standard", "USD", ""), STANDARD, "")
    gc.collect()
    gc.freeze()


def _live(addresses: Addresses, life: Life, said: int) -> None:
    """In the child: one life, then the end without any clean-up of the template's."""
    code = 1
    # whatever hangs, it does not outlive the campaign for long
    signal.alarm(life.seconds + STRANDED_SECONDS)
    try:
        uvloop.run(live(addresses, life, lambda what, it: _say(said, what, it)))
        code = 0
    except BaseException:  # noqa: BLE001  told by the exit code, and in the log
        traceback.print_exc()
    os._exit(code)


def _say(said: int, what: str, it: Any) -> None:
    # one write of a line: readers never see half of one, whoever is killed
    os.write(said, json.dumps([what, it]).encode() + b"\n")


if __name__ == "__main__":
    main()
