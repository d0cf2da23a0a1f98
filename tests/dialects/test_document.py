"""Dialects from documents: what is read is written again, and every mistake is named."""

import dataclasses
import re
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects import json_text
from gateway.dialects.book import BOOK
from gateway.dialects.dialect import Dialect
from gateway.dialects.document import (
    BYTES_MAX,
    DialectErrors,
    document_schema,
    read_dialect,
    write_dialect,
)
from gateway.dialects.document_kinds import Part, Record
from gateway.dialects.document_parts import DOCUMENT
from gateway.dialects.document_toml import ABOUT, write_toml
from gateway.dialects.document_values import Said
from gateway.dialects.messages import CannotCarry, ServicesRead
from gateway.dialects.spelling import Action, Key, Literal, RefusalShape, Rows, Spelling
from gateway.domain.observations import (
    Accepted,
    Balance,
    Observation,
    Refused,
    Taken,
    Unclear,
    Word,
)
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code, Refusal
from gateway.domain.services import ServiceType
from tests.dialects.made import AMOUNTS, IDS, STATUS_ROWS

ODD = """
base = "standard"
key = "api_token"
refusals = ["error.message", "error"]

[actions]
add = "create"
refill = false
refill_status = false

[fields]
link = "url"

[ids]
status = { one = "order_id" }
cancel = { one = false, batch_max = 50 }
refill = false
refill_status = false

[types]
"Subscriptions" = false
"Comment Likes" = ["link", "quantity", "username"]

[services]
within = "data"

[services.keys]
service = "id"
rate = { write = "number" }
min = { write = "number" }
max = { write = "number" }
dripfeed = { write = "number" }
cancel = false

[services.types_read]
"comments" = "custom_comments"

[add]
order = "order_id"
id_pattern = "ord_[0-9A-Z]{8,12}|[1-9][0-9]{0,17}"

[status]
order = { name = "order_id", write = "number" }
charge = { write = "number" }
charge_in_rows = "number"
start_count = { write = "number" }
remains = { write = "number" }
currency = false

[status.words]
pending = "queued"
processing = "processing"
in_progress = "in_progress"
completed = "done"
partial = "partial"
canceled = "cancelled"

[balance]
amount = { name = "funds", write = "number" }

[cancel]
rows = "map"
key = { write = "text" }

[texts]
bad_service = "No such service"

[meanings]
"You are too early" = "maintenance"
"""
SMARTPANEL_FORK = """
base = "keralasmm"
intervals = [10, 20]
never_in_comments = ",;"
encoded_twice = true

[types]
"Mentions" = ["link", "quantity", "usernames"]

[services]
page_size = 500
always = { average_time = false, platform = "any" }

[refill]
one = { success = "Refill asked for" }
one_has_id = true
one_literal = "text"

[status]
written = ["status", "remains", "charge", "start_count"]
"""
WRAPPED = """
[add]
within = "result.order"
order = { name = "id", write = "text" }
trusts_429 = true
marker = { ok = "yes" }
verdicts = { ok = ["yes"], status = false }

[status]
within = "result.orders"
rows = "list"
order = "id"

[[refusals]]
text = "reason"
listed = true
where = { ok = "no" }
"""
DOCUMENTS = {"odd": ODD, "fork": SMARTPANEL_FORK, "wrapped": WRAPPED, "plain": ""}


def errors_of(text: str) -> dict[str, str]:
    with pytest.raises(DialectErrors) as raised:
        read_dialect("acme", text)
    return {".".join(map(str, error.path)): error.message for error in raised.value.errors}


def read(text: str) -> Dialect | list[str]:
    """The dialect of a document, or the messages of what is wrong with it."""
    try:
        return read_dialect("acme", text)
    except DialectErrors as errors:
        return [error.message for error in errors.errors]


def comes_back(dialect: Dialect) -> bool:
    return read_dialect(dialect.name, write_dialect(dialect)).spelling == dialect.spelling


@pytest.mark.parametrize("name", BOOK)
def test_a_built_in_dialect_comes_back_from_its_document(name: str) -> None:
    again = read_dialect(name, write_dialect(BOOK[name]))
    assert again.spelling == BOOK[name].spelling
    assert write_dialect(again).count("\n[") == 0  # it is its own base


