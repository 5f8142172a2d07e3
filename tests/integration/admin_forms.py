"""Fill in forms of the admin as a browser does: open the page, change some inputs and send all of them."""

from __future__ import annotations

from html.parser import HTMLParser


class _Inputs(HTMLParser):
    """Collect the inputs of the form that saves, with the values that a browser sends."""

    def __init__(self):
        super().__init__()
        self.values: dict[str, str] = {}
        self._is_inside = False
        self._select = self._textarea = ""

    def handle_starttag(self, tag, attrs):
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_inside = found.get("id", "").endswith("_form") or "action" not in found
        name = found.get("name", "")
        if not self._is_inside or (not name and tag != "option"):
            return
        if tag == "input":
            kind = found.get("type", "text")
            is_sent = kind not in {"submit", "file", "checkbox", "radio"} or "checked" in found
            if is_sent:
                self.values[name] = found.get("value", "on" if kind == "checkbox" else "")
        elif tag == "textarea":
            self._textarea = name
            self.values[name] = ""
        elif tag == "select":
            self._select = name
            self.values.setdefault(name, "")
        elif tag == "option" and self._select and "selected" in found:
            self.values[self._select] = found.get("value", "")

    def handle_data(self, data):
        if self._textarea:
            self.values[self._textarea] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            # A browser removes the first line end and sends the others as CRLF.
            text = self.values[self._textarea].removeprefix("\r").removeprefix("\n")
            self.values[self._textarea] = text.replace("\r\n", "\n").replace("\n", "\r\n")
            self._textarea = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._is_inside = False


def read_form(page):
    """Return what a browser would send for the page's unchanged form."""
    parser = _Inputs()
    parser.feed(page.text)
    return {name: value for name, value in parser.values.items() if "__prefix__" not in name}


class Tab:
    """A page with a form in a browser tab."""

    def __init__(self, client, url):
        self._client, self._url = client, url
        self.page = client.get(url)
        assert self.page.status_code == 200
        self.values = read_form(self.page)

    def send(self, *without, **changes):
        """Send the form with some inputs changed or left out. If a page comes back, continue with it."""
        names = {name.replace("__", "-") if name.count("__") == 2 else name: value for name, value in changes.items()}
        values = {name: value for name, value in {**self.values, **names}.items() if name not in without}
        self.page = self._client.post(self._url, values)
        if self.page.status_code == 200:
            self.values = read_form(self.page)
        return self.page

    @property
    def is_conflict(self):
        """Return whether the page says that somebody else changed the row."""
        return self.page.status_code == 200 and "Somebody else changed this" in self.page.text
