"""Define which learning contexts an account administers."""

from __future__ import annotations

from dataclasses import dataclass

from learning_credentials.folding import compose


@dataclass(frozen=True, slots=True)
class Scope:
    """The learning contexts that an account administers: single keys, and all keys that begin with one of the prefixes.

    The prefixes usually stand for organisations, such as ``course-v1:Uni+``. Keys and prefixes are compared with regard to case. An empty
    `Scope` contains nothing.
    """

    keys: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    is_everything: bool = False

    def __post_init__(self) -> None:
        """Leave out what a prefix contains already."""
        prefixes: list[str] = []
        for prefix in sorted({compose(prefix) for prefix in self.prefixes}):
            if not prefixes or not prefix.startswith(prefixes[-1]):
                prefixes.append(prefix)
        is_everything = self.is_everything or "" in prefixes
        kept = () if is_everything else tuple(prefixes)
        keys = frozenset() if is_everything else frozenset(map(compose, self.keys))
        if kept:
            keys = frozenset(key for key in keys if not key.startswith(kept))
        for name, value in (("keys", keys), ("prefixes", kept), ("is_everything", is_everything)):
            object.__setattr__(self, name, value)

    @classmethod
    def everything(cls) -> Scope:
        """Return the scope of an account that administers all contexts."""
        return cls(is_everything=True)

    def covers(self, context_key: str) -> bool:
        """Return whether the scope contains a context."""
        key = compose(context_key)
        return self.is_everything or key in self.keys or bool(self.prefixes and key.startswith(self.prefixes))

    def covers_prefix(self, prefix: str) -> bool:
        """Return whether the scope contains every context whose key begins with the prefix."""
        return self.is_everything or bool(self.prefixes and compose(prefix).startswith(self.prefixes))

    def __or__(self, other: Scope) -> Scope:
        return Scope(self.keys | other.keys, self.prefixes + other.prefixes, self.is_everything or other.is_everything)

    def __bool__(self) -> bool:
        return self.is_everything or bool(self.keys or self.prefixes)
