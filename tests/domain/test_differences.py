"""Differences between texts: exact, near, and never larger than a page can hold."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.differences import LINES_MAX, difference

LINES = st.lists(st.sampled_from(["a", "b", "c", "d", "", "e"]), max_size=30)


def applied(before: list[str], after: list[str]) -> list[str]:
    """The first text with what the hunks say done to it."""
    made: list[str] = []
    at = 0
    for hunk in difference("\n".join(before), "\n".join(after)).hunks:
        made += before[at : hunk.before - 1]
        assert len(made) == hunk.after - 1
        at = hunk.before - 1
        for line in hunk.lines:
            if line[0] != "+":
                assert before[at] == line[1:]
                at += 1
            if line[0] != "-":
                made.append(line[1:])
    return made + before[at:]


@given(LINES, LINES)
def test_done_to_the_one_text_they_make_the_other(before: list[str], after: list[str]) -> None:
    before, after = ["first", *before, "last"], ["first", *after, "last"]
    assert applied(before, after) == after
    assert difference("\n".join(before), "\n".join(before)).hunks == ()


def test_what_moves_and_changes_among_many_is_told_shortly() -> None:
    tables = [["[[services]]", f"id = {id_}", 'category = "A"', ""] for id_ in range(10_000)]
    before = [line for table in tables for line in table]
    tables[9] = ["[[services]]", "id = 9", 'category = "B"', ""]
    del tables[5_000]
    after = [line for table in tables for line in table]
    found = difference("\n".join(before), "\n".join(after))
    assert (found.removed, found.added, found.left_out, len(found.hunks)) == (5, 1, 0, 2)
    assert found.hunks[0].lines[3:5] == ('-category = "A"', '+category = "B"')


def test_more_than_a_page_can_hold_is_counted() -> None:
    found = difference("\n".join(map(str, range(20_000))), "x\ny")
    assert sum(len(hunk.lines) for hunk in found.hunks) == LINES_MAX
    assert (found.removed, found.added, found.left_out) == (20_000, 2, 18_002)
