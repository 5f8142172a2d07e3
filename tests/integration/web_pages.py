"""Parse the public pages, and sign their static files."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import count

from django.contrib.staticfiles.storage import StaticFilesStorage


class Outline(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, response):
        super().__init__()
        self.tags = []
        self.text = ""
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def names(self):
        return [name for name, _attrs in self.tags]

    def all(self, name):
        return [attrs for tag, attrs in self.tags if tag == name]

    def links(self):
        return [attrs["href"] for attrs in self.all("a")]

    def meta(self, name):
        return next((m["content"] for m in self.all("meta") if name in (m.get("name"), m.get("property"))), None)


class SigningStorage(StaticFilesStorage):
    """Signs each address anew, as storages of cloud providers can."""

    _signatures = count()

    def url(self, name):
        return f"{super().url(name)}?signature={next(self._signatures)}"


def page_url(verify_uuid, page="") -> str:
    return f"/credentials/{verify_uuid}/{page}"
