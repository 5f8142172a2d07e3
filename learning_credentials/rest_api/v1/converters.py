"""Path converters: the key of a learning context is understood in every Unicode form."""

from __future__ import annotations

from django.urls.converters import PathConverter, StringConverter

from learning_credentials.folding import compose


class ContextKeyConverter(StringConverter):
    """The key of a learning context, without slashes."""

    def to_python(self, value: str) -> str:
        """Compose it."""
        return compose(value)


class CourseKeyConverter(PathConverter):
    """The key of a course run. Keys of an older kind hold slashes."""

    def to_python(self, value: str) -> str:
        """Compose it."""
        return compose(value)
