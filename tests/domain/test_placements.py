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
        ("custom comments-package", ServiceType.CUSTOM_COMMENTS_PACKAGE),
        ("SEO", ServiceType.SEO),
        ("customcomments", None),
        ("Livestream", None),
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
    lines = {kind.value for kind, rule in TYPE_RULES.items() if rule.quantity == "lines"}
    assert lines == {"Custom Comments", "Mentions Custom List", "Comment Replies"}
    one = {kind.value for kind, rule in TYPE_RULES.items() if rule.quantity == "one"}
    assert one == {"Package", "Custom Comments Package", "Custom Comments Package by List"}
    assert {kind.value for kind, rule in TYPE_RULES.items() if rule.flat} == one
    bound = {kind for kind, rule in TYPE_RULES.items() if rule.quantity == "bound"}
    assert bound == {ServiceType.SUBSCRIPTIONS}
    drip_feed = {kind for kind, rule in TYPE_RULES.items() if rule.drip_feed}
    assert drip_feed == {ServiceType.DEFAULT, ServiceType.WEB_TRAFFIC}


def test_a_type_counts_the_lines_of_a_field_of_its_own() -> None:
    assert set(TYPE_RULES) == set(ServiceType)
    for rule in TYPE_RULES.values():
        assert bool(rule.counted) == (rule.quantity == "lines")
        assert not rule.counted or rule.counted in rule.fields
        assert ("quantity" in rule.fields) == (rule.quantity == "given")
