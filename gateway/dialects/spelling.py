"""What a dialect declares: shapes, names, literals and vocabularies, no behaviour (protocol.md 7).

Every spelling starts from the standard's and replaces what differs. Reading takes numbers and texts
alike and needs no literal; a literal says how a value is written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from gateway.dialects.fields import ID_PATTERN
from gateway.dialects.json_text import Json
from gateway.domain.observations import Word
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType


class Literal(Enum):
    """How a value stands in JSON. A flag is `"1"` as text, 1 as number."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"


class Rows(Enum):
    """How the rows of a batch are told apart: a map by id, or a list whose rows name their id."""

    MAP = "map"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Key:
    """A key of an answer: its name as written, and other names under which it is read."""

    name: str
    literal: Literal = Literal.TEXT
    also_read: tuple[str, ...] = ()

    def of(self, row: Mapping[str, Json]) -> Json:
        """The value in a row; None when it has none."""
        value = row.get(self.name)
        if value is None and self.also_read:
            return next((row[other] for other in self.also_read if other in row), None)
        return value


@dataclass(frozen=True, slots=True)
class RefusalShape:
    """An object that refuses: the key of its text, and what else it must say."""

    text: str = "error"
    where: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Requests:
    """How we ask for an order.

    `types`: the fields of each type that the dialect has; `names`: fields with another name there;
    `never_in_comments` and `never_anywhere` are characters that change meaning on their way.
    """

    types: Mapping[ServiceType, tuple[str, ...]]
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    never_in_comments: str = ""
    never_anywhere: str = ""


@dataclass(frozen=True, slots=True)
class Adds:
    """An accepted add. `verdicts`: keys which, where present, must hold one of these words."""

    order: Key
    verdicts: Mapping[str, frozenset[str]]
    marker: Mapping[str, str] = field(default_factory=dict[str, str])
    id_pattern: re.Pattern[str] = ID_PATTERN


@dataclass(frozen=True, slots=True)
class Statuses:
    """Rows of `status`. A key that is None is never written; `order` repeats the id in the row."""

    status: Key
    charge: Key
    start_count: Key
    remains: Key
    currency: Key | None
    words: Mapping[Word, str]
    words_read: Mapping[str, Word]
    order: Key | None = None
    rows: Rows = Rows.MAP
    currency_in_rows: bool = True
    charge_in_rows: Literal = Literal.TEXT
    bare_errors: bool = False


@dataclass(frozen=True, slots=True)
class Services:
    """Rows of `services`, in the order of writing. Keys are named as `Listing` names its fields."""

    keys: Mapping[str, Key]
    types: Mapping[ServiceType, str]
    always: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Balances:
    """The answer to `balance`."""

    amount: Key
    currency: Key
    marker: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Spelling:
    """The whole declaration. `texts`: our refusals, `{}` for the bound or the field."""

    name: str
    requests: Requests
    adds: Adds
    statuses: Statuses
    services: Services
    balances: Balances
    texts: Mapping[Code, str]
    refusals: tuple[RefusalShape, ...] = (RefusalShape(),)
    status_batch_max: int = 100
