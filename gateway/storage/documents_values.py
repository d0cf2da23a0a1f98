"""The values that operators write in documents: amounts, texts, names, addresses."""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from gateway.dialects.quirks import id_pattern
from gateway.domain.money import read_amount
from gateway.domain.placements import QUANTITY_MAX
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType, read_type
from gateway.storage.documents_errors import unknown

ID_MAX = 2**53 - 1
DECIMALS_MAX = 12
AMOUNT_BELOW = Decimal(10) ** 12
PROVIDER_NAME = r"[A-Za-z][A-Za-z0-9_-]{0,39}"

# control characters, and those that turn the direction of what follows on a page
_UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)
_QUOTE_IT = 'write amounts in quotes, as in "0.25"'


def _text(value: str) -> str:
    if _UNPRINTABLE.search(value):
        raise ValueError("holds a control character")
    return unicodedata.normalize("NFC", value).strip()


def _line(value: str) -> str:
    if "\n" in value:
        raise ValueError("holds a line break")
    value = _text(value)
    if not value:
        raise ValueError("is empty")
    return value


def _amount(value: object) -> Decimal:
    if isinstance(value, Decimal):
        raise ValueError(_QUOTE_IT)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"is not an amount: {_QUOTE_IT}")
    amount = read_amount(str(value)) if isinstance(value, str) or abs(value) < ID_MAX else None
    if amount is None:
        raise ValueError(f"is not an amount: {_QUOTE_IT}")
    _, _, exponent = amount.as_tuple()
    if not abs(amount) < AMOUNT_BELOW or not isinstance(exponent, int) or -exponent > DECIMALS_MAX:
        raise ValueError(f"should be below {AMOUNT_BELOW:f}, with {DECIMALS_MAX} decimals at most")
    return amount


def _not_negative(value: object) -> Decimal:
    amount = _amount(value)
    if amount < 0:
        raise ValueError("is below 0")
    return amount


def _above_zero(value: object) -> Decimal:
    amount = _amount(value)
    if amount <= 0:
        raise ValueError("should be above 0")
    return amount


def _percent(value: object) -> Decimal:
    amount = _amount(value)
    if amount < -100:
        raise ValueError("is below -100")
    return amount


def _service_type(value: object) -> ServiceType:
    if not isinstance(value, str):
        raise ValueError("should be text in quotes")
    kind = read_type(value)
    if kind is None:
        raise ValueError(unknown("type", value, ServiceType))
    return kind


def _url(value: str) -> str:
    value = _line(value)
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError("is not a URL") from error
    if not host or port == 0 or re.search(r"[\s\\]", value) or parts.username is not None:
        raise ValueError("is not a URL of the form https://host/path")
    if parts.fragment or parts.query:
        raise ValueError("has a query or a fragment: only https://host/path")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise ValueError("should be https:// (http:// only for this machine)")
    return value


def _id_pattern(value: str) -> str:
    pattern = id_pattern(value)
    if pattern.fullmatch("") or pattern.fullmatch("0"):
        raise ValueError('fits an empty id or "0": no order is called so')
    return value


def _meaning(value: object) -> Code:
    if not isinstance(value, str):
        raise ValueError("should be text in quotes")
    if value not in set(Code):
        raise ValueError(unknown("meaning", value, Code))
    return Code(value)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _matches(pattern: str, wanted: str) -> Callable[[str], str]:
    compiled = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(f"should be {wanted}")
        return value

    return check


_AMOUNT_SCHEMA = WithJsonSchema(
    {
        "anyOf": [
            {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"},
            {"type": "integer"},
        ]
    }
)
Line = Annotated[str, Field(max_length=500), AfterValidator(_line)]
Text = Annotated[str, Field(max_length=10_000), AfterValidator(_text)]
Percent = Annotated[Decimal, PlainValidator(_percent), _AMOUNT_SCHEMA]
NotNegative = Annotated[Decimal, PlainValidator(_not_negative), _AMOUNT_SCHEMA]
AboveZero = Annotated[Decimal, PlainValidator(_above_zero), _AMOUNT_SCHEMA]
Currency = Annotated[
    str, AfterValidator(_matches("[A-Z]{3,5}", "3 to 5 capital letters, as in USD"))
]
KeyEnv = Annotated[
    str, AfterValidator(_matches("[A-Z][A-Z0-9_]{0,99}", "a variable's name in capitals"))
]
Type = Annotated[
    ServiceType,
    PlainValidator(_service_type),
    WithJsonSchema({"type": "string", "enum": [kind.value for kind in ServiceType]}),
]
AnswerKey = Annotated[str, Field(max_length=64), AfterValidator(_line)]
IdPattern = Annotated[str, Field(max_length=200), AfterValidator(_id_pattern)]
Meaning = Annotated[
    Code,
    PlainValidator(_meaning),
    WithJsonSchema({"type": "string", "enum": [code.value for code in Code]}),
]
Id = Annotated[int, Field(ge=1, le=ID_MAX)]
Quantity = Annotated[int, Field(ge=1, le=QUANTITY_MAX)]
Seconds = Annotated[int, Field(ge=1, le=86_400)]
Url = Annotated[str, Field(max_length=500), AfterValidator(_url)]
Patterns = Annotated[list[Line], Field(max_length=1_000)]
