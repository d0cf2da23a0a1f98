"""What one panel does otherwise than its dialect, and what a service says of refills and posts."""

import pytest

from gateway.domain.catalog import Quirks, Service
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType
from gateway.storage.documents import DocumentErrors, Documents, parse, schemas

PROVIDERS = """\
[providers.acme]
url = "https://panel.example/api/v2"
dialect = "standard"
currency = "USD"
"""
QUIRKS = """\
calls_per_minute = 50
order_field = "order_id"
id_pattern = "ord_[0-9A-Z]{8,20}|[1-9][0-9]{0,17}"
refusal_fields = ["msg", "reason"]
page_size = 500
decodes_twice = true
drip_max_total = true
trusts_429 = true

[providers.acme.texts]
"Server is busy" = "rate_limit"
"Sold out" = "unavailable"
"""
SERVICE = """\
[[services]]
id = 1
name = "One"
category = "Any"
offers = ["acme:1"]
"""
MARKUP = 'currency = "USD"\n[[rules]]\npercent = "25"\n'


def complaint(providers: str, services: str = "") -> str:
    with pytest.raises(DocumentErrors) as raised:
        parse(Documents(providers, services, MARKUP))
    (found,) = raised.value.errors
    return str(found)


def service(more: str) -> Service:
    return parse(Documents(PROVIDERS, SERVICE + more, MARKUP)).services[1]


def test_quirks_are_read_and_spoken() -> None:
    found = parse(Documents(PROVIDERS + QUIRKS, "", MARKUP)).providers["acme"]
    assert found.calls_per_minute == 50
    assert found.quirks == Quirks(
        order_field="order_id",
        id_pattern="ord_[0-9A-Z]{8,20}|[1-9][0-9]{0,17}",
        refusal_fields=("msg", "reason"),
        page_size=500,
        decodes_twice=True,
        drip_max_total=True,
        trusts_429=True,
        texts=(("Server is busy", Code.RATE_LIMIT), ("Sold out", Code.UNAVAILABLE)),
    )


def test_a_provider_without_quirks_has_none() -> None:
    found = parse(Documents(PROVIDERS, "", MARKUP)).providers["acme"]
    assert (found.quirks, found.calls_per_minute, found.document) == (Quirks(), None, "")


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("calls_per_minute = 0", "calls_per_minute: should be at least 1"),
        ('order_field = ""', "order_field: is empty"),
        ("order_field = 5", "order_field: should be text in quotes"),
        (f'order_field = "{"x" * 65}"', "order_field: is longer than 64 characters"),
        ('id_pattern = "["', "id_pattern: no regular expression: unterminated character set"),
        ('id_pattern = "(a+)+"', "id_pattern: only literals, classes and at most three repeats"),
        ('id_pattern = "a+b+c+d+"', "id_pattern: only literals, classes and at most three"),
        ('id_pattern = "a?"', 'id_pattern: fits an empty id or "0"'),
        ('id_pattern = "[0-9]+"', 'id_pattern: fits an empty id or "0"'),
        (f'id_pattern = "{"x" * 201}"', "id_pattern: is longer than 200 characters"),
        ("refusal_fields = 'msg'", "refusal_fields: should be a list"),
        ('refusal_fields = ["msg", 1]', "refusal_fields[1]: should be text in quotes"),
        (f"refusal_fields = {['x'] * 11}", "refusal_fields: has more than 10 entries"),
        ("page_size = -1", "page_size: should be at least 1"),
        ("decodes_twice = 1", "decodes_twice: should be true or false"),
        ("trust_429 = true", 'trust_429: unknown key "trust_429"; did you mean "trusts_429"?'),
        ("texts = ['a']", "texts: should be a table"),
        ("texts.Sold = 3", "texts.Sold: should be text in quotes"),
        ('texts.Sold = "unavailble"', 'texts.Sold: unknown meaning "unavailble"; did you mean'),
        ('texts."" = "min"', "texts.: is empty"),
    ],
)
def test_what_is_wrong_with_a_quirk(line: str, wrong: str) -> None:
    found = complaint(f"{PROVIDERS}{line}\n")
    assert found.startswith(f"providers.toml:5: providers.acme.{wrong}"), found


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ('order_field = "error"', 'order_field "error" is where a refusal has its text'),
        (
            'order_field = "msg"\nrefusal_fields = ["msg"]',
            'order_field "msg" is where a refusal has its text',
        ),
        ('refusal_fields = ["status"]', 'refusal_fields: "status" stands in accepted answers too'),
        ('refusal_fields = ["a", "id"]', 'refusal_fields: "id" stands in accepted answers too'),
    ],
)
def test_quirks_that_contradict_each_other(lines: str, wrong: str) -> None:
    assert complaint(f"{PROVIDERS}{lines}\n") == f"providers.toml:1: providers.acme: {wrong}"


def test_every_refusal_that_can_be_meant_is_named() -> None:
    found = complaint(f'{PROVIDERS}texts."x" = "?"')
    assert all(code.value in found for code in Code)


def test_a_service_says_how_long_a_refill_is_granted() -> None:
    found = service("refill_days = 30\nrefill_after_hours = 24\nrefill_partial = true\n")
    assert (found.refill_days, found.refill_after_hours, found.refill_partial) == (30, 24, True)
    found = service("")
    assert (found.refill_days, found.refill_after_hours, found.refill_partial) == (None, 0, False)
    assert (found.posts_max, service("posts_max = 100").posts_max) == (None, 100)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("custom_comments_package", ServiceType.CUSTOM_COMMENTS_PACKAGE),
        ("MENTIONS-WITH  hashtags", ServiceType.MENTIONS_WITH_HASHTAGS),
        ("web traffic", ServiceType.WEB_TRAFFIC),
        ("seo", ServiceType.SEO),
    ],
)
def test_every_type_can_be_named_in_any_spelling(word: str, kind: ServiceType) -> None:
    assert service(f'type = "{word}"').kind is kind


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ("posts_max = 0", "6: services[0].posts_max: should be at least 1"),
        ("posts_max = 10_001", "6: services[0].posts_max: should be at most 10000"),
        ("refill_days = 0", "6: services[0].refill_days: should be at least 1"),
        ("refill_after_hours = -1", "6: services[0].refill_after_hours: should be at least 0"),
        ('refill_partial = "yes"', "6: services[0].refill_partial: should be true or false"),
        (
            'posts_max = 5\ntype = "Package"',
            "1: services[0]: posts_max is for Subscriptions, not for Package",
        ),
        (
            "refill_days = 2\nrefill_after_hours = 48",
            "1: services[0]: refill_after_hours leaves nothing of refill_days",
        ),
    ],
)
def test_what_is_wrong_with_refills_and_posts(lines: str, wrong: str) -> None:
    assert complaint(PROVIDERS, SERVICE + lines) == f"services.toml:{wrong}"


@pytest.mark.parametrize("lines", ["refill_days = 30", "refill = false\nrefill_days = 30"])
def test_days_may_stand_without_a_refill(lines: str) -> None:
    assert service(lines).refill_days == 30


def test_editors_know_every_type_and_every_meaning() -> None:
    shown = str(schemas())
    assert all(repr(each.value) in shown for each in (*ServiceType, *Code))
