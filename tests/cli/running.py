"""Real processes of the gateway, as an operator starts them."""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx

from tests.plain_http import NO_TLS

READY_SECONDS = 40
END_SECONDS = 60

PROVIDERS = """\
[providers.acme]
url = "{url}"
dialect = "standard"
currency = "USD"
key_env = "ACME_KEY"
poll_seconds = 1
timeout_seconds = 5
"""
SERVICES = """\
[[services]]
id = 1
name = "Followers"
category = "Followers"
offers = ["acme:101"]
"""
MARKUP = """\
currency = "USD"
[[rules]]
percent = "40"
round_up_to = "0.0001"
margin_min_percent = "5"
"""


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """Ours without the servers that the suite may have been given: these bring their own.

    Bytecode is written whatever our environment says: else each of many commands compiles it all.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GATEWAY_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    return {**kept, "ACME_KEY": "sandbox-key", **more}


class Template:
    """The process that commands are forked from."""

    def __init__(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.template"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def begin(self, command: Mapping[str, Any]) -> int:
        """Start a command; its process id."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(command) + "\n")
        self._child.stdin.flush()
        readable, _, _ = select.select([self._child.stdout], [], [], END_SECONDS)
        assert readable, f"{command['arguments']} does not begin"
        return int(self._child.stdout.readline())

    def close(self) -> None:
        """No more commands."""
        self._child.communicate(timeout=END_SECONDS)


@cache
def _template() -> Template:
    made = Template()
    atexit.register(made.close)
    return made


class Process:
    """A command in a session of its own, its output in a file, its errors in another if so told."""

    def __init__(
        self, arguments: Sequence[str], log: Path, errors: Path | None = None, /, **environment: str
    ) -> None:
        self._arguments, self._log = arguments, log
        self._code = log.with_name(f"{log.name}-{uuid4().hex[:8]}.code")
        log.touch()
        self.pid = _template().begin(
            {
                "arguments": arguments,
                "environment": _environment(environment),
                "stdout": str(log),
                "stderr": str(errors or log),
                "code": str(self._code),
            }
        )

    def output(self) -> str:
        """All that it has printed."""
        return self._log.read_text()

    def ready(self, word: str = "ready ") -> str:
        """What follows the word, once it is printed."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            for line in self.output().splitlines():
                if line.startswith(word):
                    return line.removeprefix(word)
            if self.ended:
                break
            time.sleep(0.02)
        raise AssertionError(f"not ready: {self.output()[-3000:]}")

    @property
    def ended(self) -> bool:
        """Whether it is no more."""
        return self._code.exists()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit code."""
        with suppress(ProcessLookupError):
            if not self.ended:
                os.kill(self.pid, number)
        return self.wait()

    def wait(self, seconds: int = END_SECONDS) -> int:
        """The exit code, once it has ended."""
        until = time.monotonic() + seconds
        while not self.ended:
            assert time.monotonic() < until, f"{self._arguments} does not end"
            time.sleep(0.005)
        return int(self._code.read_text())


def run(*arguments: str, code: int = 0, **environment: str) -> str:
    """One command to its end, which must be the expected one; what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / name for name in ("stdout", "stderr")}
        ended = Process(arguments, files["stdout"], files["stderr"], **environment).wait()
        stdout, stderr = (file.read_text() for file in files.values())
    assert ended == code, stdout + stderr
    assert "Traceback" not in stderr
    return stdout if code == 0 else stdout + stderr


def run_json(*arguments: str, **environment: str) -> Any:
    """What a command prints with --json."""
    return json.loads(run(*arguments, "--json", code=0, **environment))


def write_documents(folder: Path, provider: str) -> Path:
    """Three small documents that name one provider."""
    folder.mkdir(exist_ok=True)
    (folder / "providers.toml").write_text(PROVIDERS.replace("{url}", provider))
    (folder / "services.toml").write_text(SERVICES)
    (folder / "markup.toml").write_text(MARKUP)
    return folder


def post(url: str, **fields: str) -> Any:
    """One call of the panel API."""
    answer = httpx.post(
        f"{url}/api/v2",
        content=urlencode(fields),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=10,
        verify=NO_TLS,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()
