"""A credential that is a letter of plain text."""

from collections.abc import Callable
from typing import Any

from pydantic import Field

from learning_credentials.data import Artifact, AssetReader, CredentialData
from learning_credentials.options import Options, parse
from learning_credentials.plugins import generator


class LetterOptions(Options):
    """What an operator can set in a type or a configuration."""

    greeting: str = Field("Congratulations", max_length=100, description="The first words of the letter.")


def prepare_letters(options: dict[str, Any], assets: AssetReader) -> Callable[[CredentialData], Artifact]:
    """Read the options once; return a function that writes one letter."""
    greeting = parse(LetterOptions, options).greeting

    def write(credential: CredentialData) -> Artifact:
        lines = [
            f"{greeting}, {credential.user_full_name}!",
            f"{credential.learning_context_name}, {credential.issue_date.isoformat()}",
            credential.verify_url,
        ]
        return Artifact("\n".join(lines).encode(), media_type="text/plain", extension="txt")

    return write


@generator(options=LetterOptions, prepare=prepare_letters)
def generate_letter(credential: CredentialData, options: dict[str, Any]) -> Artifact:
    """Write a letter of plain text."""
    return prepare_letters(options, credential.assets)(credential)
