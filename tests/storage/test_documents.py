import time
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.dialects.book import spoken_by
from gateway.domain.catalog import (
    Catalog,
    Denied,
    Markup,
    Match,
    OfferRef,
    Provider,
    Rule,
    Service,
)
from gateway.domain.services import ServiceType
from gateway.storage.documents import (
    FILE_BYTES_MAX,
    DocumentError,
    DocumentErrors,
    Documents,
    parse,
    read_folder,
    schemas,
)

PROVIDERS = """\
[providers.acme]
url = "https://panel.example/api/v2"
dialect = "standard"
currency = "USD"

[providers.other-one]
url = "http://127.0.0.1:8090/api/v2"
dialect = "standard"
currency = "EUR"
key_env = "OTHER"
timeout_seconds = 30
late_seconds = 300
poll_seconds = 5
sync_seconds = 20
in_flight_max = 2
"""
SERVICES = """\
[[services]]
id = 1
name = "Followers, worldwide"
category = "Instagram followers"
offers = ["acme:101", "other-one:55"]

[[services]]
id = 9007199254740991
name = "Comments"
category = "Comments"
offers = [
  "acme:UC-881",   # not a number everywhere
]
description = "Yours"
enabled = false
type = "custom_comments"
quantity_min = 5
quantity_max = 5
refill = true
cancel = false
drip_feed = false
"""
MARKUP = """\
currency = "USD"
round_up_to = "0.001"
margin_min_percent = 4

[conversion]
EUR = "1.16"

[deny]
categories = ["Adult*"]
types = ["Poll"]
words = ["casino"]

[[rules]]
match = { category = "Instagram*", cost_max = "2", type = "default", group = "gold" }
percent = "40"
fixed = "0.05"
round_up_to = "0.01"
margin_min_percent = "0"

[[rules]]
match = { service = 1, provider = "ACME", customer = "b*", cost_min = "0.5" }
rate = 3

[[rules]]
percent = "25"
"""
MARKUP_OF_NONE = "currency = 'USD'\n[[rules]]\nrate = 1"
GOOD = Documents(PROVIDERS, SERVICES, MARKUP)


def complaints(
    providers: str = PROVIDERS, services: str = SERVICES, markup: str = MARKUP
) -> list[str]:
    with pytest.raises(DocumentErrors) as raised:
        parse(Documents(providers, services, markup))
    assert str(raised.value) == "\n".join(str(error) for error in raised.value.errors)
    return [str(error) for error in raised.value.errors]


def cases(text: str) -> list[tuple[str, str, str]]:
    """`old => new` with | for line breaks, and the complaint about it on the next line."""
    lines = text.strip("\n").split("\n")
    changes = (line.replace("|", "\n").partition(" =>") for line in lines[::2])
    complaints = (line.strip() for line in lines[1::2])
    return [
        (old, new.removeprefix(" "), complaint)
        for (old, _, new), complaint in zip(changes, complaints, strict=True)
    ]


