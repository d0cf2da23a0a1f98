"""What commands print for other programs."""

import csv
import io
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from gateway.cli.output import print_csv

AT = datetime(2026, 3, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (7, "7"),
        (Decimal("-0.126000"), "-0.126"),
        (Decimal("1E+3"), "1000.00"),
        (AT, "2026-03-01T12:30:00Z"),
        (AT.astimezone(UTC), "2026-03-01T12:30:00Z"),
        ('plain, "quoted" text', 'plain, "quoted" text'),
        ("=1+1", "'=1+1"),
        ("+41 79", "'+41 79"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\t=1", "'\t=1"),
        ("two\r\n=lines", "two  =lines"),
        ("\n=1", "' =1"),
    ],
)
def test_a_cell_is_exact_and_never_a_formula(
    capsys: pytest.CaptureFixture[str], value: object, cell: str
) -> None:
    print_csv([">amount", "what"], [(value, "end")])
    assert list(csv.reader(io.StringIO(capsys.readouterr().out))) == [
        ["amount", "what"],
        [cell, "end"],
    ]
