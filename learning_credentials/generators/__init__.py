"""Provide the built-in generators: ``generate_*`` functions that make the artifact of one credential."""

from learning_credentials.generators.open_badge import generate_open_badge
from learning_credentials.generators.pdf import generate_pdf_credential

__all__ = ("generate_open_badge", "generate_pdf_credential")
