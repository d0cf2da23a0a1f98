import pytest

from gateway.dialects.book import BOOK, dialect


def test_every_dialect_is_found_by_its_name() -> None:
    assert "standard" in BOOK
    for name in BOOK:
        assert dialect(name).name == name


def test_an_unknown_name() -> None:
    with pytest.raises(KeyError):
        dialect("nowhere")
