"""A dialect from a document, for a panel that none of the built-in ones fits (protocol.md 7).

The document is TOML and says only what differs from its base; docs/dialects.md has all of it.
"""

import tomllib
from dataclasses import replace

from gateway.dialects.built_in import BUILT_IN
from gateway.dialects.dialect import Dialect
from gateway.dialects.document_checks import check, completed
from gateway.dialects.document_errors import Complaints, DialectErrors, unknown
from gateway.dialects.document_parts import DOCUMENT, schema
from gateway.dialects.document_toml import write_toml
from gateway.dialects.document_values import Said
from gateway.dialects.spelling import Spelling
from gateway.dialects.standard import STANDARD

__all__ = ["DialectErrors", "document_schema", "read_dialect", "write_dialect"]

BYTES_MAX = 64 * 1024


def read_dialect(name: str, text: str) -> Dialect:
    """The dialect that a document describes, under a name. Raises DialectErrors with all mistakes.

    Nothing else is raised, whatever the text.
    """
    wrong = Complaints()
    said = _read_toml(text, wrong)
    held = _base(said.pop("base", STANDARD.name), wrong)
    spelling = DOCUMENT.read(replace(held, name=name), said, (), wrong)
    spelling = completed(spelling)
    contradictions = Complaints()
    check(spelling, contradictions)
    wrong.add_others(contradictions)
    wrong.raise_any()
    return Dialect(spelling)


def write_dialect(dialect: Dialect) -> str:
    """The shortest document of a dialect: what differs from the nearest base.

    `read_dialect` of it has the same spelling, for every dialect that passes the same checks.
    """
    drafts = {
        name: _differences(held.spelling, dialect.spelling) for name, held in BUILT_IN.items()
    }
    nearest = min(drafts, key=lambda name: _size(drafts[name]))
    head = f"# How the panel spells the protocol: what differs from {nearest}.\n"
    lines = [head, f'base = "{nearest}"', *write_toml(drafts[nearest])]
    return "\n".join(lines) + "\n"


def document_schema() -> dict[str, object]:
    """All that a document can say, as a JSON schema for editors that check while one types."""
    return {
        **schema({"base": {"enum": sorted(BUILT_IN)}}),
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A panel's dialect",
    }


def _read_toml(text: str, wrong: Complaints) -> dict[str, object]:
    if len(text.encode(errors="surrogatepass")) > BYTES_MAX:
        wrong.add((), f"is longer than {BYTES_MAX:,} bytes")
        wrong.raise_any()
    try:
        return tomllib.loads(text)
    except RecursionError:
        wrong.add((), "is nested too deeply")
    except ValueError as error:  # also for whole numbers of thousands of digits
        wrong.add((), f"is not TOML: {error}")
    raise DialectErrors(wrong.errors)


def _base(name: object, wrong: Complaints) -> Spelling:
    if isinstance(name, str) and name in BUILT_IN:
        return BUILT_IN[name].spelling
    wrong.add(("base",), unknown("base", str(name), BUILT_IN))
    return STANDARD.spelling


def _differences(held: Spelling, spelling: Spelling) -> dict[str, Said]:
    said = DOCUMENT.say(held, spelling)
    return said if isinstance(said, dict) else {}


def _size(said: Said) -> int:
    if isinstance(said, dict):
        return sum(1 + _size(each) for each in said.values())
    return sum(map(_size, said)) if isinstance(said, list) else 1
