"""Ask a panel questions that change nothing there, and tell which dialect it speaks."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from gateway import clock
from gateway.dialects.book import BOOK, spoken_by
from gateway.dialects.dialect import Dialect
from gateway.dialects.evidence import IMPOSSIBLE
from gateway.dialects.inference import Evidence, Heard, Inference, Question, infer, questions
from gateway.dialects.messages import ServicesRead
from gateway.domain.catalog import Provider
from gateway.domain.drafts import Seen, draft
from gateway.domain.money import plain
from gateway.domain.observations import Balance, Observation, RefillSeen, Refused, Unclear
from gateway.domain.refusals import Code
from gateway.upstream.client import ProviderClient
from gateway.upstream.panels import Panels
from gateway.upstream.wire import Reply

PAUSE_MILLISECONDS = 500
PROBE_SECONDS = 120
SILENT_MAX = 2
SHOWN_MAX = 5
_KEY_REFUSED = (Code.BAD_KEY, Code.KEY_SCOPE)

Answer = Balance | ServicesRead | Refused | Unclear
Row = Observation | RefillSeen | Refused


@dataclass(frozen=True, slots=True)
class Reading:
    """What a dialect made of one answer; `understood`: it was of the kind to be expected."""

    question: str
    understood: bool
    answer: str


@dataclass(frozen=True, slots=True)
class Probed:
    """What was heard and what follows from it.

    `readings` are those of `read_by`: the panel's own dialect, else the one that its answers show;
    `silent`: why questions have no answer; `refused`: the sentence that refuses our key, after
    which nothing else was asked.
    """

    inference: Inference
    heard: Mapping[Question, Heard]
    silent: Mapping[Question, str]
    refused: str
    read_by: Dialect
    readings: tuple[Reading, ...]
    balance: Balance | None

    def why_nothing(self, provider: Provider) -> str:
        """Why nothing can be told of the panel; empty when something can."""
        if self.refused:
            return f"it refuses the key in {provider.key_env}: {self.refused}"
        if not self.heard:
            reasons = ", ".join(dict.fromkeys(self.silent.values()))
            return f"{provider.url} cannot be reached: {reasons}"
        if not self.inference.features:
            seen = " ".join(self.inference.undecided[1:2])
            odd = "does not answer as a panel's API does; is the address right?"
            return f"{provider.url} {odd} {seen}"
        return ""

    def table(self, provider: Provider, *, configured: bool, named: str = "") -> str:
        """What providers.toml should say of the provider; `named`: a drafted dialect's name."""
        found, balance = self.inference, self.balance
        drafted = (named or provider.name) if found.draft else None
        seen = Seen(
            found.best or drafted,
            (balance.currency or "") if balance else "",
            bool(self.read_by.spelling.constant_currency),
        )
        return draft(provider, seen, configured=configured)


async def probe(
    panels: Panels,
    provider: Provider,
    orders: Sequence[str] = (),
    documents: Mapping[str, Dialect] = MappingProxyType({}),
    *,
    configured: bool = True,
    pause_milliseconds: int = PAUSE_MILLISECONDS,
) -> Probed:
    """At most eight calls that only read, one after another.

    `orders`: ids that the panel gave once; `documents`: dialects besides the built-in ones; not
    `configured`: the provider's dialect is only a guess. Raises KeyMissing, and ValueError for an
    order's id that is none.
    """
    asked = dict(questions(orders))
    panel = panels.of(provider)
    heard: dict[Question, Heard] = {}
    silent: dict[Question, str] = {}
    refused = ""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            for question, form in asked.items():
                await _ask(panel, question, form, heard, silent)
                refused = _why_no_key(spoken_by(provider), heard)
                if refused or (not heard and len(silent) >= SILENT_MAX):
                    break
                await clock.sleep(pause_milliseconds)
    except TimeoutError:
        silent.update({each: "no time was left for it" for each in asked if each not in heard})
    found = infer(Evidence(heard, tuple(orders)), documents)
    spoken = spoken_by(provider) if configured else _shown(found, documents)
    readings = tuple(_reading(spoken, question, orders, each) for question, each in heard.items())
    return Probed(found, heard, silent, refused, spoken, readings, _balance(spoken, heard))


async def _ask(
    panel: ProviderClient,
    question: Question,
    form: Mapping[str, str],
    heard: dict[Question, Heard],
    silent: dict[Question, str],
) -> None:
    reply = await panel.ask(dict(form))
    if isinstance(reply, Reply):
        heard[question] = Heard(reply.status, reply.body)
    else:
        silent[question] = reply.why


def _why_no_key(dialect: Dialect, heard: Mapping[Question, Heard]) -> str:
    """Refused twice, once for each question: another one might lock the key."""
    balance, listed = heard.get(Question.BALANCE), heard.get(Question.SERVICES)
    if balance is None or listed is None:
        return ""
    answers = (
        dialect.read_balance(balance.status, balance.body),
        dialect.read_services(listed.status, listed.body),
    )
    refused = [each for each in answers if isinstance(each, Refused) and each.code in _KEY_REFUSED]
    return refused[0].text if len(refused) == len(answers) else ""


