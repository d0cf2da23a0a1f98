"""Why something was done, in the words of whoever did it: one rule for notes and reasons."""

REASON_CHARACTERS_MAX = 500


class NoReason(ValueError):  # noqa: N818  an expected no
    """A reason has 1 to 500 printable characters."""

    def __init__(self) -> None:
        super().__init__(f"say why: a reason has 1 to {REASON_CHARACTERS_MAX} printable characters")


def reason_of(text: str) -> str:
    """The reason without the space around it; raises `NoReason`."""
    reason = " ".join(text.split())
    if not 1 <= len(reason) <= REASON_CHARACTERS_MAX or not reason.isprintable():
        raise NoReason
    return reason


def why_no_reason(text: str) -> str:
    """Why a text is no reason; empty when it is one."""
    try:
        reason_of(text)
    except NoReason as error:
        return str(error)
    return ""
