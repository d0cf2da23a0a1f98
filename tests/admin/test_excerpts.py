"""Texts of others weigh what they weigh on the wire, and no more than they may."""

from gateway.admin.excerpts import Excerpts


def test_each_has_its_measure_and_all_together_theirs() -> None:
    room = Excerpts(20)
    assert room.of("short", 10) == "short"
    assert room.of('"' * 50, 10) == '"…'
    assert room.of("\u202eabc", 40) == "\N{REPLACEMENT CHARACTER}abc"
    assert room.left == 3
    assert room.of("é" * 50, 40) == "é…"
    assert room.of("more", 40) == "m…"
    assert (room.of("gone", 40), room.of("", 40), room.of(None, 40)) == ("…", "", "")
