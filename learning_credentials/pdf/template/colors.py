"""Define the colours of the built-in page."""

from __future__ import annotations

INK = "#1d2d44"
ACCENT = "#8a6a1f"
MUTED = "#55606e"
GOLD = "#b8994f"
