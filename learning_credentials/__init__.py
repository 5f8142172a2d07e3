"""Decide who has earned a credential, issue it, and let anyone verify it."""

__version__ = "0.2.0"
