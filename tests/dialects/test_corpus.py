import pytest

from gateway.dialects.book import BOOK
from gateway.dialects.corpus import (
    DOUBTFUL,
    DOUBTFUL_TEXTS,
    DOUBTFUL_WORDS,
    OUR_TEXTS,
    SEEN_TEXTS,
    Doubt,
    classify,
    our_text,
)
from gateway.dialects.fields import ORDER_FIELDS
from gateway.domain.refusals import Code

OF_THEIR_OWN = {"link", "quantity"}
FIELDS = [name for name in ORDER_FIELDS if name not in OF_THEIR_OWN] + ["request_id"]
REFUSALS = [
    *((code, "") for code in Code),
    *((code, bound) for code in (Code.MIN, Code.MAX) for bound in ("1", "50", "1000000000")),
    *((Code.BAD_PARAMS, name) for name in FIELDS),
    (Code.BAD_PARAMS, "encoding: UTF-8 expected"),
    (Code.BAD_PARAMS, "JSON: one flat object expected"),
    *((Code.MISSING, name) for name in ("service", "order", "orders", "refill", *ORDER_FIELDS)),
]


@pytest.mark.parametrize("name", BOOK)
@pytest.mark.parametrize(("code", "detail"), REFUSALS)
def test_our_texts_are_read_as_what_they_mean(name: str, code: Code, detail: str) -> None:
    spelling = BOOK[name].spelling
    for texts in (spelling.texts, spelling.order_texts, spelling.row_texts):
        text = our_text({**spelling.texts, **texts}, code, detail)
        assert classify(text, of_add=True) is code
        assert classify(text, of_add=False) is code
        assert not any(word in text.casefold() for word in DOUBTFUL_WORDS)


def test_every_code_has_a_text() -> None:
    assert set(OUR_TEXTS) == set(Code)


@pytest.mark.parametrize(
    ("code", "text"), [(code, text) for code, texts in SEEN_TEXTS.items() for text in texts]
)
def test_known_sentences(code: Code, text: str) -> None:
    for variant in (text, text.upper(), f"  {text}. ", text.replace("N", "17")):
        assert classify(variant, of_add=True) is code


@pytest.mark.parametrize("text", DOUBTFUL_TEXTS)
def test_doubtful_sentences(text: str) -> None:
    assert classify(text, of_add=True) is DOUBTFUL
    assert not isinstance(classify(text, of_add=False), Doubt)


@pytest.mark.parametrize("word", DOUBTFUL_WORDS)
def test_a_doubtful_word_outweighs_a_known_part(word: str) -> None:
    assert classify(f"Incorrect link, {word.upper()}.", of_add=True) is DOUBTFUL
    assert classify(f"Incorrect link, {word}", of_add=False) in {Code.BAD_LINK, Code.UNAVAILABLE}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Too many invalid keys. Try again in 15 minutes.", Code.RATE_LIMIT),
        ("Service is Under Maintenance", Code.UNAVAILABLE),
        ("Too many requests. Limit 50/minute.", Code.RATE_LIMIT),
        ("Incorrect request or API key (blocked)", Code.BAD_KEY),
        ("Incorrect request, sorry", Code.BAD_ACTION),
        ("Invalid action: plac", Code.BAD_ACTION),
        ("Quantity less than minimal 200 for this service", Code.MIN),
        ("Hệ thống đang bảo trì!", Code.MAINTENANCE),
        ("Order can\u2019t be canceled", Code.CANCEL_REFUSED),
        ("Order must be completed 24 hours first", Code.REFILL_REFUSED),
        ("Your account needs a coffee", None),
        ("", None),
    ],
)
def test_whole_sentences_before_words_before_the_longest_part(text: str, code: Code | None) -> None:
    assert classify(text, of_add=True) is code


OWN = (
    (Code.BAD_PARAMS, "Wrong {} given"),
    (Code.MIN, "At least {}!"),
    (Code.FUNDS, "Poor"),
    (Code.UNAVAILABLE, "Bad link"),
    (Code.RATE_LIMIT, "Try again in {} seconds"),
    (Code.MAINTENANCE, ""),
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Wrong runs given", Code.BAD_PARAMS),
        ("wrong parameters given.", Code.BAD_PARAMS),
        ("At least 200", Code.MIN),
        ("at least 1000000!", Code.MIN),
        ("AT LEAST", Code.MIN),
        ("Poor", Code.FUNDS),
        ("A poor choice", None),
        ("Sorry: at least 5 of them", Code.MIN),
        ("Bad link", Code.UNAVAILABLE),
        ("Invalid Link", Code.BAD_LINK),
        ("Try again in 5 seconds", Code.RATE_LIMIT),
        ("Please try again in 5 seconds", DOUBTFUL),
        ("", None),
    ],
)
def test_sentences_of_one_panel_come_first(text: str, code: Code | Doubt | None) -> None:
    assert classify(text, of_add=True, own=OWN) is code
    assert classify("Wrong runs given", of_add=True) is None


def test_a_blank_is_filled_and_nothing_else() -> None:
    texts = {Code.MIN: "{0.__class__} of {}"}
    assert our_text(texts, Code.MIN, "{}") == "{0.__class__} of {}"
