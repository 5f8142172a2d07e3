"""The rules for certificate statuses, under the name that hosts know them by."""

from learning_credentials.services.standings import CertificateFacts, decide

__all__ = ["CertificateFacts", "decide"]