@pytest.mark.parametrize("base", BOOK)
@pytest.mark.parametrize("name", BOOK)
def test_any_of_them_can_be_said_from_any_other(name: str, base: str) -> None:
    said = DOCUMENT.say(BOOK[base].spelling, BOOK[name].spelling)
    lines = write_toml(said) if isinstance(said, dict) else ()
    document = "\n".join((f'base = "{base}"', *lines))
    assert read_dialect(name, document).spelling == BOOK[name].spelling


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_comes_back_from_what_it_describes(name: str) -> None:
    dialect = read_dialect(name, DOCUMENTS[name])
    written = write_dialect(dialect)
    assert read_dialect(name, written).spelling == dialect.spelling
    assert write_dialect(read_dialect(name, written)) == written


def test_a_document_says_only_what_differs_and_why() -> None:
    written = write_dialect(read_dialect("odd", ODD))
    assert 'base = "standard"' in written
    assert "[refill]" not in written
    assert "[order_texts]" not in written
    lines = written.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("["):
            assert lines[number - 1].startswith("# ")
            assert tuple(line.strip("[]").split(".")) in ABOUT


def test_the_nearest_base_is_taken() -> None:
    text = '[status]\ncurrency = "money"\n'
    for name in BOOK:
        written = write_dialect(read_dialect("acme", f'base = "{name}"\n{text}'))
        assert f'base = "{name}"' in written


def test_requests_of_the_odd_panel() -> None:
    odd = read_dialect("odd", ODD)
    assert odd.name == "odd"
    assert odd.spelling.requests.key == "api_token"
    assert odd.write_status(["7"]) == {"action": "status", "order_id": "7"}
    assert odd.write_status(["7", "8"]) == {"action": "status", "orders": "7,8"}
    assert odd.write_cancel(["7"]) == {"action": "cancel", "orders": "7"}
    assert odd.batch_max(Action.CANCEL) == 50
    assert not odd.refills
    with pytest.raises(CannotCarry):
        odd.write_refill(["7"])
    placement = Placement(1, ServiceType.DEFAULT, "https://a.example/x", 100)
    assert odd.write_add("5", placement) == {
        "action": "create",
        "service": "5",
        "url": "https://a.example/x",
        "quantity": "100",
    }
    assert "Subscriptions" in odd.why_not_carry(Placement(1, ServiceType.SUBSCRIPTIONS, "bob", 100))


def test_answers_of_the_odd_panel() -> None:
    odd = read_dialect("odd", ODD)
    assert odd.read_add(200, b'{"order_id":5}') == Accepted("5")
    assert odd.read_add(200, b'{"order_id":"ord_01HG9X7KJP4N"}') == Accepted("ord_01HG9X7KJP4N")
    assert isinstance(odd.read_add(200, b'{"order":5}'), Unclear)
    no = odd.read_add(402, b'{"error":{"code":402,"message":"Insufficient balance"}}')
    assert no == Refused(Code.FUNDS, "Insufficient balance")
    assert odd.read_add(400, b'{"error":{"message":"You are too early"}}') == Refused(
        Code.MAINTENANCE, "You are too early"
    )
    body = b'{"4218":{"cancel":"requested"},"4219":{"error":"Order cannot be cancelled"}}'
    assert odd.read_cancel(["4218", "4219"], 200, body) == {
        "4218": Taken(),
        "4219": Refused(Code.CANCEL_REFUSED, "Order cannot be cancelled"),
    }
    assert odd.read_balance(200, b'{"funds":12.5,"currency":"EUR"}') == Balance(
        Decimal("12.5"), "EUR"
    )
    row = b'{"order_id":7,"status":"in_progress","charge":0.5,"start_count":10,"remains":3}'
    assert odd.read_status(["7"], 200, row) == {
        "7": Observation(Word.IN_PROGRESS, Decimal("0.5"), 10, 3)
    }
    assert odd.read_status(["7"], 404, b'{"error":{"message":"Order not found"}}') == {
        "7": Refused(Code.ORDER_NOT_FOUND, "Order not found")
    }


