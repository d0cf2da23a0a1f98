"""What no single entry of a dialect's document can tell: whether all of it together makes sense."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import Enum
from typing import TypeVar

from gateway.dialects.corpus import DOUBTFUL, classify, our_text
from gateway.dialects.document_errors import Complaints, Path
from gateway.dialects.document_parts import LISTING_FIELDS
from gateway.dialects.listings import type_words
from gateway.dialects.refused import own_sentences
from gateway.dialects.spelling import Action, Key, RefusalShape, Rows, Spelling
from gateway.dialects.values import folded
from gateway.domain.refusals import Code
from gateway.domain.services import TYPE_RULES, plain_type

M = TypeVar("M", bound=Enum)

_WRITTEN = RefusalShape()  # whatever the panel itself does, we refuse as everybody does
_ALWAYS_WRITTEN = ("status", "charge", "start_count", "remains")
_OF_THE_TAKEN = frozenset({"order", "orders", "order_id", "id", "status", "success"})
_OF_FIELDS = (Code.BAD_PARAMS, Code.MISSING)
ACTIONS_WITH_IDS = (Action.STATUS, Action.REFILL, Action.REFILL_STATUS, Action.CANCEL)


def completed(spelling: Spelling) -> Spelling:
    """The same, with everything that is written read as what it was written for."""
    statuses, refills = spelling.statuses, spelling.refill_statuses
    shapes = spelling.refusals
    return replace(
        spelling,
        refusals=shapes if _WRITTEN in shapes else (*shapes, _WRITTEN),
        statuses=replace(statuses, words_read=_all_read(statuses.words, statuses.words_read)),
        refill_statuses=replace(refills, words_read=_all_read(refills.words, refills.words_read)),
    )


def check(spelling: Spelling, wrong: Complaints) -> None:
    """Everything that contradicts itself."""
    _requests(spelling, wrong)
    _types(spelling, wrong)
    _add(spelling, wrong)
    _rows(spelling, wrong)
    _words(("status", "words"), spelling.statuses.words, spelling.statuses.words_read, wrong)
    refills = spelling.refill_statuses
    _words(("refill_status", "words"), refills.words, refills.words_read, wrong)
    _texts(spelling, wrong)
    _meanings(spelling, wrong)


def _all_read(words: Mapping[M, str], words_read: Mapping[str, M]) -> Mapping[str, M]:
    written = {folded(word): meaning for meaning, word in words.items()}
    return {**written, **words_read}


def _words(
    at: Path, words: Mapping[M, str], words_read: Mapping[str, M], wrong: Complaints
) -> None:
    for meaning, word in words.items():
        read = words_read[folded(word)]
        if read is not meaning:
            wrong.add(
                (*at, meaning.name.lower()),
                f'"{word}" is read as {read.name.lower()}: one meaning for each word',
            )


def _types(spelling: Spelling, wrong: Complaints) -> None:
    services = spelling.services
    words = type_words(services)
    for kind, word in services.types.items():
        if (read := words[plain_type(word)]) is not kind:
            wrong.add(("services", "types", kind.value), f'"{word}" is the word of {read}')
    for word, kind in services.types_read.items():
        if (read := words[word]) is not kind:
            wrong.add(("services", "types_read", word), f"is the word of {read}")
    for kind, fields in spelling.requests.types.items():
        rule = TYPE_RULES[kind]
        for number, name in enumerate(fields):
            if name not in (*rule.fields, *rule.optional):
                wrong.add(("types", kind.value, number), f"{kind} has no field {name}")


def _requests(spelling: Spelling, wrong: Complaints) -> None:
    requests = spelling.requests
    _once(("actions",), ((each.value, word) for each, word in requests.actions.items()), wrong)
    for action in requests.ids:
        if action not in ACTIONS_WITH_IDS:
            wrong.add(("ids", action.value), "does not ask by ids")
    for action in ACTIONS_WITH_IDS:
        ids = requests.ids.get(action)
        if action in requests.actions and (ids is None or not (ids.one or ids.many)):
            wrong.add(("ids", action.value), "wants a field for one id, or for many")
    always = [("action", "action"), ("the key", requests.key)]
    for kind, names in requests.types.items():
        sent = [(name, requests.names.get(name, name)) for name in ("service", *names)]
        _once(("fields",), [*always, *sent], wrong, f" in an order of type {kind}")


def _once(at: Path, pairs: Iterable[tuple[str, str]], wrong: Complaints, where: str = "") -> None:
    """Two names that are spelled alike cannot be told apart."""
    seen: dict[str, str] = {}
    for name, spelled in pairs:
        if spelled in seen:
            wrong.add((*at, name), f'"{spelled}" stands for {seen[spelled]} already{where}')
        seen.setdefault(spelled, name)


def _add(spelling: Spelling, wrong: Complaints) -> None:
    adds = spelling.adds
    for number, shape in enumerate(spelling.refusals):
        if shape.text in _OF_THE_TAKEN:  # an order that was taken would get lost
            wrong.add(("refusals", number), f'"{shape.text}" stands in accepted answers too')
    refusing = {shape.text.split(".")[0] for shape in spelling.refusals}
    if adds.order.name in refusing:
        wrong.add(("add", "order"), f'"{adds.order.name}" is where a refusal has its text')
    for name, word in adds.marker.items():
        if name == adds.order.name:
            wrong.add(("add", "marker", name), "stands for the order already")
        elif name in refusing:
            wrong.add(("add", "marker", name), "is where a refusal has its text")
        elif name in adds.verdicts and word.casefold() not in adds.verdicts[name]:
            wrong.add(("add", "marker", name), f'"{word}" is no yes by add.verdicts.{name}')


def _rows(spelling: Spelling, wrong: Complaints) -> None:
    statuses = spelling.statuses
    if statuses.rows is Rows.LIST and statuses.order is None:
        wrong.add(("status", "order"), 'rows in a list must name their order: order = "order"')
    if missing := [name for name in _ALWAYS_WRITTEN if name not in statuses.written]:
        wrong.add(("status", "written"), f"lacks {', '.join(missing)}")
    keys: list[tuple[str, Key | None]] = [
        ("order", statuses.order),
        ("status", statuses.status),
        ("charge", statuses.charge),
        ("start_count", statuses.start_count),
        ("remains", statuses.remains),
        ("currency", statuses.currency),
    ]
    _once(("status",), [(name, key.name) for name, key in keys if key], wrong)
    names = {attribute: name for name, attribute in LISTING_FIELDS.items()}
    listed = [(names[each], key.name) for each, key in spelling.services.keys.items()]
    always = [(name, name) for name in spelling.services.always]
    _once(("services", "keys"), [*listed, *always], wrong)
    balance = spelling.balances
    _once(
        ("balance",), [("amount", balance.amount.name), ("currency", balance.currency.name)], wrong
    )
    for at, grants in (("refill", spelling.refills), ("cancel", spelling.cancels)):
        _once((at,), [("order", grants.order.name), ("key", grants.key.name)], wrong)


def _texts(spelling: Spelling, wrong: Complaints) -> None:
    tables = (
        ("texts", spelling.texts),
        ("order_texts", spelling.order_texts),
        ("row_texts", spelling.row_texts),
    )
    for table, texts in tables:
        for code, text in texts.items():
            if text.count("{}") > 1:
                wrong.add((table, code.value), "has more than one blank {}")
            if classify(_filled(text, code), of_add=True) is DOUBTFUL:
                wrong.add((table, code.value), "leaves in doubt whether something was taken")


def _meanings(spelling: Spelling, wrong: Complaints) -> None:
    """Every sentence of its own must be understood as what it was meant for."""
    own = own_sentences(spelling)
    for code, text in spelling.texts.items():
        read = classify(_filled(text, code), of_add=False, own=own)
        if read is not code:
            wrong.add(("texts", code.value), f'"{text}" is read as {read}')
    for text, code in spelling.meanings.items():
        read = classify(text, of_add=False, own=own)
        if read is not code:
            wrong.add(("meanings", text), f"means {read} already")


def _filled(text: str, code: Code) -> str:
    return our_text({code: text}, code, "runs" if code in _OF_FIELDS else "100")
