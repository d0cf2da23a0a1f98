"""What a page is and what it is given: who asks, what was sent, and what it works with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from gateway import clock
from gateway.domain.operators import Actor, Right, Role, may
from gateway.domain.searching import ID_MAX
from gateway.operations import Backends
from gateway.operations.sign_in_elsewhere import Issuer
from gateway.operations.who_is import Session

NAME_CHARACTERS_MAX = 100


@dataclass(frozen=True, slots=True)
class Site:
    """Where the pages are. `names`: hosts beside IP addresses and localhost that they answer to.

    `secure`: browsers reach them by https, so cookies never travel otherwise. `config`: the folder
    of the documents on disk, where there is one beside the pages. `private`: panels whose address
    is typed may be on this network. `issuer`: where operators may sign in elsewhere. `now`: the
    time of day.
    """

    names: frozenset[str] = frozenset()
    secure: bool = False
    config: str = ""
    issuer: Issuer | None = None
    private: bool = False
    now: Callable[[], datetime] = clock.now


def whole(text: str, greatest: int = ID_MAX) -> int | None:
    """A number from 0 on as an address or a form has it; None for anything else."""
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(greatest))
    return int(text) if digits and int(text) <= greatest else None


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a request, as they were sent."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def one(self, name: str, otherwise: str = "") -> str:
        """The first value of a field."""
        values = self.fields.get(name)
        return values[0] if values else otherwise

    def many(self, name: str) -> list[str]:
        """All values of a field."""
        return list(self.fields.get(name, ()))


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of an operator who may make it."""

    backends: Backends
    site: Site
    request: Request
    session: Session
    csrf: str
    form: Form = Form()
    query: Form = Form()

    @property
    def actor(self) -> Actor:
        """Who acts, for the record."""
        return Actor(self.session.name, address_of(self.request))

    @property
    def role(self) -> Role:
        """What he is."""
        return self.session.role

    def may(self, right: Right) -> bool:
        """Whether he may do what asks for a right: what he may not do is not offered."""
        return may(self.session.role, right)

    def path(self, name: str) -> str:
        """A part of the path, by its name in the route."""
        return str(self.request.path_params[name])

    def number(self, name: str) -> int:
        """The same, of a route that takes whole numbers only (`{name:int}`).

        Raises `Stop` for one that no row can have.
        """
        number = int(self.request.path_params[name])
        if number > ID_MAX:
            raise missing(f"{name} {number}"[:NAME_CHARACTERS_MAX])
        return number


@dataclass(frozen=True, slots=True)
class Page:
    """One route: nobody without the right gets an answer.

    `proven`: who was not asked for a code within the last quarter of an hour is asked first.
    """

    method: str
    path: str
    right: Right
    answer: Callable[[Visit], Awaitable[Response]]
    proven: bool = False


class Stop(Exception):  # noqa: N818  an expected no
    """Nothing was changed: `why`, and what may be done next; `back` is where to."""

    def __init__(self, why: str, *, then: str = "", back: str = "", status: int = 409) -> None:
        super().__init__(why)
        self.why, self.then, self.back, self.status = why, then, back, status


def missing(what: str) -> Stop:
    """There is no such thing."""
    return Stop(f"There is no {what}.", then="It may be spelled otherwise: search.", status=404)


def address_of(request: Request) -> str:
    """Whence a request came; behind a proxy on this machine, whom that names."""
    peer = request.scope.get("client")
    return str(peer[0]) if peer else ""
