from dataclasses import replace

import pytest

from gateway.dialects.book import BOOK, dialect, spoken_by
from gateway.dialects.document import DialectErrors
from gateway.domain.catalog import Provider, Quirks
from gateway.domain.observations import Accepted

ACME = Provider("acme", "https://a.example/", "keralasmm", "USD", "ACME_KEY")


def test_every_dialect_is_found_by_its_name() -> None:
    assert set(BOOK) == {"standard", "keralasmm", "smmserver", "smmbros", "smmia"}
    for name in BOOK:
        assert dialect(name).name == name


def test_an_unknown_name() -> None:
    with pytest.raises(KeyError):
        dialect("nowhere")


def test_a_provider_speaks_its_dialect() -> None:
    assert spoken_by(ACME) is BOOK["keralasmm"]
    with pytest.raises(KeyError):
        spoken_by(replace(ACME, dialect="nowhere"))


def test_a_provider_speaks_with_its_quirks_and_always_alike() -> None:
    odd = replace(ACME, quirks=Quirks(order_field="id"))
    assert spoken_by(odd).read_add(200, b'{"status":"success","id":5}') == Accepted("5")
    assert spoken_by(odd) is spoken_by(replace(odd))


def test_a_provider_speaks_by_its_document() -> None:
    written = replace(ACME, dialect="own", document='[add]\norder = "number"\n')
    assert spoken_by(written).name == "own"
    assert spoken_by(written).read_add(200, b'{"number":5}') == Accepted("5")
    odd = replace(written, quirks=Quirks(id_pattern="x[0-9]+"))
    assert spoken_by(odd).read_add(200, b'{"number":"x5"}') == Accepted("x5")
    with pytest.raises(DialectErrors):
        spoken_by(replace(written, document="["))
