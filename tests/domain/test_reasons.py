"""A reason is there, and can be read."""

import pytest

from gateway.domain.reasons import NoReason, reason_of


def test_a_reason_is_told_in_one_line() -> None:
    assert reason_of("  their ticket 17\n  says so ") == "their ticket 17 says so"
    assert len(reason_of("x" * 500)) == 500


@pytest.mark.parametrize("text", ["", " \n", "x" * 501, "a\x00b", "a\u202eb"])
def test_what_is_no_reason(text: str) -> None:
    with pytest.raises(NoReason):
        reason_of(text)
