"""From a customer's ask to its answer, one function per action (architecture.md, walk of `add`)."""

import re

import structlog

from gateway.dialects import book
from gateway.dialects.fields import CANONICAL, ID_PATTERN
from gateway.dialects.messages import Ask, AskAdd, AskBalance, AskServices, AskStatus, Fields
from gateway.domain.accepting import fingerprint
from gateway.domain.callers import Caller
from gateway.domain.observations import Observation
from gateway.domain.refusals import Code, Refusal
from gateway.operations import Backends, InDoubt, Unreachable
from gateway.operations.add import Wanted, add
from gateway.operations.balance import balance
from gateway.operations.repeated import repeated
from gateway.operations.services import kind_of, services
from gateway.operations.status import status
from gateway.panel.answers import Answer, done

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_SERVICE = re.compile(r"[1-9][0-9]{0,15}")


async def answer_ask(
    backends: Backends, caller: Caller, ask: Ask, request_id: str | None
) -> Answer:
    """Do what was asked. Raises Refusal, Unreachable (nothing was taken) or, for `add`, InDoubt."""
    match ask:
        case AskAdd():
            return await _add(backends, caller, ask, request_id)
        case AskStatus():
            return await _status(backends, caller, ask)
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
    kind = kind_of(backends, caller, service)
    placement = dialect.read_placement(service, kind, ask.fields)
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
    ids = {text: int(text) for text in dict.fromkeys(ask.orders) if ID_PATTERN.fullmatch(text)}
    found = await status(backends, caller, list(ids.values())) if ids else {}
    rows: dict[str, Observation | Refusal] = {}
    for text in ask.orders:
        row = found.get(ids[text]) if text in ids else None
        rows[text] = row or Refusal(Code.ORDER_NOT_FOUND)
    if not ask.many:
        for row in rows.values():
            if isinstance(row, Refusal):
                raise row
    return done(book.dialect(caller.dialect).answer_status(rows, many=ask.many))
