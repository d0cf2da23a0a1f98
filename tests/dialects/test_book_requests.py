"""Laws of every dialect: what is asked of a provider, and what a customer asks (protocol.md 7)."""

from dataclasses import replace
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.book import BOOK
from gateway.dialects.dialect import Dialect
from gateway.dialects.fields import CANONICAL
from gateway.dialects.messages import (
    AskAdd,
    AskBalance,
    AskCancel,
    AskRefill,
    AskRefillStatus,
    AskServices,
    AskStatus,
    CannotCarry,
    Fields,
    Form,
)
from gateway.dialects.spelling import Action
from gateway.domain.placements import Placement
from gateway.domain.refusals import Refusal
from gateway.domain.services import ServiceType as T
from tests.dialects.made import IDS, LISTS, placements

SMARTPANEL = {"keralasmm", "smmia"}
MENTIONS = {
    *(T.MENTIONS_WITH_HASHTAGS, T.MENTIONS_CUSTOM_LIST),
    *(T.MENTIONS_HASHTAG, T.MENTIONS_USER_FOLLOWERS),
}
PLAIN = {T.DEFAULT, T.PACKAGE, T.CUSTOM_COMMENTS}
CARRIED: dict[str, set[T]] = {
    "standard": set(T) - {T.COMMENT_LIKES_BY_ID, T.CUSTOM_COMMENTS_PACKAGE_BY_LIST},
    "keralasmm": PLAIN | MENTIONS | {T.COMMENT_LIKES_BY_ID, T.CUSTOM_COMMENTS_PACKAGE_BY_LIST},
    "smmserver": PLAIN,
    "smmbros": PLAIN,
    "smmia": PLAIN | MENTIONS | {T.CUSTOM_COMMENTS_PACKAGE, T.COMMENT_LIKES, T.SUBSCRIPTIONS},
}
ABSENT = {"null", "None", "undefined"}


def can_carry(name: str, placement: Placement) -> bool:
    """What protocol.md says of a placement, told without the declaration."""
    details = dict(placement.details)
    if placement.kind not in CARRIED[name]:
        return False
    if len(placement.comments) == 1 and "\\n" in placement.comments[0]:
        return False  # it would be broken in two
    texts = [text for field, text in details.items() if field not in LISTS]
    if placement.kind is T.SUBSCRIPTIONS:
        texts.append(placement.link)
        if name == "smmia" and ("posts" in details or "old_posts" in details):
            return False
    if ABSENT & set(texts):
        return False
    return name not in SMARTPANEL or smartpanel_can_carry(placement, details)


def smartpanel_can_carry(placement: Placement, details: dict[str, str]) -> bool:
    if "<" in "".join((placement.link, *placement.comments, *details.values())):
        return False
    if "," in "".join(placement.comments):
        return False
    minutes = (0, 5, 10, 15, 30, 60, 90)
    interval, delay = placement.interval_minutes, details.get("delay")
    return (interval is None or interval in minutes) and (delay is None or int(delay) in minutes)


def as_read(dialect: Dialect, placement: Placement, form: Form) -> Placement:
    bound = placement.detail("posts_max")
    return dialect.read_placement(1, placement.kind, form, int(bound) if bound else None)


def as_sent(name: str, placement: Placement) -> Placement:
    """With its bound as posts, where the dialect has a field for them."""
    if name == "smmia":
        return placement
    details = tuple(
        ("posts" if field == "posts_max" else field, text) for field, text in placement.details
    )
    return replace(placement, details=details)


@pytest.mark.parametrize("name", BOOK)
@given(placement=placements(), offer=IDS)
def test_what_is_carried_is_read_again_and_nothing_else_is_sent(
    name: str, placement: Placement, offer: str
) -> None:
    dialect = BOOK[name]
    if not can_carry(name, placement):
        assert dialect.why_not_carry(placement)
        with pytest.raises(CannotCarry):
            dialect.write_add(offer, placement)
        return
    assert dialect.why_not_carry(placement) == ""
    form = dialect.write_add(offer, placement)
    assert as_read(dialect, placement, form) == as_sent(name, placement)
    ask = dialect.read_request(form)
    assert isinstance(ask, AskAdd)
    assert ask.service == offer


@pytest.mark.parametrize("name", BOOK)
@given(placement=placements())
def test_a_panel_that_decodes_twice_reads_the_same(name: str, placement: Placement) -> None:
    plain = BOOK[name]
    requests = replace(plain.spelling.requests, encoded_twice=True)
    twice = Dialect(replace(plain.spelling, requests=requests))
    if why := plain.why_not_carry(placement):
        assert twice.why_not_carry(placement) == why
        return
    once = plain.write_add("1", placement)
    sent = twice.write_add("1", placement)
    assert {field: unquote(text) for field, text in sent.items()} == once
    assert not any("+" in text for text in sent.values())


@pytest.mark.parametrize("name", BOOK)
@given(ids=st.lists(IDS, min_size=1, max_size=100, unique=True))
def test_ids_that_are_asked_after_are_read_again(name: str, ids: list[str]) -> None:
    dialect = BOOK[name]
    asks = {
        Action.STATUS: (dialect.write_status, AskStatus),
        Action.REFILL: (dialect.write_refill, AskRefill),
        Action.REFILL_STATUS: (dialect.write_refill_status, AskRefillStatus),
        Action.CANCEL: (dialect.write_cancel, AskCancel),
    }
    for action, (write, ask) in asks.items():
        most = dialect.batch_max(action)
        if most == 0:
            with pytest.raises(CannotCarry):
                write(ids)
        elif len(ids) > most:
            with pytest.raises(ValueError, match=f"1 to {most}"):
                write(ids)
        else:
            form = write(ids)
            many = len(ids) > 1 or form.keys() & {"orders", "refills"}
            assert dialect.read_request(form) == ask(tuple(ids), many=bool(many))


@pytest.mark.parametrize("name", BOOK)
def test_plain_asks_are_read_again(name: str) -> None:
    dialect = BOOK[name]
    assert dialect.read_request(dialect.write_services()) == AskServices()
    assert dialect.read_request(dialect.write_balance()) == AskBalance()


ANYTHING = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["1", "0", "2", "null", "a\nb", "\ud800", "\x00", "31/12/2030"]
)
FIELDS = st.dictionaries(
    st.sampled_from(list(CANONICAL)), ANYTHING | st.lists(ANYTHING, max_size=3).map(tuple)
)


@given(st.sampled_from(T), FIELDS, st.none() | st.integers(1, 100))
def test_any_fields_are_placed_or_refused(kind: T, fields: Fields, posts_max: int | None) -> None:
    read: list[Placement | Refusal] = []
    for dialect in BOOK.values():
        try:
            placement = dialect.read_placement(1, kind, fields, posts_max)
        except Refusal as refusal:
            read.append(refusal)
            continue
        assert 1 <= placement.quantity <= 1_000_000_000
        "\n".join((placement.link, *placement.comments, *dict(placement.details).values())).encode()
        read.append(placement)
    assert len(set(read)) == 1  # the door reads the same for every dialect
