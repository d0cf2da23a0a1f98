"""Bodies in any pieces, within their bound."""

import gzip
import random

import pytest

from gateway.upstream.inflow import Inflow, Unreadable

TEXT = b'{"order": 23501}' * 400


def pieces(body: bytes, chance: random.Random) -> list[bytes]:
    cuts = sorted(chance.choices(range(len(body) + 1), k=5))
    return [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]


@pytest.mark.parametrize("encoding", ["", "identity", "gzip", "x-gzip"])
def test_any_pieces_make_the_whole(encoding: str) -> None:
    chance = random.Random(7)  # noqa: S311  a test's pieces, not a secret
    body = gzip.compress(TEXT) if "gzip" in encoding else TEXT
    for _ in range(50):
        inflow = Inflow(encoding, len(TEXT))
        for piece in pieces(body, chance):
            inflow.take(piece)
        assert inflow.whole() == inflow.so_far() == TEXT


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_one_byte_too_many(encoding: str) -> None:
    inflow = Inflow(encoding, len(TEXT) - 1)
    with pytest.raises(Unreadable, match="over 6399 bytes"):
        inflow.take(gzip.compress(TEXT) if encoding else TEXT)
    assert inflow.so_far() == TEXT


def test_nothing_grows_past_the_bound() -> None:
    inflow = Inflow("gzip", 1_000)
    with pytest.raises(Unreadable, match="over 1000 bytes"):
        inflow.take(gzip.compress(bytes(10_000_000)))
    assert len(inflow.so_far()) == 1_001


def test_a_compressed_body_that_unfolds_to_nothing_is_bounded_too() -> None:
    inflow = Inflow("gzip", 1_000)
    inflow.take(gzip.compress(b"")[:10])
    with pytest.raises(Unreadable, match="over 1000 bytes"):
        inflow.take(b"\x00\x00\x00\xff\xff" * 300)  # stored blocks of length 0


@pytest.mark.parametrize("cut", [0, 5, 20, -8, -1])
def test_a_cut_is_never_whole(cut: int) -> None:
    inflow = Inflow("gzip", 10_000)
    inflow.take(gzip.compress(TEXT)[:cut])
    with pytest.raises(Unreadable, match="cut short"):
        inflow.whole()


def test_damage_tails_and_strange_encodings() -> None:
    with pytest.raises(Unreadable, match="damaged"):
        Inflow("gzip", 100).take(b"no gzip at all")
    with pytest.raises(Unreadable, match="bytes after"):
        Inflow("gzip", 10_000).take(gzip.compress(TEXT) + b"x")
    with pytest.raises(Unreadable, match="'br'"):
        Inflow("br", 100)
