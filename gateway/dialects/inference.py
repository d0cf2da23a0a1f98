"""Which dialect a panel speaks, from its answers to read-only questions (protocol.md 7, Probe)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.dialects.answer_keys import answer_keys
from gateway.dialects.built_in import BUILT_IN
from gateway.dialects.corpus import classify
from gateway.dialects.dialect import Dialect
from gateway.dialects.document import DialectErrors, read_dialect, write_dialect
from gateway.dialects.evidence import (
    IMPOSSIBLE,
    Answers,
    Evidence,
    Heard,
    Question,
    questions,
    read_evidence,
)
from gateway.dialects.inference_draft import NAME, draft
from gateway.dialects.inference_refusals import (
    OF_THE_CALL,
    TRAITS_OF_ORDERS,
    refusal_of,
    words_seen,
)
from gateway.dialects.inference_sight import Sight, look
from gateway.dialects.inference_traits import (
    NAMED,
    TRAITS_OF_LISTS,
    Trait,
    shown,
    type_words_seen,
)
from gateway.dialects.listings import type_words
from gateway.dialects.messages import ServicesRead
from gateway.dialects.standard import STANDARD
from gateway.dialects.values import folded
from gateway.domain.observations import Balance, Observation, Refused
from gateway.domain.refusals import Code
from gateway.domain.services import plain_type

__all__ = ["Evidence", "Feature", "Heard", "Inference", "Question", "infer", "questions"]

TRAITS = (*TRAITS_OF_LISTS, *TRAITS_OF_ORDERS)
FIT_MIN_PERCENT = 75
NEARER_MIN_SHARE = 4  # nearer than the standard by more than a quarter of everything
LEAD_MIN = 3  # of one that does not do everything over the next one

FIRST_ORDER = (
    "the shape of the answer to add, and the name of the order's id in it",
    "the field of the target: link, or url",
    "how comments are read: line by line, and in which encoding",
    "whether values are decoded twice: a link with %2B in it shows it",
    "whether the ids of orders rise",
    "when the charge appears, and whether it is in the currency that is billed",
)

_Dialects = Mapping[str, Dialect]


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of the panel, and the dialects that do the same; none = a way of its own."""

    feature: str
    seen: str
    points_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inference:
    """What the answers say. `scores` by dialect are out of `score_max`.

    `best`: the dialect that fits. None when none does: then there is a `draft`; or when it cannot
    be told: `undecided` says why, and what else the answers leave open. `first_order`: what no
    question can show, only an order that is really placed.
    """

    features: tuple[Feature, ...]
    scores: Mapping[str, int]
    score_max: int
    best: str | None
    draft: Dialect | None
    undecided: tuple[str, ...]
    first_order: tuple[str, ...] = FIRST_ORDER


def infer(evidence: Evidence, documents: _Dialects = MappingProxyType({})) -> Inference:
    """Judge a panel's answers by the built-in dialects and those of documents.

    Nothing is raised, whatever was heard.
    """
    dialects: _Dialects = {**BUILT_IN, **documents}
    keys = frozenset[str]().union(*(answer_keys(each.spelling) for each in dialects.values()))
    answers = read_evidence(evidence, keys)
    sight = look(answers, tuple(dialects.values()))
    decided = [trait for trait in TRAITS if trait.seen(sight)]
    same = {
        trait: tuple(name for name in dialects if trait.fits(sight, dialects[name]))
        for trait in decided
    }
    scores = {
        name: sum(trait.weight for trait in decided if name in same[trait]) for name in dialects
    }
    score_max = sum(trait.weight for trait in decided)
    undecided = [*_unheard(answers, evidence), *_left_open(sight, dialects)]
    fit = _fitting(dialects, answers, scores, score_max, same)
    best = fit[0] if len(fit) == 1 else None
    drafted = None
    if not _is_enough(sight):
        best = None
        undecided.insert(0, "the dialect: too few answers could be read")
    elif not fit:
        drafted = _drafted(sight, dialects[_nearest(scores, score_max)], undecided)
    elif len(fit) > 1:
        undecided.insert(0, f"the dialect: {' and '.join(fit)} are too much alike so far")
    features = (Feature(each.feature, each.seen(sight), same[each]) for each in decided)
    return Inference(tuple(features), scores, score_max, best, drafted, tuple(undecided))


def _is_enough(sight: Sight) -> bool:
    """A list with offers, and an answer of another kind beside it."""
    return sight.services is not None and (
        sight.balance is not None
        or sight.order is not None
        or refusal_of(sight, Question.UNKNOWN_ORDER) is not None
    )


