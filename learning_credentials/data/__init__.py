"""Define the immutable values that pass between the layers, one module for each topic.

Generators receive these values and never Django models. Import the values from this package.
"""

from learning_credentials.data.assets import Asset, AssetKind, AssetReader, StaticAssets
from learning_credentials.data.credentials import (
    Artifact,
    BadgeData,
    ContextData,
    CredentialData,
    IssuerData,
    SignatoryData,
)
from learning_credentials.data.criteria import CriteriaSource, CriteriaText
from learning_credentials.data.eligibility import Eligibility
from learning_credentials.data.fields import FieldData, FieldKind
from learning_credentials.data.inspection import (
    ClaimFormat,
    Claims,
    Compared,
    FileKind,
    Finding,
    Inspection,
    SignatureCheck,
    Verdict,
)
from learning_credentials.data.learner_status import (
    LearnerQuery,
    LearnerRunStatus,
    LearnerStatus,
    ProgramStatus,
    RunGrade,
    RunStatus,
)
from learning_credentials.data.privacy import WITHDRAWN, Keep, Retirement
from learning_credentials.data.translations import Translations, choose, list_tags, normalise_tag
from learning_credentials.data.verification import (
    CredentialVisibility,
    ImageFile,
    PagePicture,
    Verification,
    VerificationStatus,
)

__all__ = [
    "WITHDRAWN",
    "Artifact",
    "Asset",
    "AssetKind",
    "AssetReader",
    "BadgeData",
    "ClaimFormat",
    "Claims",
    "Compared",
    "ContextData",
    "CredentialData",
    "CredentialVisibility",
    "CriteriaSource",
    "CriteriaText",
    "Eligibility",
    "FieldData",
    "FieldKind",
    "FileKind",
    "Finding",
    "ImageFile",
    "Inspection",
    "IssuerData",
    "Keep",
    "LearnerQuery",
    "LearnerRunStatus",
    "LearnerStatus",
    "PagePicture",
    "ProgramStatus",
    "Retirement",
    "RunGrade",
    "RunStatus",
    "SignatoryData",
    "SignatureCheck",
    "StaticAssets",
    "Translations",
    "Verdict",
    "Verification",
    "VerificationStatus",
    "choose",
    "list_tags",
    "normalise_tag",
]
