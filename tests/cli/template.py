"""What commands are forked from, with everything imported: starting Python takes each a second.

Reads one command a line, in JSON, and says its process id; once it has ended, a file has its exit
code. Each is a process of its own in a session of its own, with its own environment, words and
output, and ends as Python ends.
"""

import gc
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from gateway.cli.main import run


def main() -> None:
    """Until there is no more input."""
    gc.collect()
    gc.freeze()
    # nobody here waits for the keepers
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if not os.fork():
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _keep(json.loads(line))
            return


def _keep(command: dict[str, Any]) -> None:
    """Beside one command until it has ended, however it does."""
    child = os.fork()
    if not child:
        _become(command)
        run()
        return
    print(child, flush=True)  # noqa: T201  the answer
    os.setsid()
    _, status = os.waitpid(child, 0)
    code = Path(command["code"])
    # whoever sees the file sees the whole of it
    written = code.with_suffix(".written")
    written.write_text(str(os.waitstatus_to_exitcode(status)))
    written.rename(code)
    os._exit(0)


def _become(command: dict[str, Any]) -> None:
    """In the child: the session, the words, the environment and the files of one command."""
    os.setsid()
    os.environ.clear()
    os.environ.update(command["environment"])
    sys.argv = ["gateway", *command["arguments"]]
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for handle, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(command[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), handle)


if __name__ == "__main__":
    main()
