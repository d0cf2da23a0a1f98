"""Documents of dialects beside the three: read, checked, known by the same fingerprint."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.dialects.book import BOOK, spoken_by
from gateway.domain.services import ServiceType
from gateway.storage.documents import DocumentErrors, Documents, parse, read_folder
from gateway.storage.documents_texts import DIALECT_BYTES_MAX, DIALECTS_MAX

OWN = """\
base = "smmbros"
intervals = [10, 30]

[fields]
link = "target"
"""
PROVIDERS = """\
[providers.acme]
url = "https://panel.example/api/v2"
dialect = "own-words"
currency = "USD"

[providers.beta]
url = "https://other.example/api/v2"
dialect = "standard"
currency = "USD"
"""
MARKUP = 'currency = "USD"\n[[rules]]\npercent = "25"\n'
GOOD = Documents(PROVIDERS, "", MARKUP, {"own-words": OWN})


def complaints(documents: Documents) -> list[str]:
    with pytest.raises(DocumentErrors) as raised:
        parse(documents)
    return [str(error) for error in raised.value.errors]


def write(folder: Path, documents: Documents) -> Path:
    (folder / "dialects").mkdir()
    for file, text in documents.texts.items():
        (folder / file).write_text(text)
    return folder


def test_a_provider_speaks_the_dialect_of_a_document() -> None:
    found = parse(GOOD)
    acme, beta = found.providers["acme"], found.providers["beta"]
    assert (acme.dialect, acme.document, beta.document) == ("own-words", OWN, "")
    assert found.speech == {"acme": spoken_by(acme), "beta": BOOK["standard"]}
    spelling = spoken_by(acme).spelling
    assert spelling.name == "own-words"
    assert spelling.requests.intervals == (10, 30)
    assert spelling.requests.names["link"] == "target"


def test_a_changed_dialect_is_a_changed_provider() -> None:
    changed = replace(GOOD, dialects={"own-words": OWN.replace("30", "60")})
    before, after = parse(GOOD).providers, parse(changed).providers
    assert before["acme"] != after["acme"]
    assert before["beta"] == after["beta"]


def test_dialects_are_part_of_the_fingerprint() -> None:
    plain = replace(GOOD, dialects={})
    assert plain.sha256 == Documents(PROVIDERS, "", MARKUP).sha256
    both = {"a": "x", "b": "y"}
    prints = {
        plain.sha256,
        GOOD.sha256,
        replace(GOOD, dialects={"own-word": OWN}).sha256,
        replace(GOOD, dialects={"own-words": f"{OWN}\n"}).sha256,
        replace(GOOD, dialects=both).sha256,
        replace(GOOD, dialects={"a": "y", "b": "x"}).sha256,
    }
    assert len(prints) == 6
    assert replace(GOOD, dialects={"b": "y", "a": "x"}) == replace(GOOD, dialects=both)
    assert replace(GOOD, dialects={"b": "y", "a": "x"}).sha256 in prints


def test_a_folder_has_them_in_a_folder_of_their_own(tmp_path: Path) -> None:
    folder = write(tmp_path, replace(GOOD, dialects={"own-words": OWN, "b": "# cafe\u0301"}))
    for name in (".own-words.toml", "own-words.toml~", "notes.txt"):
        (folder / "dialects" / name).write_text("an editor's")
    assert read_folder(folder) == replace(GOOD, dialects={"own-words": OWN, "b": "# caf\u00e9"})
    assert list(read_folder(folder).texts)[3:] == ["dialects/b.toml", "dialects/own-words.toml"]


def test_a_folder_without_dialects_is_as_before(tmp_path: Path) -> None:
    folder = write(tmp_path, replace(GOOD, dialects={}))
    assert read_folder(folder).dialects == {}
    (folder / "dialects").rmdir()
    assert read_folder(folder).dialects == {}


def test_what_cannot_be_read_is_told_for_each(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD)
    (folder / "dialects" / "a.toml").mkdir()
    (folder / "dialects" / "b.toml").write_bytes(b"# one\n# \xff\n")
    (folder / "dialects" / "c.toml").write_text("#" * (DIALECT_BYTES_MAX + 1))
    with pytest.raises(DocumentErrors) as raised:
        read_folder(folder)
    assert str(raised.value).splitlines() == [
        "dialects/a.toml: cannot be read: Is a directory",
        "dialects/b.toml:2: is not UTF-8",
        "dialects/c.toml: is larger than 65,536 bytes",
    ]


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    for file, text in replace(GOOD, dialects={}).texts.items():
        (tmp_path / file).write_text(text)
    (tmp_path / "dialects").write_text("")
    with pytest.raises(DocumentErrors, match=r"^dialects: cannot be read: Not a directory$"):
        read_folder(tmp_path)


def test_there_are_at_most_a_hundred(tmp_path: Path) -> None:
    many = {f"d{number}": OWN for number in range(DIALECTS_MAX)}
    assert parse(replace(GOOD, providers="", dialects=many)).providers == {}
    more = {**many, "own-words": OWN}
    assert complaints(replace(GOOD, dialects=more)) == [
        "dialects: 101 dialects are too many: at most 100"
    ]
    folder = write(tmp_path, replace(GOOD, dialects=more))
    with pytest.raises(DocumentErrors, match=r"^dialects: 101 dialects are too many: at most 100$"):
        read_folder(folder)


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("1st", OWN, "dialects/1st.toml: a name is a letter, then letters, digits, - and _"),
        ("a b", OWN, "dialects/a b.toml: a name is a letter, then letters, digits, - and _"),
        ("a" * 41, OWN, f"dialects/{'a' * 41}.toml: a name is a letter, then letters, digits"),
        ("standard", OWN, 'dialects/standard.toml: "standard" is built in: give this dialect'),
        ("Smmia", OWN, 'dialects/Smmia.toml: "smmia" is built in: give this dialect another name'),
        ("b", " \n", "dialects/b.toml: is empty: say at least which dialect it starts from"),
        ("b", "#" * 65_537, "dialects/b.toml: is larger than 65,536 bytes"),
        ("b", "\na = ", "dialects/b.toml:2: is not TOML: Invalid value"),
        ("b", "a = 1\na = 2", "dialects/b.toml:2: is not TOML: Cannot overwrite a value"),
        ("b", f"{OWN}\n[fieds]", 'dialects/b.toml:7: fieds: unknown key "fieds"; did you mean'),
        ("b", "\nbase = 'x'", 'dialects/b.toml:2: base: unknown base "x"; known here: keralasmm'),
        ("b", "intervals = [\n5,\n-1]", "dialects/b.toml:3: intervals[1]: should be a whole"),
    ],
)
def test_what_is_wrong_with_a_dialect(name: str, text: str, complaint: str) -> None:
    (found,) = complaints(replace(GOOD, dialects={"own-words": OWN, name: text}))
    assert found.startswith(complaint)


def test_a_provider_of_no_dialect_is_asked_what_it_meant() -> None:
    text = PROVIDERS.replace("own-words", "own-wrds")
    assert complaints(replace(GOOD, providers=text)) == [
        'providers.toml:3: providers.acme.dialect: unknown dialect "own-wrds"; did you mean'
        ' "own-words"?'
    ]


def test_a_dialect_with_a_fault_of_its_own_is_known_all_the_same() -> None:
    assert complaints(replace(GOOD, dialects={"own-words": "base = 3"})) == [
        'dialects/own-words.toml:1: base: unknown base "3"; known here: keralasmm, smmbros,'
        " smmia, smmserver, standard"
    ]


SERVICE = """\
[[services]]
id = 1
name = "One"
category = "Any"
offers = ["beta:1", "acme:2"]
type = "{}"
"""


def test_a_type_that_a_dialect_has_no_words_for_is_told_for_each_offer() -> None:
    assert complaints(replace(GOOD, services=SERVICE.format("poll"))) == [
        'services.toml:5: services[0].offers[1]: "acme:2": the dialect own-words has no type Poll'
    ]
    found = parse(replace(GOOD, services=SERVICE.format("Custom-comments")))
    assert found.services[1].kind is ServiceType.CUSTOM_COMMENTS


def test_a_subscription_without_posts_wants_a_bound() -> None:
    documents = replace(
        GOOD,
        providers=PROVIDERS.replace("own-words", "smmia"),
        services=SERVICE.format("Subscriptions"),
    )
    assert complaints(documents) == [
        'services.toml:5: services[0].offers[1]: "acme:2": the dialect smmia has no posts, so that'
        " the service wants posts_max"
    ]
    bound = replace(documents, services=documents.services + "posts_max = 30\n")
    assert parse(bound).services[1].posts_max == 30
