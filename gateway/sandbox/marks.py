"""What a link asks of the sandbox: `#partial`, or `?fate=partial&fault=hang_after`."""

import re
from dataclasses import dataclass

REFILL_REJECTED = "refill_rejected"
UNCANCELABLE = "uncancelable"
CANCEL_IGNORED = "cancel_ignored"
EXPIRED = "expired"
PAUSED = "paused"

_ANY = re.compile(r"[?#](.*)", re.DOTALL)
_BREAK = re.compile(r"[?#&;,]")
_POSTS = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Marks:
    """The words after `fate=` and `fault=`, and bare ones; known or not is for others to say.

    `posts`: how many posts come while a subscription runs; None = as many as it waits for.
    """

    fate: str = ""
    fault: str = ""
    bare: tuple[str, ...] = ()
    posts: int | None = None


NONE = Marks()


def read_marks(link: str) -> Marks:
    """The marks of a link. Of two marks with one name the last wins."""
    found = _ANY.search(link)
    if found is None:
        return NONE
    named: dict[str, str] = {}
    bare: list[str] = []
    for part in _BREAK.split(found[1].lower()):
        name, equals, word = part.partition("=")
        if equals:
            named[name] = word
        else:
            bare.append(name)
    posts = named.get("posts", "")
    return Marks(
        named.get("fate", ""),
        named.get("fault", ""),
        tuple(bare),
        int(posts) if _POSTS.fullmatch(posts) else None,
    )