def _fitting(
    dialects: _Dialects,
    answers: Answers,
    scores: Mapping[str, int],
    score_max: int,
    same: Mapping[Trait, tuple[str, ...]],
) -> list[str]:
    """The dialects that understand everything and do most of it themselves: the foremost.

    One that does not do everything is only told from those that it leads by far.
    """
    fit = {
        name: score
        for name, score in scores.items()
        if score * 100 >= FIT_MIN_PERCENT * score_max
        and all(name in names for trait, names in same.items() if trait.firm)
        and _understands(dialects[name], answers)
    }
    highest = max(fit.values(), default=0)
    lead = 0 if highest == score_max else LEAD_MIN - 1
    return [name for name, score in fit.items() if score >= highest - lead]


def _nearest(scores: Mapping[str, int], score_max: int) -> str:
    """The standard, unless another one is much nearer: what no answer shows comes from it, too."""
    highest = max(scores, key=lambda name: scores[name])
    lead = scores[highest] - scores[STANDARD.name]
    return highest if lead * NEARER_MIN_SHARE > score_max else STANDARD.name


def _drafted(sight: Sight, nearest: Dialect, undecided: list[str]) -> Dialect | None:
    """The draft as its own document gives it back; None when no document can say it."""
    try:
        drafted = read_dialect(NAME, write_dialect(draft(sight, nearest)))
    except DialectErrors as errors:
        undecided += [f"a draft: {error}" for error in errors.errors]
        return None
    undecided.append(f"what no answer shows is in the draft as {nearest.name} has it")
    return drafted


def _understands(dialect: Dialect, answers: Answers) -> bool:
    """Whether it reads every answer as what it must be, but for those that refuse the call."""
    return all(
        _reads(dialect, answers, question)
        for question in answers.by_question
        if not _refuses_the_call(answers, question)
    )


def _reads(dialect: Dialect, answers: Answers, question: Question) -> bool:
    heard = answers.by_question[question].heard
    match question:
        case Question.BALANCE:
            return isinstance(dialect.read_balance(heard.status, heard.body), Balance)
        case Question.SERVICES:
            read = dialect.read_services(heard.status, heard.body)
            return isinstance(read, ServicesRead) and bool(read.listings)
        case Question.UNKNOWN_ORDERS:
            rows = dialect.read_status(IMPOSSIBLE, heard.status, heard.body)
            if isinstance(rows, Mapping):
                return all(isinstance(row, Refused) for row in rows.values())
            return isinstance(rows, Refused) and rows.code is Code.ORDER_NOT_FOUND
        case Question.ORDER | Question.ORDERS:
            orders = answers.orders[:1] if question is Question.ORDER else answers.orders
            rows = dialect.read_status(orders, heard.status, heard.body)
            found = rows.values() if isinstance(rows, Mapping) else ()
            return any(isinstance(row, Observation) for row in found)
        case _:
            return True


def _unheard(answers: Answers, evidence: Evidence) -> Iterator[str]:
    """Questions without an answer that says something."""
    asked = [question for question, _ in questions(evidence.orders)]
    refusing = {each for each in answers.by_question if _refuses_the_call(answers, each)}
    if refusing and len(refusing) == len(answers.by_question):
        yield 'every answer refuses the call: is the key right, and is its field called "key"?'
    for question in asked:
        if question in answers.unreadable:
            said = answers.unreadable[question].shown or "an empty answer"
            yield f"{question}: no JSON: {said}"
        elif (answer := answers.of(question)) is None:
            yield f"{question}: no answer"
        elif question in refusing:
            yield f"{question}: refused: {answer.shown}"


def _refuses_the_call(answers: Answers, question: Question) -> bool:
    answer = answers.of(question)
    return answer is not None and classify(answer.text, of_add=False) in OF_THE_CALL


def _left_open(sight: Sight, dialects: _Dialects) -> Iterator[str]:
    """What was answered and could not be understood."""
    for question, found, wanted in (
        (Question.SERVICES, sight.services, "list with offers"),
        (Question.BALANCE, sight.balance, "amount"),
    ):
        answer = sight.answers.of(question)
        if answer and not found and not _refuses_the_call(sight.answers, question):
            yield f"{question}: no {wanted}: {answer.shown}"
    if sight.services and (missing := [each for each in NAMED if each not in sight.services.keys]):
        yield f"{Question.SERVICES}: no key for {shown(missing)}"
    order = refusal_of(sight, Question.UNKNOWN_ORDER)
    if order and classify(order.text, of_add=False) is not Code.ORDER_NOT_FOUND:
        yield f"{Question.UNKNOWN_ORDER}: is this about the id, or its field? {order.shown}"
    meant = [type_words(each.spelling.services) for each in dialects.values()]
    types = [
        word
        for word in type_words_seen(sight)
        if not any(plain_type(word) in words for words in meant)
    ]
    if types:
        yield f"words of types that nobody knows: {shown(types)}"
    read = [each.spelling.statuses.words_read for each in dialects.values()]
    statuses = [
        word for word in words_seen(sight) if not any(folded(word) in words for words in read)
    ]
    if statuses:
        yield f"words of statuses that nobody knows: {shown(statuses)}"
