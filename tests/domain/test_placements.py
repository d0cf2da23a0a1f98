import pytest

from gateway.domain.placements import Placement, split_lines
from gateway.domain.services import TYPE_RULES, ServiceType, plain_type, read_type


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ()),
        (" \n \r\n", ()),
        ("one", ("one",)),
        ("a, b\nc\r\n\r\n d \r", ("a, b", "c", "d")),
        ("a\rb\r\rc", ("a", "b", "c")),
        ("twice\ntwice", ("twice", "twice")),
        (r"a\nb", ("a", "b")),
        (r"a\nb" + "\n", ("a", "b")),
        (r"a\nb" + "\nc", (r"a\nb", "c")),
        (r"\n\n", ()),
    ],
)
def test_lines_are_split_trimmed_and_never_empty(text: str, lines: tuple[str, ...]) -> None:
    assert split_lines(text) == lines


@pytest.mark.parametrize(("runs", "total"), [(None, 100), (1, 100), (7, 700)])
def test_a_drip_feed_counts_all_its_runs(runs: int | None, total: int) -> None:
    placement = Placement(1, ServiceType.DEFAULT, "https://a.example/", 100, runs=runs)
    assert placement.quantity_total == total


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Default", ServiceType.DEFAULT),
        ("PACKAGE", ServiceType.PACKAGE),
        ("custom_comments", ServiceType.CUSTOM_COMMENTS),
        (" Custom - Comments ", ServiceType.CUSTOM_COMMENTS),
        ("Custom  Comments", ServiceType.CUSTOM_COMMENTS),
        ("Custom Comments Package", None),
        ("customcomments", None),
        ("", None),
    ],
)
def test_a_type_is_read_in_every_spelling_and_never_guessed(
    word: str, kind: ServiceType | None
) -> None:
    assert read_type(word) is kind


def test_a_type_word_has_one_plain_spelling() -> None:
    assert plain_type(" Custom_Comments-PACKAGE ") == "custom comments package"


def test_what_each_type_counts() -> None:
    counted = {
        kind: (rule.quantity, rule.flat, rule.drip_feed) for kind, rule in TYPE_RULES.items()
    }
    assert counted == {
        ServiceType.DEFAULT: ("given", False, True),
        ServiceType.PACKAGE: ("one", True, False),
        ServiceType.CUSTOM_COMMENTS: ("lines", False, False),
    }
