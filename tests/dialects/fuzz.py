"""Coverage-guided fuzzing of everything in the phrase book that reads a provider's bytes.

`make fuzz RUNS=1000000`. A crash, a reading that takes over a second, or a binary fraction in a
reading ends it and leaves the input behind; the same input is read again by naming its file.
"""

import dataclasses
import importlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Protocol, cast

SAMPLES = Path(__file__).parent / "samples"
BYTES_MAX = 4_096
READING_SECONDS_MAX = 1
ASKED = ("1", "10", "100")

Reading = Callable[[int, bytes], object]
Target = Callable[[bytes], None]


class Fuzzer(Protocol):
    """What is used of atheris, which is there only where somebody fuzzes."""

    def instrument_imports(self, include: Sequence[str]) -> "Fuzzer": ...
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...
    def Setup(self, argv: Sequence[str], one: Target) -> None: ...  # noqa: N802  atheris
    def Fuzz(self) -> None: ...  # noqa: N802  atheris


def readings() -> list[Reading]:
    """Every reader of every dialect, as a function of an HTTP status and a body."""
    book = importlib.import_module("gateway.dialects.book")
    found: list[Reading] = []
    for dialect in book.BOOK.values():
        found += [dialect.read_add, dialect.read_services, dialect.read_balance]
        for reader in (
            dialect.read_status,
            dialect.read_refill,
            dialect.read_refill_status,
            dialect.read_cancel,
        ):
            found.append(_asking(reader, ASKED[:1]))
            found.append(_asking(reader, ASKED))
    return found


def _asking(reader: Callable[..., object], asked: Sequence[str]) -> Reading:
    return lambda status, body: reader(asked, status, body, Counter[str]())


def leaves(value: object) -> Iterable[object]:
    """All that a reading consists of."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from leaves(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for name, each in cast("Mapping[object, object]", value).items():
            yield name
            yield from leaves(each)
    elif isinstance(value, (list, tuple)):
        for each in cast("Sequence[object]", value):
            yield from leaves(each)
    else:
        yield value


def check(reading: Reading, status: int, body: bytes) -> None:
    """Read once; AssertionError for what must never be."""
    began = time.monotonic()
    found = list(leaves(reading(status, body)))
    took = time.monotonic() - began
    assert took < READING_SECONDS_MAX, f"{took} s for {len(body)} bytes"
    for leaf in found:
        assert type(leaf).__name__ != "float", leaf
        assert not isinstance(leaf, Decimal) or leaf.is_finite(), leaf


def main() -> None:
    """Fuzz until the runs given on the command line are done."""
    fuzzer = cast("Fuzzer", importlib.import_module("atheris"))
    with fuzzer.instrument_imports(include=["gateway.dialects"]):
        every = readings()

    def one(data: bytes) -> None:
        if len(data) < 2:
            return
        check(every[data[0] % len(every)], 200 if data[1] % 4 else 400, data[2:])

    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate(sorted(SAMPLES.glob("*/*.*"))):
            body = path.read_bytes().partition(b"\n\n")[2]
            for kind in range(0, len(every), 7):
                seed = bytes([(number + kind) % 256, 1]) + body
                (Path(folder) / f"{number}-{kind}").write_bytes(seed[:BYTES_MAX])
        fuzzer.Setup([*sys.argv, f"-max_len={BYTES_MAX}", "-timeout=10", folder], one)
        fuzzer.Fuzz()


if __name__ == "__main__":
    main()
