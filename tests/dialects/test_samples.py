import re
from pathlib import Path

import pytest

from gateway.dialects.book import dialect

SAMPLES = Path(__file__).parent / "samples"
SAMPLE = re.compile(rb"asked: (.*)\nhttp: (\d+)\nreading: (.*)\n\n(.*)\n", re.DOTALL)


@pytest.mark.parametrize(
    "path", sorted(SAMPLES.glob("*/*.*")), ids=lambda path: "/".join(path.parts[-2:])
)
def test_sample_is_read_as_written_down(path: Path) -> None:
    spelling = dialect(path.parent.name)
    parts = SAMPLE.fullmatch(path.read_bytes())
    assert parts
    asked, status, body = parts[1].decode(), int(parts[2]), parts[4]
    action = path.name.partition(".")[0]
    if action == "status":
        reading = repr(spelling.read_status(asked.split(","), status, body))
    else:
        reads = {
            "add": spelling.read_add,
            "balance": spelling.read_balance,
            "services": spelling.read_services,
        }
        reading = repr(reads[action](status, body))
    assert reading == parts[3].decode()
