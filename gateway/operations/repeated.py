"""Answer an `add` that was asked before, whatever has become of its service since."""

from gateway.domain.callers import Caller
from gateway.domain.refusals import Code, Refusal
from gateway.operations import Backends
from gateway.storage import placing


async def repeated(
    backends: Backends, caller: Caller, request_id: str, input_sha256: bytes
) -> int | None:
    """The order that this request id made; None when it is new. Raises Refusal for another input.

    Only a first look: placing decides again under the lock.
    """
    async with backends.database.reading() as connection:
        known = await placing.repeat(connection, caller.customer, request_id)
    if known is None:
        return None
    if known.input_sha256 != input_sha256:
        raise Refusal(Code.REUSED_REQUEST_ID)
    return known.order
