"""Convert keys in paths to NFC, so that a key can be given in every Unicode form."""

from __future__ import annotations

from django.urls.converters import PathConverter, StringConverter

from learning_credentials.folding import compose


class ContextKeyConverter(StringConverter):
    """The key of a learning context, without slashes."""

    def to_python(self, value: str) -> str:
        """Return the key in NFC."""
        return compose(value)


class CourseKeyConverter(PathConverter):
    """The key of a course run. Old keys contain slashes."""

    def to_python(self, value: str) -> str:
        """Return the key in NFC."""
        return compose(value)
