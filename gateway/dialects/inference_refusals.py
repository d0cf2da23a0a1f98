"""The traits of a panel's statuses and refusals (protocol.md 7, Probe)."""

from collections.abc import Mapping

from gateway.dialects.corpus import classify
from gateway.dialects.dialect import Dialect
from gateway.dialects.evidence import IMPOSSIBLE, Answer, Question, kind_of
from gateway.dialects.inference_sight import Batch, Sight
from gateway.dialects.inference_traits import Trait, place, same, shown
from gateway.dialects.spelling import Action, Rows
from gateway.dialects.values import WORD_CHARACTERS_MAX, folded, line
from gateway.domain.observations import Refused
from gateway.domain.refusals import Code

OF_THE_CALL = frozenset(
    {Code.BAD_KEY, Code.KEY_SCOPE, Code.RATE_LIMIT, Code.MAINTENANCE, Code.NOT_POST}
)
"""Refusals that say nothing of what was asked."""

SHAPES: Mapping[Rows, str] = {Rows.MAP: "map", Rows.LIST: "list"}


def refusal_of(sight: Sight, question: Question) -> Answer | None:
    """The answer to a question, where it refuses and not for another reason."""
    answer = sight.answers.of(question)
    if answer is None or not answer.text:
        return None
    return None if classify(answer.text, of_add=False) in OF_THE_CALL else answer


def words_seen(sight: Sight) -> list[str]:
    """The status words of known orders as they are written, each once."""
    every = (sight.order, sight.orders.rows if sight.orders else None)
    found = [each for each in every if each and "status" in each.keys]
    words = (
        line(row.get(each.keys["status"]), WORD_CHARACTERS_MAX)
        for each in found
        for row in each.rows
    )
    return [*dict.fromkeys(word for word in words if word)]


def _plain(text: str) -> str:
    return text.casefold().rstrip(" .!")


def _is_text_of(dialect: Dialect, code: Code, text: str) -> bool:
    spelling = dialect.spelling
    own = (said for said, meant in spelling.meanings.items() if meant is code)
    return any(_plain(each) == _plain(text) for each in (spelling.texts[code], *own))


def _unknown_order_seen(sight: Sight) -> str:
    answer = refusal_of(sight, Question.UNKNOWN_ORDER)
    return answer.shown if answer else ""


def _unknown_order(sight: Sight, dialect: Dialect) -> bool:
    answer = refusal_of(sight, Question.UNKNOWN_ORDER)
    if answer is None:
        return False
    order = IMPOSSIBLE[0]
    read = dialect.read_status([order], answer.heard.status, answer.heard.body)
    no = read.get(order) if isinstance(read, Mapping) else None
    return isinstance(no, Refused) and no.code is Code.ORDER_NOT_FOUND


def _in_words(batch: Batch | None) -> str:
    """The shape of a batch, and what stands for an id that is not known."""
    if batch is None:
        return ""
    unknown = {kind_of(each) for each in batch.refusals}
    kinds = f" of {shown(sorted(f'{kind}s' for kind in unknown))}" if unknown else ""
    return f"{batch.shape}{kinds} {place(batch.path)}"


def _unknown_orders_seen(sight: Sight) -> str:
    return _in_words(sight.unknown_orders)


def _unknown_orders(sight: Sight, dialect: Dialect) -> bool:
    return _shaped(sight.unknown_orders, dialect)


def _shaped(batch: Batch | None, dialect: Dialect) -> bool:
    statuses = dialect.spelling.statuses
    if batch is None or batch.shape != SHAPES[statuses.rows] or batch.path != statuses.within:
        return False
    wanted = "text" if statuses.bare_errors else "object"
    return all(kind_of(each) == wanted for each in batch.refusals)


def _orders_seen(sight: Sight) -> str:
    return _in_words(sight.orders)


def _orders(sight: Sight, dialect: Dialect) -> bool:
    return _shaped(sight.orders, dialect)


def _row_seen(sight: Sight) -> str:
    return shown(sight.order.rows[0]) if sight.order else ""


def _row(sight: Sight, dialect: Dialect) -> bool:
    statuses, found = dialect.spelling.statuses, sight.order
    if found is None or found.path != statuses.within:
        return False
    keys = {"order": statuses.order, "currency": statuses.currency}
    return all(found.keys.get(thing) == (key and key.name) for thing, key in keys.items())


def _charge_seen(sight: Sight) -> str:
    rows = sight.orders.rows if sight.orders else None
    return rows.kind("charge") if rows else ""


def _charge(sight: Sight, dialect: Dialect) -> bool:
    statuses = dialect.spelling.statuses
    rows = sight.orders.rows if sight.orders else None
    return rows is not None and same(rows, "charge", statuses.charge, statuses.charge_in_rows)


def _words_seen(sight: Sight) -> str:
    return shown(words_seen(sight))


def _words(sight: Sight, dialect: Dialect) -> bool:
    statuses = dialect.spelling.statuses
    meant = {word: statuses.words_read.get(folded(word)) for word in words_seen(sight)}
    return all(meaning and statuses.words[meaning] == word for word, meaning in meant.items())


def has_no_refill_status(sight: Sight) -> bool:
    """Whether it answers a refill's status as it answers an action that does not exist."""
    refill = refusal_of(sight, Question.UNKNOWN_REFILL)
    action = refusal_of(sight, Question.UNKNOWN_ACTION)
    order = refusal_of(sight, Question.UNKNOWN_ORDER)
    return bool(
        refill
        and action
        and _plain(refill.text) == _plain(action.text)
        and not (order and _plain(order.text) == _plain(action.text))
    )


def _refill_seen(sight: Sight) -> str:
    answer = refusal_of(sight, Question.UNKNOWN_REFILL)
    if has_no_refill_status(sight):
        return "no such action"
    known = answer and classify(answer.text, of_add=False) is Code.REFILL_NOT_FOUND
    return answer.shown if answer and known else ""


def _refill(sight: Sight, dialect: Dialect) -> bool:
    if has_no_refill_status(sight):
        return Action.REFILL_STATUS not in dialect.spelling.requests.actions
    answer = refusal_of(sight, Question.UNKNOWN_REFILL)
    return answer is not None and _is_text_of(dialect, Code.REFILL_NOT_FOUND, answer.text)


def _action_seen(sight: Sight) -> str:
    answer = refusal_of(sight, Question.UNKNOWN_ACTION)
    return answer.shown if answer else ""


def _action(sight: Sight, dialect: Dialect) -> bool:
    answer = refusal_of(sight, Question.UNKNOWN_ACTION)
    return answer is not None and _is_text_of(dialect, Code.BAD_ACTION, answer.text)


TRAITS_OF_ORDERS = (
    Trait("status of an unknown order", 1, _unknown_order_seen, _unknown_order, firm=True),
    Trait("status of two unknown orders", 3, _unknown_orders_seen, _unknown_orders),
    Trait("status of known orders together", 3, _orders_seen, _orders),
    Trait("status: keys", 2, _row_seen, _row),
    Trait("status: charge among many", 2, _charge_seen, _charge),
    Trait("status: words", 2, _words_seen, _words),
    Trait("refill_status of an unknown refill", 1, _refill_seen, _refill),
    Trait("an unknown action", 2, _action_seen, _action),
)
