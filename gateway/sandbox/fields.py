"""From a body to fields, as widely as panels read them: a form, or one JSON object."""

from urllib.parse import parse_qsl

from gateway.dialects.json_text import Json, read
from gateway.dialects.messages import Fields

FIELDS_MAX = 256


def read_fields(body: bytes, content_type: str) -> Fields | None:
    """The fields of a body, None when it is neither form nor JSON.

    The last of a repeated field wins, but `name[]` and JSON arrays make lists.
    """
    if "json" in content_type or (not content_type and body.lstrip()[:1] == b"{"):
        return _from_json(read(body))
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict"
        )
    except ValueError:
        return None
    return _from_pairs(pairs)


def _from_pairs(pairs: list[tuple[str, str]]) -> Fields:
    fields: dict[str, str | tuple[str, ...]] = {}
    lists: dict[str, list[str]] = {}
    for name, text in pairs:
        stem, bracket, rest = name.partition("[")
        if bracket and rest.endswith("]"):
            lists.setdefault(stem, []).append(text)
        else:
            fields[name] = text
    fields.update((name, tuple(texts)) for name, texts in lists.items())
    return fields


def _from_json(value: Json) -> Fields | None:
    if not isinstance(value, dict) or len(value) > FIELDS_MAX:
        return None
    fields: dict[str, str | tuple[str, ...]] = {}
    for name, field in value.items():
        if isinstance(field, list):
            texts = [_text(each) for each in field]
            if any(text is None for text in texts):
                return None
            fields[name] = tuple(text for text in texts if text is not None)
        elif field is not None:
            text = _text(field)
            if text is None:
                return None
            fields[name] = text
    return fields


def _text(value: Json) -> str | None:
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return None
    return str(value)
