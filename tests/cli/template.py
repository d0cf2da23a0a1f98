"""What commands are forked from, with everything imported: starting Python takes each a second.

Reads one command a line, in JSON, and says its exit code. Each is a process of its own, with its
own environment, words and output, and ends as Python ends.
"""

import gc
import json
import os
import sys
from typing import Any

from gateway.cli.main import run


def main() -> None:
    """Until there is no more input."""
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become(json.loads(line))
            run()
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201  the answer


def _become(command: dict[str, Any]) -> None:
    """In the child: the words, the environment and the files of one command."""
    os.environ.clear()
    os.environ.update(command["environment"])
    sys.argv = ["gateway", *command["arguments"]]
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for handle, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(command[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), handle)


if __name__ == "__main__":
    main()