def swapped(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_three_documents_make_a_catalog() -> None:
    acme = Provider("acme", "https://panel.example/api/v2", "standard", "USD", "ACME_KEY")
    url = "http://127.0.0.1:8090/api/v2"
    other = Provider("other-one", url, "standard", "EUR", "OTHER", 30, 300, 5, 20, 2)
    followers = Service(
        1,
        "Followers, worldwide",
        "Instagram followers",
        (OfferRef("acme", "101"), OfferRef("other-one", "55")),
    )
    comments = Service(
        id=2**53 - 1,
        name="Comments",
        category="Comments",
        offers=(OfferRef("acme", "UC-881"),),
        description="Yours",
        enabled=False,
        kind=ServiceType.CUSTOM_COMMENTS,
        quantity_min=5,
        quantity_max=5,
        refill=True,
        cancel=False,
        drip_feed=False,
    )
    gold = Match(category="Instagram*", cost_max=Decimal(2), kind=ServiceType.DEFAULT, group="gold")
    bobs = Match(service=1, provider="ACME", customer="b*", cost_min=Decimal("0.5"))
    step, least = Decimal("0.001"), Decimal(4)
    rules = (
        Rule(1, gold, Decimal(40), Decimal("0.05"), None, Decimal("0.01"), Decimal(0)),
        Rule(2, bobs, None, None, Decimal(3), step, least),
        Rule(3, Match(), Decimal(25), None, None, step, least),
    )
    denied = Denied(("Adult*",), ("Poll",), ("casino",))
    assert parse(GOOD, 12) == Catalog(
        number=12,
        providers={"acme": acme, "other-one": other},
        services={1: followers, 2**53 - 1: comments},
        markup=Markup("USD", rules, {"EUR": Decimal("1.16")}, denied),
        speech={"acme": spoken_by(acme), "other-one": spoken_by(other)},
    )


def test_what_is_left_out_has_its_usual_value() -> None:
    found = parse(Documents("", "", 'currency = "USD"\n[[rules]]\nfixed = "1"'))
    assert (found.number, found.providers, found.services) == (0, {}, {})
    assert found.markup == Markup("USD", (Rule(1, Match(), fixed=Decimal(1)),))
    assert found.markup.rules[0].round_up_to == Decimal("0.0001")
    assert found.markup.rules[0].margin_min_percent == 0


def test_the_sample_documents_are_sound() -> None:
    found = parse(read_folder(Path(__file__).parents[2] / "config"))
    assert sorted(found.services) == list(range(1, 9))
    assert list(found.providers) == ["sandbox"]
    assert found.providers["sandbox"].key_env == "SANDBOX_KEY"


WRONG_SERVICES = r"""
"acme:101" => "acm:101"
  services.toml:5: services[0].offers[0]: unknown provider "acm"; did you mean "acme"?
"acme:101" => "zzz:101"
  services.toml:5: services[0].offers[0]: unknown provider "zzz"; known here: acme, other-one
"acme:101" => "acme101"
  services.toml:5: services[0].offers[0]: "acme101" should be provider:id, as in "acme:101"
"acme:101" => "acme:1 1"
  services.toml:5: services[0].offers[0]: "acme:1 1" should be provider:id, as in "acme:101"
"other-one:55" => "acme:101"
  services.toml:5: services[0].offers[1]: "acme:101" stands here twice
"acme:UC-881" => "nope:1"
  services.toml:12: services[1].offers[0]: unknown provider "nope"; known here: acme, other-one
["acme:101", "other-one:55"] => []
  services.toml:5: services[0].offers: should not be empty
["acme:101", "other-one:55"] => "acme:101"
  services.toml:5: services[0].offers: should be a list
["acme:101", "other-one:55"] => [1]
  services.toml:5: services[0].offers[0]: should be text in quotes
id = 1| =>
  services.toml:1: services[0].id: is missing
id = 1| => id = 0|
  services.toml:2: services[0].id: should be at least 1
id = 1| => id = 9007199254740992|
  services.toml:2: services[0].id: should be at most 9007199254740991
id = 1| => id = 9007199254740991|
  services.toml:8: services[1].id: 9007199254740991 is the id of services[0] already
id = 1| => id = "1"|
  services.toml:2: services[0].id: should be a whole number
id = 1| => id = true|
  services.toml:2: services[0].id: should be a whole number
id = 1| => id = 1.0|
  services.toml:2: services[0].id: should be a whole number
"Followers, worldwide" => 7
  services.toml:3: services[0].name: should be text in quotes
"Followers, worldwide" => " "
  services.toml:3: services[0].name: is empty
"Followers, worldwide" => "a\nb"
  services.toml:3: services[0].name: holds a line break
"Followers, worldwide" => "a\u0007b"
  services.toml:3: services[0].name: holds a control character
"Followers, worldwide" => "a\u202eb"
  services.toml:3: services[0].name: holds a control character
"Followers, worldwide" => "Best CASINO"
  services.toml:1: services[0]: is denied by word "casino" in markup.toml
"Instagram followers" => "adults"
  services.toml:1: services[0]: is denied by category "Adult*" in markup.toml
enabled = false => enabled = 0
  services.toml:15: services[1].enabled: should be true or false
enabled => enbled
  services.toml:15: services[1].enbled: unknown key "enbled"; did you mean "enabled"?
drip_feed => dripfeed
  services.toml:21: services[1].dripfeed: unknown key "dripfeed"; did you mean "drip_feed"?
"custom_comments" => "Pools"
  services.toml:16: services[1].type: unknown type "Pools"; did you mean "Poll"?
"custom_comments" => "Auto Likes"
  services.toml:16: services[1].type: unknown type "Auto Likes"; did you mean "Comment Likes"?
"custom_comments" => 7
  services.toml:16: services[1].type: should be text in quotes
quantity_min = 5 => quantity_min = 6
  services.toml:7: services[1]: quantity_min 6 is above quantity_max 5
quantity_max = 5 => quantity_max = 1_000_000_001
  services.toml:18: services[1].quantity_max: should be at most 1000000000
[[services]] => [[service]]
  services.toml:1: service: unknown key "service"; did you mean "services"?
"""


@pytest.mark.parametrize(("old", "new", "complaint"), cases(WRONG_SERVICES))
def test_what_is_wrong_with_a_service(old: str, new: str, complaint: str) -> None:
    markup = swapped(MARKUP, "service = 1, ", "")
    found = complaints(services=swapped(SERVICES, old, new), markup=markup)
    assert found == [complaint]


def test_names_and_lists_of_offers_have_a_bound() -> None:
    name = swapped(SERVICES, "Followers, worldwide", "x" * 501)
    wanted = "services.toml:3: services[0].name: is longer than 500 characters"
    assert complaints(services=name) == [wanted]
    offers = swapped(SERVICES, '"acme:101"', ", ".join(f'"acme:{id_}"' for id_ in range(20)))
    wanted = "services.toml:5: services[0].offers: has more than 20 entries"
    assert complaints(services=offers) == [wanted]


WRONG_PROVIDERS = r"""
https:// => http://
  providers.toml:2: providers.acme.url: should be https:// (http:// only for this machine)
https:// => ftp://
  providers.toml:2: providers.acme.url: should be https:// (http:// only for this machine)
https:// =>
  providers.toml:2: providers.acme.url: is not a URL of the form https://host/path
https:// => https://me:secret@
  providers.toml:2: providers.acme.url: is not a URL of the form https://host/path
panel.example => [::
  providers.toml:2: providers.acme.url: is not a URL
panel.example => panel.example:99999
  providers.toml:2: providers.acme.url: is not a URL
api/v2 => api/v2?key=1
  providers.toml:2: providers.acme.url: has a query or a fragment: only https://host/path
127.0.0.1 => 128.0.0.1
  providers.toml:7: providers.other-one.url: should be https:// (http:// only for this machine)
127.0.0.1 => localhost.example
  providers.toml:7: providers.other-one.url: should be https:// (http:// only for this machine)
"standard" => "standart"
  providers.toml:3: providers.acme.dialect: unknown dialect "standart"; did you mean "standard"?
currency = "USD"| =>
  providers.toml:1: providers.acme.currency: is missing
"USD" => "usd"
  providers.toml:4: providers.acme.currency: should be 3 to 5 capital letters, as in USD
"USD" => "US"
  providers.toml:4: providers.acme.currency: should be 3 to 5 capital letters, as in USD
"OTHER" => "other"
  providers.toml:10: providers.other-one.key_env: should be a variable's name in capitals
timeout_seconds = 30 => timeout_seconds = 301
  providers.toml:11: providers.other-one.timeout_seconds: should be at most 300
late_seconds = 300 => late_seconds = 0
  providers.toml:12: providers.other-one.late_seconds: should be at least 1
in_flight_max = 2 => in_flight_max = 257
  providers.toml:15: providers.other-one.in_flight_max: should be at most 256
key_env => key
  providers.toml:10: providers.other-one.key: unknown key "key"; did you mean "key_env"?
"""


@pytest.mark.parametrize(("old", "new", "complaint"), cases(WRONG_PROVIDERS))
def test_what_is_wrong_with_a_provider(old: str, new: str, complaint: str) -> None:
    assert complaints(providers=swapped(PROVIDERS, old, new)) == [complaint]


@pytest.mark.parametrize("host", ["127.0.0.1:1", "127.9.9.9", "[::1]:8090", "localhost:80"])
def test_this_machine_may_be_asked_without_tls(host: str) -> None:
    text = swapped(PROVIDERS, "127.0.0.1:8090", host)
    assert (
        parse(Documents(text, SERVICES, MARKUP)).providers["other-one"].url
        == f"http://{host}/api/v2"
    )


@pytest.mark.parametrize("name", ["1acme", "a b", "a:b", "-a", "a" * 41])
def test_a_providers_name_can_stand_in_an_offer_and_a_variable(name: str) -> None:
    text = f'{PROVIDERS}\n[providers."{name}"]\nurl = "https://a.example"\ndialect = "standard"\n'
    (found,) = complaints(providers=text + 'currency = "USD"')
    wanted = "a name is a letter, then letters, digits, - and _, at most 40"
    assert found == f"providers.toml:17: providers.{name}: {wanted}"


def test_providers_are_tables() -> None:
    assert complaints("providers = 3", "", MARKUP_OF_NONE) == [
        "providers.toml:1: providers: should be written as [providers.NAME] tables"
    ]
    assert complaints("[providers]\nacme = 3\n", "", MARKUP_OF_NONE) == [
        "providers.toml:2: providers.acme: should be a table"
    ]


NOT_AN_AMOUNT = 'is not an amount: write amounts in quotes, as in "0.25"'


WRONG_MARKUPS = r"""
"40" => 40.5
  markup.toml:15: rules[0].percent: write amounts in quotes, as in "0.25"
"40" => nan
  markup.toml:15: rules[0].percent: write amounts in quotes, as in "0.25"
"40" => 1e99999999999999999999
  markup.toml:15: rules[0].percent: write amounts in quotes, as in "0.25"
"40" => "NaN"
  markup.toml:15: rules[0].percent: is not an amount: write amounts in quotes, as in "0.25"
"40" => "1,5"
  markup.toml:15: rules[0].percent: is not an amount: write amounts in quotes, as in "0.25"
"40" => "40 %"
  markup.toml:15: rules[0].percent: is not an amount: write amounts in quotes, as in "0.25"
"40" => true
  markup.toml:15: rules[0].percent: is not an amount: write amounts in quotes, as in "0.25"
"40" => [40]
  markup.toml:15: rules[0].percent: is not an amount: write amounts in quotes, as in "0.25"
"40" => 9007199254740992
  markup.toml:15: rules[0].percent: is not an amount: write amounts in quotes, as in "0.25"
"40" => "1e12"
  markup.toml:15: rules[0].percent: should be below 1000000000000, with 12 decimals at most
"40" => "0.0000000000001"
  markup.toml:15: rules[0].percent: should be below 1000000000000, with 12 decimals at most
"40" => "-100.01"
  markup.toml:15: rules[0].percent: is below -100
"0.05" => "-0.05"
  markup.toml:16: rules[0].fixed: is below 0
"0.01" => 0
  markup.toml:17: rules[0].round_up_to: should be above 0
margin_min_percent = "0" => margin_min_percent = "-1"
  markup.toml:18: rules[0].margin_min_percent: is below 0
fixed = "0.05" => rate = "1"
  markup.toml:13: rules[0]: wants either percent and/or fixed, or rate
rate = 3 =>
  markup.toml:20: rules[1]: wants either percent and/or fixed, or rate
rate = 3 => rate = 0
  markup.toml:22: rules[1].rate: should be above 0
"25" => "-1"
  markup.toml:24: rules[2]: a percent below 0 without a fixed part loses money
percent = "25" => percent = -1|fixed = 0
  markup.toml:24: rules[2]: a percent below 0 without a fixed part loses money
match = { service = 1, provider = "ACME", customer = "b*", cost_min = "0.5" }| =>
  markup.toml:20: rules[1]: matches everything: the rules after it are never reached
percent = "25" => percent = "25"|match = { group = "x" }
  markup.toml:26: rules[2].match: the last rule should match everything, so leave out its match
"ACME" => "ACNE"
  markup.toml:21: rules[1].match.provider: unknown provider "ACNE"; known here: acme, other-one
"ACME" => "acne"
  markup.toml:21: rules[1].match.provider: unknown provider "acne"; did you mean "acme"?
service = 1 => service = 2
  markup.toml:21: rules[1].match.service: no service has the id 2
cost_max => cost_mx
  markup.toml:14: rules[0].match.cost_mx: unknown key "cost_mx"; did you mean "cost_max"?
cost_max = "2" => cost_max = 1, cost_min = 1
  markup.toml:14: rules[0].match: cost_min is not below cost_max
words => wods
  markup.toml:11: deny.wods: unknown key "wods"; did you mean "words"?
"casino" => ""
  markup.toml:11: deny.words[0]: is empty
EUR => eur
  markup.toml:6: conversion.eur: should be 3 to 5 capital letters, as in USD
EUR => GBP
  markup.toml:5: conversion.EUR: is missing: the provider "other-one" charges in EUR
EUR = "1.16" => EUR = "1.16"|USD = "1"
  markup.toml:7: conversion.USD: is the house currency: it needs no conversion
"1.16" => "0"
  markup.toml:6: conversion.EUR: should be above 0
round_up_to => roundup
  markup.toml:2: roundup: unknown key "roundup"; did you mean "round_up_to"?
currency = "USD"| =>
  markup.toml: currency: is missing
"""


@pytest.mark.parametrize(("old", "new", "complaint"), cases(WRONG_MARKUPS))
def test_what_is_wrong_with_the_markup(old: str, new: str, complaint: str) -> None:
    assert complaints(markup=swapped(MARKUP, old, new)) == [complaint]


@pytest.mark.parametrize("rules", ["", "rules = []"])
def test_there_is_at_least_one_rule(rules: str) -> None:
    (found,) = complaints(PROVIDERS.replace("EUR", "USD"), "", f'{rules}\ncurrency = "USD"')
    assert found.endswith("rules: there should be at least one [[rules]] table")


def test_all_that_is_wrong_is_told_at_once_and_in_order() -> None:
    found = complaints(
        swapped(PROVIDERS, "https", "http"),
        swapped(swapped(SERVICES, "acme:101", "acm:101"), "id = 1\n", ""),
        swapped(swapped(MARKUP, '"25"', "25.5"), "EUR", "GBP"),
    )
    assert [each.split(" ")[0] for each in found] == [
        "markup.toml:5:",
        "markup.toml:25:",
        "providers.toml:2:",
        "services.toml:1:",
    ]


def test_a_provider_with_a_fault_of_its_own_is_known_all_the_same() -> None:
    assert complaints(providers=swapped(PROVIDERS, "https", "http")) == [
        "providers.toml:2: providers.acme.url: should be https:// (http:// only for this machine)"
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a = ", "1: is not TOML: Invalid value"),
        ("\n[providers", "2: is not TOML: Expected ']' at the end of a table declaration"),
        ("a = 1\na = 2\n", "2: is not TOML: Cannot overwrite a value"),
        ("a = " + "[" * 5_000, " is nested too deeply"),
    ],
)
def test_what_is_not_toml_says_where(text: str, complaint: str) -> None:
    assert complaints(providers=text) == [f"providers.toml:{complaint}"]


