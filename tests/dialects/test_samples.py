"""Answers as panels publish them, with what is read from each; and requests as they are sent.

A sample is `samples/<dialect>/<action>.<case>`: what was asked (ids, or an order's type), the
HTTP status and the reading, then a blank line and the exact bytes. One whose case begins with
`as_printed` was damaged on the page itself, and `noted` says what had to be repaired. One whose
case begins with `request` holds the fields that the page lists for the action.
"""

import re
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from gateway.dialects.book import BOOK, dialect
from gateway.dialects.dialect import Dialect
from gateway.dialects.messages import AskAdd, Form
from gateway.dialects.spelling import Action
from gateway.domain.services import ServiceType

SAMPLES = Path(__file__).parent / "samples"
SAMPLE = re.compile(
    rb"asked: (.*)\nhttp: ([\d-]+)\n(?:noted: (.*)\n)?reading: (.*)\n\n(.*)\n", re.DOTALL
)
PATHS = sorted(SAMPLES.glob("*/*.*"))
NEEDED = {
    Action.SERVICES: ("two_rows", "empty", "flags"),
    Action.ADD: (
        *("accepted", "refused_service", "refused_quantity", "refused_funds", "refused_key"),
        *("unknown_action", "broken_html", "broken_empty", "broken_bom", "broken_notice"),
    ),
    Action.STATUS: ("one", "many", "batch_of_one"),
    Action.REFILL: ("accepted", "refused"),
    Action.REFILL_STATUS: ("one",),
    Action.CANCEL: ("accepted", "refused"),
    Action.BALANCE: (
        *("page", "wrong_key", "unknown_action"),
        *("broken_html", "broken_empty", "broken_bom", "broken_notice"),
    ),
}


def read(panel: Dialect, action: str, asked: str, status: int, body: bytes) -> tuple[object, str]:
    """The reading, and what had to be repaired for it."""
    noted: Counter[str] = Counter()
    ids = asked.split(",")
    match action:
        case "add":
            reading: object = panel.read_add(status, body)
        case "services":
            reading = panel.read_services(status, body, noted)
        case "balance":
            reading = panel.read_balance(status, body, noted)
        case "status":
            reading = panel.read_status(ids, status, body, noted)
        case "refill":
            reading = panel.read_refill(ids, status, body, noted)
        case "refill_status":
            reading = panel.read_refill_status(ids, status, body, noted)
        case _:
            reading = panel.read_cancel(ids, status, body, noted)
    return reading, ", ".join(f"{what} {times}" for what, times in sorted(noted.items()))


def written(panel: Dialect, action: str, asked: str) -> Form:
    """The fields that are sent for an action other than `add`, without the key."""
    ids = asked.split(",")
    match action:
        case "services":
            return panel.write_services()
        case "balance":
            return panel.write_balance()
        case "status":
            return panel.write_status(ids)
        case "refill":
            return panel.write_refill(ids)
        case "refill_status":
            return panel.write_refill_status(ids)
        case _:
            return panel.write_cancel(ids)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: "/".join(path.parts[-2:]))
def test_sample_is_read_as_written_down(path: Path) -> None:
    panel = dialect(path.parent.name)
    parts = SAMPLE.fullmatch(path.read_bytes())
    assert parts
    asked, body = parts[1].decode(), parts[5]
    action, _, case = path.name.partition(".")
    fields = (
        dict(parse_qsl(body.decode(), strict_parsing=True)) if case.startswith("request") else {}
    )
    if fields and action != "add":
        assert {"key": fields["key"], **written(panel, action, asked)} == fields
        assert repr(panel.read_request(fields)) == parts[4].decode()
        return
    if fields:
        kind, _, bound = asked.partition(", posts_max=")
        posts_max = int(bound) if bound else None
        placement = panel.read_placement(1, ServiceType(kind), fields, posts_max)
        assert repr(placement) == parts[4].decode()
        ask = panel.read_request(fields)
        assert isinstance(ask, AskAdd)
        assert {"key": fields["key"], **panel.write_add(ask.service, placement)} == fields
        return
    reading, noted = read(panel, action, asked, int(parts[2]), body)
    assert repr(reading) == parts[4].decode()
    assert noted == (parts[3] or b"").decode()
    assert bool(noted) >= case.startswith("as_printed")


@pytest.mark.parametrize("name", BOOK)
def test_every_dialect_has_its_samples(name: str) -> None:
    panel = BOOK[name]
    there = {path.name for path in PATHS if path.parent.name == name}
    needed = {
        f"{action}.{case}"
        for action, cases in NEEDED.items()
        if action in panel.spelling.requests.actions
        for case in cases
    }
    needed |= {f"add.request_{kind.name.lower()}" for kind in panel.spelling.requests.types}
    needed |= {"services.request", "balance.request"}
    for action in panel.spelling.requests.ids:
        needed |= {f"{action}.request_one"} if panel.batch_max(action) else set()
        if panel.batch_max(action) > 1:
            needed |= {f"{action}.many", f"{action}.request_many"}
    assert needed - there == set()


def test_every_sample_is_of_an_action_that_there_is() -> None:
    for path in PATHS:
        action = path.name.partition(".")[0]
        assert action in dialect(path.parent.name).spelling.requests.actions
