"""The form of a page, read and filled in as a browser would do it."""

from html.parser import HTMLParser


class FormOf(HTMLParser):
    """All fields of a page's form whose action begins with `action`, as they would be sent."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._action, self._within, self._text = action, False, ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._within = found.get("action", "").startswith(self._action)
        if not self._within:
            return
        if tag == "textarea":
            self._text = found["name"]
            self.fields[self._text] = ""
        checked = found.get("type") != "checkbox" or "checked" in dict(attrs)
        if tag == "input" and "name" in found and checked:
            self.fields[found["name"]] = found.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._text:
            self.fields[self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text:
            # what follows the tag's own line end
            self.fields[self._text] = self.fields[self._text].removeprefix("\n")
            self._text = ""
        elif tag == "form":
            self._within = False


def form_of(page: str, action: str = "/markup") -> dict[str, str]:
    """The fields as they stand on the page."""
    return FormOf(page, action).fields