def test_a_whole_number_of_thousands_of_digits_is_no_crash() -> None:
    (found,) = complaints(providers="a = " + "9" * 5_000)
    assert found.startswith("providers.toml: is not TOML: Exceeds the limit")


def test_at_most_fifty_faults_are_told() -> None:
    many = "".join(f"[[services]]\nid = {id_}\n" for id_ in range(100))
    assert len(complaints(services=many)) == 50


def test_too_many_entries_are_refused() -> None:
    rules = MARKUP + '[[rules]]\npercent = "1"\n' * 1_000
    assert "markup.toml: rules: 1,003 are too many: at most 1,000" in complaints(markup=rules)


def test_texts_are_kept_in_composed_form() -> None:
    text = swapped(SERVICES, "Followers, worldwide", r"Cafe\u0301 ")
    assert parse(Documents(PROVIDERS, text, MARKUP)).services[1].name == "Caf\u00e9"


def test_ten_thousand_services_are_read_in_a_moment() -> None:
    one = '[[services]]\nid = {}\nname = "Number {}"\ncategory = "Likes"\noffers = ["acme:{}"]\n'
    services = "\n".join(one.format(id_, id_, id_) for id_ in range(1, 10_001))
    began = time.process_time()
    assert (
        len(
            parse(
                Documents(
                    PROVIDERS,
                    services,
                    "currency = 'USD'\nconversion.EUR = 1\n[[rules]]\nfixed = 1",
                )
            ).services
        )
        == 10_000
    )
    assert time.process_time() - began < 5
    wrong = services.replace("acme:9999", "acm:9999")
    (found,) = complaints(services=wrong, markup=swapped(MARKUP, "service = 1, ", ""))
    assert found.startswith("services.toml:59993: services[9998].offers[0]: unknown provider")


