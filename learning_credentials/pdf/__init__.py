"""Provide the PDF engine. It checks assets, parses options, renders credentials, signs documents, and reads PDFs from strangers.

Other parts of the app import from here only. The libraries that draw (reportlab, pypdf, Pillow, fontTools, HarfBuzz) are imported at the
first call, so that Django starts quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.designs.catalogue import (
    DESIGN_COLOUR,
    DESIGN_NAMES,
    DESIGN_PAPERS,
    MadeDesign,
    make_design,
)
from learning_credentials.pdf.document.attached_file import AttachedFile
from learning_credentials.pdf.fonts.names import BUILTIN_NAMES
from learning_credentials.pdf.inspection.stranger import read_stranger
from learning_credentials.pdf.layout_data import DesignElement, Layout
from learning_credentials.pdf.locales import choose_locale
from learning_credentials.pdf.options import PDFOptions
from learning_credentials.pdf.placeholders import MAX_SIGNATORIES, Placeholder, list_placeholders
from learning_credentials.pdf.text.clusters import is_ignorable

#: A proof sheet shows so many certificates.
MOST_PROOFS = 8

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from learning_credentials.conf import PDFSigner
    from learning_credentials.data import AssetKind, AssetReader, CredentialData
    from learning_credentials.pdf.character_facts import CharacterFacts
    from learning_credentials.pdf.digital_signatures.signer import Signer
    from learning_credentials.pdf.rendering import Renderer

__all__ = (
    "BUILTIN_NAMES",
    "DESIGN_COLOUR",
    "DESIGN_NAMES",
    "DESIGN_PAPERS",
    "MAX_SIGNATORIES",
    "MOST_PROOFS",
    "AttachedFile",
    "DesignElement",
    "Layout",
    "MadeDesign",
    "PDFOptions",
    "Placeholder",
    "check_asset",
    "check_signer",
    "choose_locale",
    "describe_form_fields",
    "draw_proof_sheet",
    "find_signer",
    "find_undrawable",
    "find_unshipped_scripts",
    "get_character_facts",
    "has_cjk_extra",
    "is_ignorable",
    "lay_out",
    "list_placeholders",
    "list_secret_files",
    "list_signers",
    "make_design",
    "prepare_renderer",
    "read_stranger",
)


def check_asset(kind: AssetKind, content: bytes) -> None:
    """Check that a file can be used as an asset of a kind. A child process with limits of time and memory reads it.

    Raises:
        AssetError: it cannot; the message says why.
        TransientError: the server is too busy to check it now.
    """
    from learning_credentials.pdf.assets.checking import check

    check(kind, content)


def describe_form_fields(content: bytes) -> dict[str, str]:
    """Return what fills each form field of a template without further options, in words. It is empty if nothing does.

    Raises:
        AssetError: the template cannot be used.
        TransientError: the server is too busy to check it now.
    """
    from learning_credentials.pdf import form_help

    return form_help.describe_form_fields(content)


def prepare_renderer(options: Mapping[str, Any], assets: AssetReader) -> Renderer:
    """Return a function that renders credentials. What all credentials with these options share is prepared once.

    Its arguments are the credential and, optionally, a file to attach.

    The function raises `GenerationError` for a credential that cannot be made. Imperfections, such as a missing image, are in
    ``Artifact.warnings``. Issuing records them, and a preview treats them as errors.

    Raises:
        OptionsError: the options are wrong.
        AssetError: an asset that the options name is missing or cannot be used.
        StorageUnavailableError: an asset could not be read.
    """
    from learning_credentials.pdf.rendering import get_renderer

    return get_renderer(options, assets)


def lay_out(options: Mapping[str, Any], assets: AssetReader, credential: CredentialData) -> Layout:
    """Return where the elements of a design are on the pages of a credential, for pages on which operators move them.

    Raises:
        GenerationError: the credential cannot be made. The message begins with the path of the element, if one is the cause.
        OptionsError, AssetError, StorageUnavailableError: as in `prepare_renderer`.
    """
    from learning_credentials.pdf import layout

    return layout.lay_out(options, assets, credential)


def find_undrawable(text: str) -> str:
    """Return the characters of a name that no font can draw, neither a shipped font nor one of the server. Each has its code point."""
    from learning_credentials.pdf import undrawable

    return undrawable.find_undrawable(text)


def get_character_facts(character: str) -> CharacterFacts:
    """Return what makes a character of a name hard to print."""
    from learning_credentials.pdf import character_facts

    return character_facts.get_character_facts(character)


def draw_proof_sheet(heading: str, summary: str, certificates: Sequence[tuple[bytes, str, str]]) -> bytes:
    """Return a PDF with one page that shows several certificates, each with a title and a note.

    Args:
        heading: of the page.
        summary: the text below it.
        certificates: at most `MOST_PROOFS`: the PDF, the title and the note of each. Without a PDF there is an empty frame.
    """
    from learning_credentials.pdf import proof_sheet

    return proof_sheet.draw_proof_sheet(heading, summary, [proof_sheet.Tile(*each) for each in certificates])


def find_unshipped_scripts(languages: Iterable[str]) -> dict[str, str]:
    """Return the names of scripts that no shipped font has, each with one of its characters.

    Args:
        languages: language codes of the site. The scripts of East Asia are always among the results.
    """
    from learning_credentials.pdf.fonts import scripts

    return scripts.find_unshipped_scripts(languages)


def has_cjk_extra() -> bool:
    """Return whether the font of the extra ``cjk`` is installed."""
    from learning_credentials.pdf.fonts.scripts import has_extra

    return has_extra()


def find_signer() -> Signer | None:
    """Return the signer of finished documents, or None if ``PDF_SIGNER`` is not set.

    Raises:
        ConfigurationError: ``PDF_SIGNER`` is wrong, its certificate is not valid now, or the extra ``sign`` is not installed.
    """
    from learning_credentials.conf import get_settings

    if get_settings().PDF_SIGNER is None:
        return None
    from learning_credentials.pdf.digital_signatures import signer

    return signer.find_signer()


def check_signer() -> datetime:
    """Check the files that ``PDF_SIGNER`` names, without pyHanko. Return when the certificate expires.

    Raises:
        ConfigurationError: as in `find_signer`, and if ``PDF_SIGNER`` is not set.
    """
    from learning_credentials.pdf.digital_signatures import signer

    return signer.check_signer()


def list_secret_files(options: PDFSigner) -> dict[str, Path]:
    """Return the secret files of a signer, by the path of the option that names each. Only the workers should be able to read them."""
    from learning_credentials.pdf.digital_signatures import certificates

    return certificates.list_secret_files(options)


def list_signers(content: bytes) -> list[str]:
    """Return the names in the certificates of a PDF's signatures, each once. Nothing is proved: anyone can make certificates."""
    from learning_credentials.pdf.inspection.signer_names import list_signers as list_names

    return list_names(content)
