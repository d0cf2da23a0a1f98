"""From a customer's ask to its answer, one function per action (architecture.md, walk of `add`)."""

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

import structlog

from gateway.dialects import book
from gateway.dialects.fields import CANONICAL, ID_PATTERN
from gateway.dialects.messages import (
    Ask,
    AskAdd,
    AskBalance,
    AskCancel,
    AskRefill,
    AskRefillStatus,
    AskServices,
    AskStatus,
    Fields,
)
from gateway.domain.accepting import fingerprint
from gateway.domain.callers import Caller
from gateway.domain.observations import Taken
from gateway.domain.refusals import Code, Refusal
from gateway.operations import Backends, InDoubt, Unreachable
from gateway.operations.add import Wanted, add
from gateway.operations.balance import balance
from gateway.operations.cancel import cancel
from gateway.operations.refill import refill
from gateway.operations.refill_status import refill_status
from gateway.operations.repeated import repeated
from gateway.operations.services import kind_of, services
from gateway.operations.status import status
from gateway.panel.answers import Answer, done

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

T = TypeVar("T")

_SERVICE = re.compile(r"[1-9][0-9]{0,15}")


async def answer_ask(
    backends: Backends, caller: Caller, ask: Ask, request_id: str | None
) -> Answer:
    """Do what was asked.

    Raises Refusal, Unreachable (nothing was taken) or, for what changes something, InDoubt.
    """
    match ask:
        case AskAdd():
            return await _add(backends, caller, ask, request_id)
        case AskStatus():
            return await _status(backends, caller, ask)
        case AskRefill():
            return await _refill(backends, caller, ask)
        case AskRefillStatus():
            return await _refill_status(backends, caller, ask)
        case AskCancel():
            return await _cancel(backends, caller, ask)
        case AskBalance():
            return done(
                book.dialect(caller.dialect).answer_balance(await balance(backends, caller))
            )
        case AskServices():
            return Answer(200, await services(backends, caller))


async def _add(backends: Backends, caller: Caller, ask: AskAdd, request_id: str | None) -> Answer:
    if not _SERVICE.fullmatch(ask.service):
        raise Refusal(Code.BAD_SERVICE)
    service = int(ask.service)
    dialect = book.dialect(caller.dialect)
    asked = fingerprint(_wish(ask)) if request_id else b""
    if request_id and (order := await repeated(backends, caller, request_id, asked)):
        return done(dialect.answer_add(str(order)))
    kind, posts_max = kind_of(backends, caller, service)
    placement = dialect.read_placement(service, kind, ask.fields, posts_max)
    try:
        (placed,) = await add(backends, [Wanted(caller, placement, request_id, asked)])
        if not isinstance(placed, Refusal):
            return done(dialect.answer_add(str(placed)))
    except (Refusal, Unreachable, InDoubt):
        raise
    except Exception as fault:
        # it may have broken after the commit, so no answer may promise that nothing was taken
        log.exception("add broke off", customer=caller.customer, service=service)
        raise InDoubt from fault
    raise placed


def _wish(ask: AskAdd) -> Fields:
    """What was asked for, under one name each: neither the key nor the request id belongs to it."""
    named = {
        CANONICAL[name]: value.strip() if isinstance(value, str) else value
        for name, value in ask.fields.items()
        if name in CANONICAL
    }
    return {**named, "service": ask.service}


async def _status(backends: Backends, caller: Caller, ask: AskStatus) -> Answer:
    ids = _numbers(ask.orders)
    found = await status(backends, caller, list(ids.values())) if ids else {}
    rows = _rows(ask.orders, ids, found, Code.ORDER_NOT_FOUND)
    if not ask.many:
        for row in rows.values():
            if isinstance(row, Refusal):
                raise row
    return done(book.dialect(caller.dialect).answer_status(rows, many=ask.many))


async def _refill(backends: Backends, caller: Caller, ask: AskRefill) -> Answer:
    ids = _numbers(ask.orders)
    made = await refill(backends, caller, list(ids.values())) if ids else {}
    found = {
        order: each if isinstance(each, Refusal) else Taken(str(each))
        for order, each in made.items()
    }
    rows = _rows(ask.orders, ids, found, Code.ORDER_NOT_FOUND)
    return done(book.dialect(caller.dialect).answer_refill(rows, many=ask.many))


async def _refill_status(backends: Backends, caller: Caller, ask: AskRefillStatus) -> Answer:
    ids = _numbers(ask.refills)
    found = await refill_status(backends, caller, list(ids.values())) if ids else {}
    rows = _rows(ask.refills, ids, found, Code.REFILL_NOT_FOUND)
    return done(book.dialect(caller.dialect).answer_refill_status(rows, many=ask.many))


async def _cancel(backends: Backends, caller: Caller, ask: AskCancel) -> Answer:
    ids = _numbers(ask.orders)
    refusals = await cancel(backends, caller, list(ids.values())) if ids else {}
    found = {order: no or Taken() for order, no in refusals.items()}
    rows = _rows(ask.orders, ids, found, Code.ORDER_NOT_FOUND)
    return done(book.dialect(caller.dialect).answer_cancel(rows, many=ask.many))


def _numbers(ids: Iterable[str]) -> dict[str, int]:
    """Those that can be an id of ours, each once."""
    return {text: int(text) for text in ids if ID_PATTERN.fullmatch(text)}


def _rows(
    asked: Iterable[str], ids: Mapping[str, int], found: Mapping[int, T], absent: Code
) -> dict[str, T | Refusal]:
    """What was found, by the ids as they were asked and in that order."""
    numbered = ((text, ids.get(text)) for text in asked)
    return {
        text: Refusal(absent) if number is None or number not in found else found[number]
        for text, number in numbered
    }
