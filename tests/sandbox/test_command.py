"""`gateway sandbox`: its options, and as a process of its own."""

import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import typer
from typer.testing import CliRunner

from gateway.cli.sandbox import sandbox
from tests.plain_http import NO_TLS

RUN = "import typer; from gateway.cli.sandbox import sandbox; typer.run(sandbox)"
OPTIONS = ("--key", "k1", "--balance", "5", "--currency", "EUR", "--fate", "canceled=1")


@contextmanager
def running(*options: str) -> Generator[tuple[subprocess.Popen[str], str]]:
    """The process and its address, once it says that it is ready."""
    command = [sys.executable, "-c", RUN, "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own words
    try:
        assert process.stdout
        ready, _, url = process.stdout.readline().strip().partition(" ")
        assert (ready, url.endswith("/api/v2")) == ("ready", True)
        yield process, url
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_as_told_until_a_signal_ends_it(number: signal.Signals) -> None:
    with running(*OPTIONS, "--fault", "liar=1", "--pace", "0.2", "--offers", "20") as started:
        process, url = started
        with httpx.Client(trust_env=False, verify=NO_TLS) as http:
            answer = http.post(url, data={"key": "k1", "action": "balance"})
            assert answer.json() == {"balance": "5.00", "currency": "EUR"}
            add = {"action": "add", "service": "1001", "link": "a", "quantity": "50"}
            answer = http.post(url, data={"key": "k1", **add})
            assert answer.json() == {"error": "Service is not available"}
            # the connection is kept open, which must not keep the process from ending
            process.send_signal(number)
            rest, _ = process.communicate(timeout=10)
        assert (process.returncode, rest) == (0, "")


def called(options: Sequence[str]) -> tuple[int, str]:
    """The exit code and all words that were said."""
    app = typer.Typer()
    app.command()(sandbox)
    ended = CliRunner().invoke(app, list(options))
    return ended.exit_code, " ".join(ended.output.replace("│", " ").split())


def test_it_speaks_the_dialect_of_a_document(tmp_path: Path) -> None:
    document = tmp_path / "far.toml"
    document.write_text(
        'base = "smmserver"\nkey = "token"\n[actions]\nbalance = "left"\n[fields]\nlink = "to"\n'
    )
    options = ("--statuses", "--plain-parents", "--rate", "3", "--page-size", "2")
    told = running("--dialect", str(document), *options)
    with told as (_, url), httpx.Client(trust_env=False, verify=NO_TLS) as http:

        def post(**fields: str) -> httpx.Response:
            return http.post(url, data={"token": "sandbox-key", **fields})

        assert post(action="left").json() == {"balance": "1000000.00", "currency": "USD"}
        assert post(action="balance").status_code == 400
        rows = post(action="services", offset="2").json()
        assert [row["service"] for row in rows] == [103, 104]
        assert post(action="left").status_code == 429
        truth = http.get(url.replace("/api/v2", "/truth")).json()
        assert truth["requests"] == {"balance": 1, "other": 1, "services": 1, "limited": 1}


def test_what_is_wrong_with_a_document_is_told(tmp_path: Path) -> None:
    document = tmp_path / "far.toml"
    document.write_text('[actions]\nstauts = "x"\n')
    code, said = called(["--dialect", str(document)])
    assert (code, "stauts" in said) == (2, True), said
    code, said = called(["--dialect", str(tmp_path / "none.toml")])
    assert (code, "cannot be read" in said) == (2, True), said


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--fault", "hang=0.1"], "unknown fault 'hang': there are reset_before"),
        (["--fault", "liar"], "'liar' is not NAME=SHARE"),
        (["--fault", "liar=2"], "liar: 2 is not within 0 and 1"),
        (["--fate", "lost=0.1"], "unknown fate 'lost'"),
        (["--dialect", "klingon"], "unknown dialect 'klingon': there are standard"),
        (["--pace", "-1"], "pace: '-1' is not an amount"),
        (["--balance", "1e99"], "balance: '1e99' is not an amount"),
        (["--rate", "-1"], "greater than or equal to 0"),
        (["--page-size", "x"], "valid integer"),
        (["--port", "70000"], "less than or equal to 65535"),
    ],
)
def test_a_bad_option_is_explained(options: Sequence[str], why: str) -> None:
    code, said = called(options)
    assert (code, why in said) == (2, True), said


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, said = called(["--port", str(port)])
    assert (code, f"cannot listen at 127.0.0.1:{port}: " in said) == (1, True), said