def test_the_list_of_the_odd_panel() -> None:
    odd = read_dialect("odd", ODD)
    body = (
        b'{"data":[{"id":3,"name":"Words","type":"comments","category":"C","rate":1.5,"min":1,'
        b'"max":20,"dripfeed":0,"refill":true,"cancel":true}]}'
    )
    read = odd.read_services(200, body)
    assert isinstance(read, ServicesRead)
    (listing,) = read.listings
    assert listing.offer == "3"
    assert listing.kind_word == "Custom Comments"
    assert (listing.drip_feed, listing.refill, listing.cancel) == (False, True, None)
    answer = odd.answer_services([listing])
    again = odd.read_services(200, json_text.write(answer))
    assert again == read
    assert list(cast("dict[str, object]", answer)) == ["data"]


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(max_examples=settings().max_examples // 3)
@given(rows=STATUS_ROWS, order=IDS, amount=AMOUNTS)
def test_what_is_answered_by_a_document_is_read_by_it(
    name: str, rows: Mapping[str, Observation | Refusal], order: str, amount: Decimal
) -> None:
    dialect = read_dialect(name, DOCUMENTS[name])
    assert dialect.read_add(200, json_text.write(dialect.answer_add(order))) == Accepted(order)
    balance = dialect.read_balance(
        200, json_text.write(dialect.answer_balance(Balance(amount, "USD")))
    )
    assert isinstance(balance, Balance)
    assert balance.amount == amount
    body = json_text.write(dialect.answer_status(rows, many=True))
    read = dialect.read_status(tuple(rows), 200, body)
    assert isinstance(read, Mapping)
    for asked, row in rows.items():
        seen = read[asked]
        if isinstance(row, Observation):
            assert isinstance(seen, Observation)
            assert (seen.word, seen.charge) == (row.word, row.charge)
        else:
            assert isinstance(seen, Refused)
            assert seen.code is row.code


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("code", Code)
def test_what_a_document_refuses_is_read_as_the_same(name: str, code: Code) -> None:
    dialect = read_dialect(name, DOCUMENTS[name])
    detail = {Code.BAD_PARAMS: "runs", Code.MISSING: "runs"}.get(code, "100")
    body = json_text.write(dialect.answer_refusal(Refusal(code, detail)))
    read = dialect.read_add(200, body)
    assert isinstance(read, Refused)
    assert read.code is code


def test_words_that_are_written_are_read() -> None:
    odd = read_dialect("odd", ODD).spelling.statuses
    assert odd.words_read["queued"] is Word.PENDING
    assert odd.words_read["in progress"] is Word.IN_PROGRESS
    assert odd.words_read["done"] is Word.COMPLETED
    assert odd.words_read["complete"] is Word.COMPLETED  # of the base


def test_entries_come_on_top_of_the_base_and_false_takes_them_away() -> None:
    document = '[status.words_read]\nrefunding = false\n"On_Hold" = "pending"\n'
    words = read_dialect("acme", document).spelling.statuses.words_read
    assert "refunding" not in words
    assert words["on hold"] is Word.PENDING
    assert words["completed"] is Word.COMPLETED
    wrapped = read_dialect("wrapped", WRAPPED).spelling
    assert wrapped.adds.within == ("result", "order")
    assert wrapped.adds.order == Key("id", Literal.TEXT)
    assert set(wrapped.adds.verdicts) == {"ok", "success"}
    assert wrapped.statuses.rows is Rows.LIST
    assert wrapped.refusals == (RefusalShape("reason", {"ok": "no"}, listed=True), RefusalShape())
    assert wrapped.statuses.order == Key("id")


MISTAKES = [
    ('base = "standrad"', "base", 'did you mean "standard"?'),
    ("base = 5", "base", "unknown base"),
    ("kee = 'x'", "kee", 'did you mean "key"?'),
    ("[actions]\nstauts = 'x'", "actions.stauts", 'did you mean "status"?'),
    ("[status]\ncharges = 'x'", "status.charges", 'did you mean "charge"?'),
    ("[types]\nSubscription = []", "types.Subscription", 'did you mean "Subscriptions"?'),
    ("key = 5", "key", "should be text in quotes"),
    ("key = ' key'", "key", "without blanks"),
    ("key = ''", "key", "without blanks"),
    ("[status.words]\nactive = '-'", "status.words.active", "a letter or a digit"),
    ("[status.words]\nactive = '" + "ß" * 40 + "'", "status.words.active", "longer than 64"),
    ("encoded_twice = 1", "encoded_twice", "true or false"),
    ("intervals = 5", "intervals", "should be a list"),
    ("intervals = [5, '10']", "intervals.1", "whole number from 0"),
    ("intervals = [5, true]", "intervals.1", "whole number from 0"),
    ("intervals = [5, 5]", "intervals.1", "twice"),
    ("actions = 'x'", "actions", "should be a table"),
    ("[actions]\nadd = false", "actions.add", "every dialect needs it"),
    ("[actions]\nadd = 'status'", "actions.status", "stands for add already"),
    ("[services]\npage_size = 0", "services.page_size", "from 1 to 10000"),
    ("[services.keys]\nrate = false", "services.keys.rate", "every dialect needs it"),
    ("[services.keys]\nrate = 'min'", "services.keys.min", "stands for rate already"),
    ("[services.types]\nSEO = 'poll'", "services.types.Poll", "is the word of SEO"),
    ("[services.types_read]\ndefault = 'SEO'", "services.types_read.default", "word of Default"),
    ("[services]\nwithin = 'a..b'", "services.within", "dots between"),
    ("[services]\nwithin = 'a.b.c.d.e'", "services.within", "dots between"),
    ("[add]\nid_pattern = '(a+)+'", "add.id_pattern", "repeats"),
    ("[add]\nid_pattern = '['", "add.id_pattern", "no regular expression"),
    ("[add]\nid_pattern = '[0-9]{1,9}'", "add.id_pattern", "0"),
    ("[add]\nid_pattern = 'x?'", "add.id_pattern", "empty"),
    ("[add]\norder = { write = 'numbr' }", "add.order.write", 'did you mean "number"?'),
    ("[add]\norder = { nam = 'id' }", "add.order.nam", 'did you mean "name"?'),
    ("[add]\norder = 5", "add.order", "a text or a table"),
    ("[add]\norder = 'error'", "add.order", "where a refusal has its text"),
    ("[add.marker]\nstatus = 'taken'", "add.marker.status", "is no yes"),
    ("[add.marker]\nerror = 'no'", "add.marker.error", "where a refusal has its text"),
    ("[add.verdicts]\nok = []", "add.verdicts.ok", "1 to 50 words"),
    ("[status]\nrows = 'list'", "status.order", "must name their order"),
    ("[status]\ncharge = 'status'", "status.charge", "stands for status already"),
    ("[status]\norder = { write = 'text' }", "status.order", 'wants "name"'),
    ("[status]\nwritten = ['status']", "status.written", "lacks charge"),
    ("[status.words]\npending = 'processing'", "status.words.pending", "read as processing"),
    ("[status.words]\npending = false", "status.words.pending", "every dialect needs it"),
    (
        "[status.words_read]\n'On hold' = 'pending'\non_hold = 'canceled'",
        "status.words_read.on_hold",
        "says again",
    ),
    ("[status.words_read]\nodd = 'strange'", "status.words_read.odd", "unknown status"),
    ("[refill_status.words]\npending = 'Completed'", "refill_status.words.pending", "completed"),
    ("[types]\nSEO = ['link', 'posts']", "types.SEO.1", "has no field posts"),
    ("[types]\nSEO = ['lnik']", "types.SEO.0", 'did you mean "link"?'),
    ("[fields]\nlink = 'quantity'", "fields.quantity", "stands for link already"),
    ("[fields]\nlink = 'key'", "fields.link", "stands for the key already"),
    ("[ids]\nbalance = {}", "ids.balance", "does not ask by ids"),
    ("[ids]\nstatus = { one = false, many = false }", "ids.status", "for one id, or for many"),
    ("[ids]\nstatus = false", "ids.status", "for one id, or for many"),
    ("[ids]\nstatus = { batch_max = 101 }", "ids.status.batch_max", "from 1 to 100"),
    ("refusals = []", "refusals", "1 to"),
    ("refusals = [{ where = { a = 'b' } }]", "refusals.0", 'wants "text"'),
    ("refusals = ['success']", "refusals.0", "in accepted answers too"),
    ("refusals = ['a', 'a']", "refusals.1", "twice"),
    ("[texts]\nmin = 'At least {} of {}'", "texts.min", "more than one blank"),
    ("[texts]\nfunds = 'Please try again'", "texts.funds", "leaves in doubt"),
    ("[texts]\nfunds = 'Incorrect link'", "texts.bad_link", "is read as funds"),
    ("[texts]\nfundz = 'x'", "texts.fundz", 'did you mean "funds"?'),
    ("[meanings]\n'Go away' = 'bad_ky'", "meanings.Go away", 'did you mean "bad_key"?'),
    (
        "[meanings]\n'Go away' = 'bad_key'\n'Go away.' = 'funds'",
        "meanings.Go away",
        "means funds already",
    ),
    ("x = = 1", "", "is not TOML"),
    ("x = 1\nx = 2", "", "is not TOML"),
    ("x = " + "[" * 5_000, "", "TOML"),
    ("x = " + "1" * 5_000, "", "is not TOML"),
]


@pytest.mark.parametrize(("document", "path", "message"), MISTAKES)
def test_a_mistake_is_named_with_its_place(document: str, path: str, message: str) -> None:
    errors = errors_of(document)
    assert path in errors
    assert message in errors[path] or (path == "" and "nested too deeply" in errors[path])


def test_all_mistakes_are_told_at_once() -> None:
    errors = errors_of(
        "kee = 1\n[actions]\nadd = false\n[status]\nrows = 'list'\n[types]\nSEO = ['posts']\n"
    )
    assert set(errors) == {"kee", "actions.add", "status.order", "types.SEO.0"}


def test_a_mistake_is_not_told_again_by_what_follows_from_it() -> None:
    assert set(errors_of("[status.words]\npending = 5")) == {"status.words.pending"}


def test_at_most_fifty_mistakes_are_told() -> None:
    assert len(errors_of("\n".join(f"x{number} = 1" for number in range(80)))) == 50


def test_a_document_has_a_size() -> None:
    comment = "#" * (BYTES_MAX - 1) + "\n"
    assert read_dialect("acme", comment).spelling.adds == BOOK["standard"].spelling.adds
    assert "longer than" in errors_of(comment + "\n")[""]
    assert "longer than" in errors_of("#" + "ä" * (BYTES_MAX // 2))[""]


def test_errors_read_well() -> None:
    with pytest.raises(DialectErrors, match=re.escape("types.SEO[0]: unknown field")):
        read_dialect("acme", "[types]\nSEO = ['lnik']")


@given(st.text(max_size=200) | st.text(alphabet="[]{}=.,'\"\n abst123#\\", max_size=200))
def test_any_text_is_a_dialect_or_wrong(text: str) -> None:
    dialect = read(text)
    assert dialect
    assert isinstance(dialect, list) or comes_back(dialect)


WORDS = st.text(alphabet="abcXYZ019_- äß🙂\"\\'", min_size=1, max_size=12).filter(
    lambda text: text == text.strip()
)


def said_by(schema: Mapping[str, object]) -> st.SearchStrategy[object]:
    """Anything that a schema allows."""
    if "anyOf" in schema:
        return st.one_of(*map(said_by, cast("list[Mapping[str, object]]", schema["anyOf"])))
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(cast("list[object]", schema["enum"]))
    match schema["type"]:
        case "string":
            return WORDS
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(cast("int", schema["minimum"]), cast("int", schema["maximum"]))
        case "array":
            items = said_by(cast("Mapping[str, object]", schema["items"]))
            return st.lists(items, min_size=cast("int", schema.get("minItems", 0)), max_size=3)
        case _:
            return _table_by(schema)


def _table_by(schema: Mapping[str, object]) -> st.SearchStrategy[object]:
    if "properties" in schema:
        parts = cast("Mapping[str, Mapping[str, object]]", schema["properties"])
        return st.fixed_dictionaries(
            {}, optional={name: said_by(part) for name, part in parts.items()}
        ).map(lambda table: dict(list(table.items())[:6]))
    names = cast("st.SearchStrategy[str]", said_by(_part(schema, "propertyNames")))
    return st.dictionaries(names, said_by(_part(schema, "additionalProperties")), max_size=2)


def _part(schema: Mapping[str, object], name: str) -> Mapping[str, object]:
    return cast("Mapping[str, object]", schema[name])


ANYTHING_SAID = st.integers(1, 4).flatmap(
    lambda parts: st.tuples(
        st.sampled_from(sorted(BOOK)),
        st.permutations(DOCUMENT.parts).map(lambda all_parts: all_parts[:parts]),
    )
)


def document_of(base: str, said: Mapping[str, object]) -> str:
    return "\n".join((f'base = "{base}"', *write_toml(cast("Mapping[str, Said]", said))))


@given(st.data())
def test_what_the_schema_allows_is_read_and_written_again(data: st.DataObject) -> None:
    base, parts = data.draw(ANYTHING_SAID)
    said = {each.name: data.draw(said_by(each.kind.schema())) for each in parts}
    dialect = read(document_of(base, said))
    if isinstance(dialect, list):
        assert not any("TOML" in message for message in dialect)
    else:
        assert comes_back(dialect)


@pytest.mark.parametrize("part", DOCUMENT.parts, ids=lambda part: part.name)
def test_each_part_alone_comes_back(part: Part) -> None:
    """Most of what is drawn together contradicts itself, so each part has its own turn."""
    taken = 0

    @settings(max_examples=settings().max_examples // 3)
    @given(said_by(part.kind.schema()), st.sampled_from(sorted(BOOK)))
    def each(said: object, base: str) -> None:
        nonlocal taken
        dialect = read(document_of(base, {part.name: said}))
        if isinstance(dialect, list):
            assert not any("TOML" in message for message in dialect)
        else:
            taken += 1
            assert comes_back(dialect)

    each()
    assert taken > 0


def attributes(kind: type[object], within: str = "") -> Iterator[str]:
    """Every attribute of a spelling, down to what is no dataclass of its own."""
    for each in dataclasses.fields(cast("type[Spelling]", kind)):
        inner = each.type if isinstance(each.type, type) else None
        if inner and dataclasses.is_dataclass(inner) and inner is not Key:
            yield from attributes(cast("type[object]", inner), f"{within}{each.name}.")
        else:
            yield f"{within}{each.name}"


def said_attributes(record: Record[Spelling], within: str = "") -> Iterator[str]:
    for part in record.parts:
        if isinstance(part.kind, Record) and part.kind.alone != "name":
            yield from said_attributes(
                cast("Record[Spelling]", part.kind), f"{within}{part.attribute}."
            )
        else:
            yield f"{within}{part.attribute}"


def test_a_document_can_say_all_that_a_spelling_declares() -> None:
    assert set(attributes(Spelling)) - set(said_attributes(DOCUMENT)) == {"name"}


def test_every_table_is_explained() -> None:
    assert {part.name for part in DOCUMENT.parts} == {path[0] for path in ABOUT}
    for sentence in ABOUT.values():
        assert sentence.endswith(".")
        assert len(sentence) <= 96


def test_the_schema_names_every_part() -> None:
    schema = document_schema()
    properties = cast("Mapping[str, object]", schema["properties"])
    assert set(properties) == {"base", *(part.name for part in DOCUMENT.parts)}
    assert properties["base"] == {"enum": sorted(BOOK)}
    json_text.write(cast("json_text.Json", schema))


GUIDE = Path(__file__).parents[2] / "docs" / "dialects.md"
EXAMPLE = re.compile(r"```toml\n# config/dialects/(\w+)\.toml\n(.*?)```", re.DOTALL)
EXAMPLES = dict(EXAMPLE.findall(GUIDE.read_text()))


@pytest.mark.parametrize("name", ["everything", "odd"])
def test_the_examples_of_the_guide_are_dialects(name: str) -> None:
    dialect = read_dialect(name, EXAMPLES[name])
    assert comes_back(dialect)


def test_the_guide_names_every_code() -> None:
    for code in Code:
        assert f"`{code}`" in GUIDE.read_text()


def test_the_guide_shows_everything_that_can_be_said() -> None:
    shown = tomllib.loads(EXAMPLES["everything"])
    missing = [
        f"{part.name}.{inner}" if inner else part.name
        for part in DOCUMENT.parts
        for inner in ("", *_inner_names(part))
        if not (part.name in shown and (not inner or inner in shown[part.name]))
    ]
    # a cancel is told as a refill is
    assert missing == [
        f"cancel.{name}" for name in ("within", "order", "one", "one_has_id", "one_literal")
    ]


def _inner_names(part: Part) -> tuple[str, ...]:
    if not isinstance(part.kind, Record):
        return ()
    return tuple(each.name for each in part.kind.parts)
