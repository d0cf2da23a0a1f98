"""What a probe tells of a panel, and the documents that it proposes."""

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.cli.output import Failure
from gateway.cli.probed import Told, check_file, unlisted
from gateway.dialects.book import BOOK
from gateway.dialects.dialect import Dialect
from gateway.dialects.document import read_dialect
from gateway.dialects.evidence import Evidence, Heard, Question
from gateway.dialects.inference import Feature, Inference
from gateway.domain.catalog import Provider, Quirks
from gateway.domain.observations import Balance
from gateway.domain.refusals import Code
from gateway.operations.probe import Probed, Reading
from gateway.storage.documents import Documents, parse

ACME = Provider("acme", "https://panel.example/api/v2", "standard", "EUR", "ACME_KEY")
MARKUP = 'currency = "USD"\nconversion.EUR = 1\n[[rules]]\npercent = "25"\n'


def inference(
    best: str | None = None, draft: Dialect | None = None, undecided: Sequence[str] = ()
) -> Inference:
    features = (Feature("balance", "text 5", ("standard",)),)
    return Inference(features, {"standard": 3, "smmia": 1}, 4, best, draft, tuple(undecided))


def probed(found: Inference, read_by: str = "standard", **more: object) -> Probed:
    evidence = Evidence({Question.BALANCE: Heard(200, b"{}")})
    made = Probed(found, evidence.heard, {}, "", BOOK[read_by], (), None)
    return replace(made, **more)


def table(told: Told) -> Provider:
    """The proposal, taken into providers.toml as it stands."""
    name = told.named or told.provider.name
    own = {} if name in BOOK else {name: 'base = "standard"'}
    return parse(Documents(told.proposal(), "", MARKUP, own)).providers[told.provider.name]


def test_a_proposal_says_what_the_document_says_with_the_dialect_that_was_seen() -> None:
    quirks = Quirks(
        order_field="id",
        refusal_fields=("msg", "reason"),
        page_size=50,
        decodes_twice=True,
        texts=(('Say "no"', Code.FUNDS), ("Closed", Code.MAINTENANCE)),
    )
    provider = replace(ACME, poll_seconds=5, calls_per_minute=50, quirks=quirks)
    told = Told(probed(inference("smmbros")), provider, configured=True)
    assert table(told) == replace(provider, dialect="smmbros")
    assert told.differs
    assert "timeout_seconds" not in told.proposal()


def test_a_panel_of_no_document_gets_what_was_seen_of_it() -> None:
    provider = unlisted("https://www.panel-one.example/api/v2", "NEW_KEY")
    told = Told(
        probed(inference("standard"), balance=Balance(Decimal(5), "EUR")),
        provider,
        configured=False,
    )
    assert tomllib.loads(told.proposal())["providers"] == {
        "panel-one": {
            "url": "https://www.panel-one.example/api/v2",
            "dialect": "standard",
            "currency": "EUR",
            "key_env": "NEW_KEY",
        }
    }
    assert "# as its balance says" in told.proposal()
    assert not told.differs
    constant = probed(inference("smmia"), "smmia", balance=Balance(Decimal(5), "USD"))
    assert "look at an invoice" in Told(constant, provider, configured=False).proposal()
    nothing = Told(probed(inference()), provider, configured=False).proposal()
    assert 'dialect = "standard"   # not decided' in nothing
    assert "it does not say which" in nothing


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://panel.example/api", "panel"),
        ("https://api.acme.example.org/", "acme"),
        ("http://127.0.0.1:8090/api/v2", "panel"),
        ("https://9gag.example/", "panel"),
    ],
)
def test_a_panel_is_named_after_its_host(url: str, name: str) -> None:
    assert unlisted(url, "X_KEY").name == name


@pytest.mark.parametrize(
    ("url", "key_env", "wrong"),
    [
        ("http://panel.example", "X", "url: should be https://"),
        ("panel.example", "X", "url: is not a URL"),
        ("https://[", "X", "url: is not a URL"),
        ("https://a.example", "secret", "key_env: should be a variable's name in capitals"),
    ],
)
def test_an_address_is_judged_as_in_a_document(url: str, key_env: str, wrong: str) -> None:
    with pytest.raises(Failure, match=wrong):
        unlisted(url, key_env)


def test_where_nothing_can_be_told_it_says_why() -> None:
    silent = {Question.BALANCE: "ConnectError: refused", Question.SERVICES: "ConnectError: refused"}
    nothing = replace(inference(), features=())
    cases = {
        "it refuses the key in ACME_KEY: Invalid API key": probed(
            inference(), refused="Invalid API key"
        ),
        "cannot be reached: ConnectError: refused$": probed(nothing, heard={}, silent=silent),
        "is the address right\\? balance: no JSON: <html>": probed(
            replace(nothing, undecided=("the dialect: too few", "balance: no JSON: <html>"))
        ),
    }
    for words, found in cases.items():
        with pytest.raises(Failure, match=words):
            Told(found, ACME, configured=True)


def test_it_is_clear_once_all_is_understood_or_a_dialect_is_found() -> None:
    odd = (
        Reading("balance", understood=True, answer=""),
        Reading("x", understood=False, answer=""),
    )
    assert not Told(probed(inference("standard"), readings=odd), ACME, configured=True).is_clear
    assert Told(probed(inference("standard"), readings=odd[:1]), ACME, configured=True).is_clear
    assert Told(probed(inference("standard"), readings=odd), ACME, configured=False).is_clear
    assert not Told(probed(inference()), ACME, configured=False).is_clear


def test_a_draft_is_written_where_no_dialect_fits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = read_dialect("draft", 'base = "smmia"\n[balance]\namount = "credit"\n')
    file = tmp_path / "config" / "dialects" / "own.toml"
    told = Told(probed(inference(draft=own)), ACME, configured=True, named="own")
    assert told.facts()["differs"] is True
    assert table(told).dialect == "own"
    check_file(file, force=False)
    told.write_draft(file)
    assert read_dialect("draft", file.read_text()).spelling == own.spelling
    with pytest.raises(Failure, match="is there already"):
        check_file(file, force=False)
    check_file(file, force=True)
    other = tmp_path / "other.toml"
    Told(probed(inference("smmia")), ACME, configured=True).write_draft(other)
    assert not other.exists()
    assert "the dialect smmia fits" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["own.txt", "1st.toml", "standard.toml", "Smmia.toml"])
def test_a_draft_has_a_name_that_a_provider_can_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(Failure):
        check_file(tmp_path / name, force=True)


def test_people_are_told_what_programs_are(capsys: pytest.CaptureFixture[str]) -> None:
    readings = (Reading("balance", understood=True, answer="5.00 [EUR]"),)
    told = Told(
        probed(
            inference("smmbros", undecided=["words of types that nobody knows: Odd"]),
            readings=readings,
            silent={Question.SERVICES: "no time"},
        ),
        ACME,
        configured=True,
    )
    told.show()
    shown = capsys.readouterr()
    for words in ("text 5", "5.00 [EUR]", "no answer: no time", "nobody knows: Odd", "comments"):
        assert words in shown.out
    assert "The best dialect: smmbros (standard 3 of 4, smmia 1 of 4)" in shown.out
    assert "[providers.acme]" in shown.out
    assert "configured as standard, which is not what was seen" in shown.err.replace("\n", " ")