def _shown(found: Inference, documents: Mapping[str, Dialect]) -> Dialect:
    if found.draft:
        return found.draft
    name = found.best or max(found.scores, key=lambda each: found.scores[each])
    return documents.get(name) or BOOK[name]


def _balance(dialect: Dialect, heard: Mapping[Question, Heard]) -> Balance | None:
    answer = heard.get(Question.BALANCE)
    read = dialect.read_balance(answer.status, answer.body) if answer else None
    return read if isinstance(read, Balance) else None


def _reading(dialect: Dialect, question: Question, orders: Sequence[str], heard: Heard) -> Reading:
    match question:
        case Question.BALANCE | Question.UNKNOWN_ACTION:
            read = dialect.read_balance(heard.status, heard.body)
            return _single(question, read)
        case Question.SERVICES:
            return _single(question, dialect.read_services(heard.status, heard.body))
        case Question.UNKNOWN_REFILL:
            if not dialect.refill_status_usable:
                return Reading(question, understood=True, answer="not asked in this dialect")
            ids, wanted = IMPOSSIBLE[:1], Code.REFILL_NOT_FOUND
            rows = dialect.read_refill_status(ids, heard.status, heard.body)
        case _:
            ids, wanted = _ids(question, orders), Code.ORDER_NOT_FOUND
            rows = dialect.read_status(ids, heard.status, heard.body)
    return _rows(question, rows, ids, wanted)


def _ids(question: Question, orders: Sequence[str]) -> tuple[str, ...]:
    match question:
        case Question.ORDER:
            return tuple(orders[:1])
        case Question.ORDERS:
            return (*orders, IMPOSSIBLE[0])
        case Question.UNKNOWN_ORDERS:
            return IMPOSSIBLE
        case _:
            return IMPOSSIBLE[:1]


def _single(question: Question, answer: Answer) -> Reading:
    if isinstance(answer, Refused):
        expected = question is Question.UNKNOWN_ACTION and answer.code is Code.BAD_ACTION
        return Reading(question, understood=expected, answer=_refused(answer))
    if isinstance(answer, Unclear):
        return Reading(question, understood=False, answer=answer.why)
    if isinstance(answer, Balance):
        words = f"{plain(answer.amount)} {answer.currency or '(no currency)'}"
    else:
        words = _list(answer)
    return Reading(question, understood=question is not Question.UNKNOWN_ACTION, answer=words)


def _list(answer: ServicesRead) -> str:
    listings = answer.listings
    parts = [f"{len(listings)} offers, {len(answer.skipped)} rows left out"]
    skipped = [f"{offer}: {why}" for offer, why in answer.skipped[:SHOWN_MAX]]
    if skipped:
        parts.append(f"left out: {'; '.join(skipped)}")
    if listings:
        each = listings[0]
        parts.append(
            f"the first: {each.offer} {each.name!r} in {each.category!r}, {each.kind_word},"
            f" rate {plain(each.rate)}, {each.quantity_min} to {each.quantity_max}"
        )
        parts.append(f"types: {_counted(listing.kind_word for listing in listings)}")
        for name, flags in (
            ("drip-feed", (listing.drip_feed for listing in listings)),
            ("refill", (listing.refill for listing in listings)),
            ("cancel", (listing.cancel for listing in listings)),
        ):
            parts.append(f"{name}: {_counted(_FLAGS[flag] for flag in flags)}")
    return "; ".join(parts)


_FLAGS = {True: "yes", False: "no", None: "not known"}


def _counted(words: Iterable[str]) -> str:
    return ", ".join(f"{times} {word}" for word, times in Counter(words).most_common())


def _rows(
    question: Question,
    rows: Mapping[str, Row] | Refused | Unclear,
    ids: Sequence[str],
    wanted: Code,
) -> Reading:
    """Of an id that cannot exist, the one answer to hope for is that it is not known."""
    if isinstance(rows, Unclear):
        return Reading(question, understood=False, answer=rows.why)
    if isinstance(rows, Refused):
        expected = rows.code is wanted and ids[0] in IMPOSSIBLE
        return Reading(question, understood=expected, answer=_refused(rows))
    expected = all(_is_expected(each, rows.get(each), wanted) for each in ids)
    words = (f"{each}: {_row(row)}" for each, row in rows.items())
    return Reading(question, expected, "; ".join(words) or "no row for any id that was asked")


def _is_expected(each: str, row: Row | None, wanted: Code) -> bool:
    if each in IMPOSSIBLE:
        # some panels leave out the rows of ids that they do not know
        return row is None or (isinstance(row, Refused) and row.code is wanted)
    return isinstance(row, Observation) and row.word is not None


def _row(row: Row) -> str:
    if isinstance(row, Refused):
        return _refused(row)
    if isinstance(row, RefillSeen):
        return row.raw_word or str(row.word)
    facts = (
        ("charge", None if row.charge is None else plain(row.charge)),
        ("start_count", row.start_count),
        ("remains", row.remains),
        ("currency", row.currency),
    )
    told = (f"{name} {'not known' if value is None else value}" for name, value in facts)
    return ", ".join((str(row.word or f"the unknown word {row.raw_word!r}"), *told))


def _refused(answer: Refused) -> str:
    return f"{answer.code or 'an unknown refusal'}: {answer.text}"
