"""What a dialect declares: shapes, names, literals and vocabularies, no behaviour (protocol.md 7).

Every spelling starts from the standard's and replaces what differs. Reading takes numbers and texts
alike and needs no literal; a literal says how a value is written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from gateway.dialects.fields import ID_PATTERN
from gateway.dialects.json_text import Json
from gateway.domain.observations import RefillWord, Word
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType


class Action(StrEnum):
    """What a panel can be asked for, under the standard's words."""

    SERVICES = "services"
    ADD = "add"
    STATUS = "status"
    REFILL = "refill"
    REFILL_STATUS = "refill_status"
    CANCEL = "cancel"
    BALANCE = "balance"


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
    """An object that refuses: the key of its text, and what else it must say.

    `listed`: a list of texts refuses as well.
    """

    text: str = "error"
    where: Mapping[str, str] = field(default_factory=dict[str, str])
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Ids:
    """The fields of an action that name orders or refills; None = that way there is none.

    `many` holds at most `batch_max` ids, joined with commas.
    """

    one: str | None = "order"
    many: str | None = "orders"
    batch_max: int = 100


@dataclass(frozen=True, slots=True)
class Requests:
    """How we ask, and what cannot be asked for.

    `actions`: the words of the actions that there are; `types`: the fields of each type that the
    dialect has; `names`: fields with another name there; `key`: the field of our key; `intervals`
    and `delays`: the minutes that it takes, empty = any; `never_in_comments` and `never_anywhere`
    are characters that change meaning on their way; `encoded_twice`: the panel decodes once more.
    """

    actions: Mapping[Action, str]
    types: Mapping[ServiceType, tuple[str, ...]]
    ids: Mapping[Action, Ids]
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    key: str = "key"
    intervals: tuple[int, ...] = ()
    delays: tuple[int, ...] = ()
    never_in_comments: str = ""
    never_anywhere: str = ""
    encoded_twice: bool = False


@dataclass(frozen=True, slots=True)
class Adds:
    """An accepted add. `verdicts`: keys which, where present, must hold one of these words.

    `within` here and below: the keys that lead from the answer to what counts; empty = itself.
    """

    order: Key
    verdicts: Mapping[str, frozenset[str]]
    marker: Mapping[str, str] = field(default_factory=dict[str, str])
    id_pattern: re.Pattern[str] = ID_PATTERN
    trusts_429: bool = False
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statuses:
    """Rows of `status`. A key that is None is never written; `order` repeats the id in the row.

    `written`: the other keys in the order of writing; `children`, `posts` and `runs` follow where
    an order has them. `zero_remains_unknown`: before the end a `remains` of 0 says nothing.
    """

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
    zero_remains_unknown: bool = False
    written: tuple[str, ...] = ("charge", "start_count", "status", "remains", "currency")
    children: Key = field(default_factory=lambda: Key("orders"))
    posts: Key = field(default_factory=lambda: Key("posts"))
    runs: Key = field(default_factory=lambda: Key("runs", Literal.NUMBER))
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grants:
    """A yes to `refill` or `cancel`: a row with the order's id and, under `key`, its own or 1.

    A single one is answered by `one` instead, fixed fields, with the id as well if `one_has_id`,
    spelled as `one_literal` says; `one` None = by a list of one row.
    """

    key: Key
    one: Mapping[str, str] | None = None
    one_has_id: bool = True
    one_literal: Literal = Literal.NUMBER
    order: Key = field(default_factory=lambda: Key("order", Literal.NUMBER))
    rows: Rows = Rows.LIST
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefillStatuses:
    """Rows of `refill_status`; a single one is an object without the refill's id."""

    status: Key
    words: Mapping[RefillWord, str]
    words_read: Mapping[str, RefillWord]
    refill: Key = field(default_factory=lambda: Key("refill", Literal.NUMBER))
    rows: Rows = Rows.LIST
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Services:
    """Rows of `services`, in the order of writing. Keys are named as `Listing` names its fields.

    `types` has one written word per type; `types_read` adds words, compared as `plain_type` does.
    `page_size`: the list comes in pages of so many rows, asked for by `offset`.
    """

    keys: Mapping[str, Key]
    types: Mapping[ServiceType, str]
    types_read: Mapping[str, ServiceType] = field(default_factory=dict[str, ServiceType])
    always: Mapping[str, str] = field(default_factory=dict[str, str])
    page_size: int | None = None
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Balances:
    """The answer to `balance`."""

    amount: Key
    currency: Key
    marker: Mapping[str, str] = field(default_factory=dict[str, str])
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spelling:
    """The whole declaration. `texts`: our refusals, `{}` for the bound or the field.

    `meanings`: sentences of this panel alone, each with its code. `order_texts`: refusals whose
    text differs where they answer for an order's refill or cancel, `row_texts` those of them that
    differ once more in the rows of many. `constant_currency`: it names the same currency whatever
    it bills in, so that its word is no evidence.
    """

    name: str
    requests: Requests
    adds: Adds
    statuses: Statuses
    services: Services
    balances: Balances
    refills: Grants
    refill_statuses: RefillStatuses
    cancels: Grants
    texts: Mapping[Code, str]
    order_texts: Mapping[Code, str] = field(default_factory=dict[Code, str])
    row_texts: Mapping[Code, str] = field(default_factory=dict[Code, str])
    refusals: tuple[RefusalShape, ...] = (RefusalShape(),)
    meanings: Mapping[str, Code] = field(default_factory=dict[str, Code])
    constant_currency: bool = False
