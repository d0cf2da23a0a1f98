"""What was chosen of a table by its check boxes, or as a whole."""

from collections.abc import Sequence

from gateway.admin.visits import Form, Stop, whole

WHICH = ("ticked", "shown", "fitting")


def which_of(form: Form) -> str:
    """Those that were ticked, all that were shown, or all that fit."""
    which = form.one("which")
    return which if which in WHICH else "ticked"


def picked(form: Form, name: str, *, back: str = "/services") -> Sequence[str]:
    """The values, each once; raises `Stop` when there are none."""
    found = tuple(dict.fromkeys(form.many(name)))
    if not found:
        raise Stop("Nothing was chosen, and nothing changed.", then="Tick some.", back=back)
    return found


def number_of(text: str, back: str) -> int:
    """An id of ours as a form says it; raises `Stop`."""
    number = whole(text)
    if number is None:
        raise Stop("There is no such service. Nothing was changed.", back=back)
    return number