def write(folder: Path, documents: Documents = GOOD) -> Path:
    for file, text in documents.texts.items():
        (folder / file).write_text(text)
    return folder


def test_a_folder_is_read(tmp_path: Path) -> None:
    assert read_folder(write(tmp_path)) == GOOD
    (tmp_path / "services.toml").write_bytes(b"\xef\xbb\xbf# Cafe\xcc\x81\r\n")
    assert read_folder(tmp_path).services == "# Caf\u00e9\r\n"


def test_what_cannot_be_read_is_told_for_each_file(tmp_path: Path) -> None:
    (tmp_path / "providers.toml").write_bytes(b"# one\n# two \xff\n")
    (tmp_path / "services.toml").mkdir()
    with pytest.raises(DocumentErrors) as raised:
        read_folder(tmp_path)
    assert raised.value.errors == (
        DocumentError("providers.toml", 2, "", "is not UTF-8"),
        DocumentError("services.toml", None, "", "cannot be read: Is a directory"),
        DocumentError("markup.toml", None, "", f"is not in the folder {tmp_path}"),
    )
    assert str(raised.value).splitlines()[0] == "providers.toml:2: is not UTF-8"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "services.toml").write_bytes(b"#" * FILE_BYTES_MAX)
    assert len(read_folder(tmp_path).services) == FILE_BYTES_MAX
    (tmp_path / "services.toml").write_bytes(b"#" * (FILE_BYTES_MAX + 1))
    with pytest.raises(DocumentErrors, match=r"^services.toml: is larger than 16,777,216 bytes$"):
        read_folder(tmp_path)


def test_a_text_that_is_too_long_is_refused() -> None:
    (found,) = complaints(services="#" * (FILE_BYTES_MAX + 1))
    assert found == "services.toml: is longer than 16,777,216 characters"


def test_the_fingerprint_is_of_all_three() -> None:
    prints = {
        GOOD.sha256,
        Documents(SERVICES, PROVIDERS, MARKUP).sha256,
        Documents(PROVIDERS, SERVICES, MARKUP + " ").sha256,
        Documents(PROVIDERS + "[", SERVICES.removeprefix("["), MARKUP).sha256,
    }
    assert len(prints) == 4
    assert Documents(PROVIDERS, SERVICES, MARKUP).sha256 == GOOD.sha256
    digits = "1a03c02fb531d7e1ce353b2f20711c79af2b66730d6de865fb130734973ccd2c"
    assert Documents("", "", "").sha256 == digits


def test_editors_get_a_schema_for_each_document() -> None:
    found = schemas()
    assert list(found) == ["providers.toml", "services.toml", "markup.toml"]
    for schema in found.values():
        assert schema["additionalProperties"] is False
        assert schema["type"] == "object"
